//! Shipments by hand: single records, such as totals that a source states.
use entity::{
    claim,
    claim::Comparator,
    claim_subject,
    dataset::Valuation,
    shipment::{self, Flow, ModeOfTransport, ReportedBy},
    value::Decimal,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid, sea_query::SelectStatement};

use super::Shipment;
use crate::{
    citation::{NewCitation, cite, stays},
    claim::claims_with_subject,
    country::CountryReference,
    dataset::DatasetReference,
    kit::{
        access::View,
        check::UserErrorCode::{Invalid, Required, Taken},
        curate::{Curated, Entry, Patch, form, inputs, mutations, published},
        error::Result,
        period::Period,
    },
    party::PartyReference,
    product::ProductReference,
    product_list::ProductListReference,
};

inputs! {
    /// A record of a dataset to enter. Much at a time comes in by import.
    NewShipment changed by ShipmentChanges {
        /// The dataset that it is a record of.
        dataset: DatasetReference,
        /// What names the record within its dataset, unique there.
        key: String,
        /// Who reported the movement.
        reported_by: ReportedBy,
        /// Direction and kind of the movement, as the reporter sees it.
        flow: Flow,
        /// Country that the goods left.
        exporter: Option<CountryReference>,
        /// Country that received the goods.
        importer: Option<CountryReference>,
        /// Second partner of a breakdown. Absent unless the record is a part of one.
        second_partner: Option<CountryReference>,
        /// Country in which the goods were made.
        country_of_origin: Option<CountryReference>,
        /// Country from which the goods were sent.
        country_of_dispatch: Option<CountryReference>,
        /// Country for which the goods were bound.
        country_of_destination: Option<CountryReference>,
        /// Who sent the goods.
        consignor: Option<PartyReference>,
        /// Who was to receive the goods.
        consignee: Option<PartyReference>,
        /// The goods, as an item of an edition of the HS.
        product: Option<ProductReference>,
        /// The goods, as a topic, when a total is stated for one.
        product_list: Option<ProductListReference>,
        /// Code of the goods as declared.
        declared_code: Option<String>,
        /// Description of the goods as declared.
        declared_description: Option<String>,
        /// When the goods moved.
        period: Period,
        /// Value of the goods in the currency. Absent when it is not known, which is not zero.
        value: Option<Decimal>,
        /// How the value is meant; `EXACT` when absent. `BETWEEN` is for claims alone.
        value_comparator: Option<Comparator>,
        /// Currency of the value, ISO 4217: `USD`. Goes with a value, and only with one.
        currency: Option<String>,
        /// What the value includes; `UNKNOWN` when absent.
        valuation: Option<Valuation>,
        /// Value at the importer's border (CIF) where it is reported as well.
        cif_value: Option<Decimal>,
        /// Value at the exporter's border (FOB) where it is reported as well.
        fob_value: Option<Decimal>,
        /// Quantity in the unit. Absent when it is not known, which is not zero.
        quantity: Option<Decimal>,
        /// Unit of the quantity, as UN Comtrade abbreviates it: `u`, `kg`. Goes with a quantity, and only with one.
        quantity_unit: Option<String>,
        /// Whether the quantity was estimated by the publisher; no, when absent.
        quantity_estimated: Option<bool>,
        /// Quantity in a second unit.
        alternative_quantity: Option<Decimal>,
        /// The second unit. Goes with a second quantity, and only with one.
        alternative_quantity_unit: Option<String>,
        /// Whether the second quantity was estimated by the publisher; no, when absent.
        alternative_quantity_estimated: Option<bool>,
        /// Mass without packing, in kilograms. Absent when it is not known, which is not zero.
        net_mass: Option<Decimal>,
        /// Whether the net mass was estimated by the publisher; no, when absent.
        net_mass_estimated: Option<bool>,
        /// Mass with packing, in kilograms. Absent when it is not known, which is not zero.
        gross_mass: Option<Decimal>,
        /// Whether the gross mass was estimated by the publisher; no, when absent.
        gross_mass_estimated: Option<bool>,
        /// Customs procedure, as UN Comtrade codes it: `C06`. Absent when the record covers all.
        customs_procedure: Option<String>,
        /// How the goods crossed the border. Absent when the record covers all modes.
        mode_of_transport: Option<ModeOfTransport>,
        /// Number of the customs declaration.
        declaration_number: Option<String>,
        /// Whether the publisher computed the record from others; no, when absent.
        aggregated: Option<bool>,
        /// Where in a source the record stands.
        citation: Option<NewCitation>,
    }
}

impl Curated for Shipment {
    type New = NewShipment;
    type Changes = ShipmentChanges;
    type Parts = ();

    async fn enter(
        entry: &mut Entry,
        row: &mut shipment::Model,
        changes: ShipmentChanges,
    ) -> Result<()> {
        let ShipmentChanges {
            dataset,
            key,
            reported_by,
            flow,
            exporter,
            importer,
            second_partner,
            country_of_origin,
            country_of_dispatch,
            country_of_destination,
            consignor,
            consignee,
            product,
            product_list,
            declared_code,
            declared_description,
            period,
            value,
            value_comparator,
            currency,
            valuation,
            cif_value,
            fob_value,
            quantity,
            quantity_unit,
            quantity_estimated,
            alternative_quantity,
            alternative_quantity_unit,
            alternative_quantity_estimated,
            net_mass,
            net_mass_estimated,
            gross_mass,
            gross_mass_estimated,
            customs_procedure,
            mode_of_transport,
            declaration_number,
            aggregated,
            citation,
        } = changes;
        dataset.refer(entry, "dataset", &mut row.dataset_id).await?;
        key.name(entry, "key", &mut row.key);
        reported_by.set(&mut row.reported_by);
        flow.set(&mut row.flow);
        for (country, field, column) in [
            (exporter, "exporter", &mut row.exporter_id),
            (importer, "importer", &mut row.importer_id),
            (second_partner, "secondPartner", &mut row.partner2_id),
            (country_of_origin, "countryOfOrigin", &mut row.origin_id),
            (
                country_of_dispatch,
                "countryOfDispatch",
                &mut row.dispatch_id,
            ),
            (
                country_of_destination,
                "countryOfDestination",
                &mut row.destination_id,
            ),
        ] {
            country.refer(entry, field, column).await?;
        }
        consignor
            .refer(entry, "consignor", &mut row.consignor_id)
            .await?;
        consignee
            .refer(entry, "consignee", &mut row.consignee_id)
            .await?;
        product.refer(entry, "product", &mut row.product_id).await?;
        product_list
            .refer(entry, "productList", &mut row.product_list_id)
            .await?;
        declared_code.text(entry, "declaredCode", &mut row.declared_code);
        declared_description.text(entry, "declaredDescription", &mut row.declared_description);
        if let Patch::Set(period) = period {
            (row.period_start, row.period_end) = (period.start, period.end);
            row.frequency = period.frequency();
        }
        value.set(&mut row.value);
        value_comparator.set_or(Comparator::Exact, &mut row.value_comparator);
        currency.formed(entry, "currency", &mut row.currency, form::currency);
        valuation.set_or(Valuation::Unknown, &mut row.valuation);
        cif_value.set(&mut row.cif_value);
        fob_value.set(&mut row.fob_value);
        quantity.set(&mut row.quantity);
        quantity_unit.text(entry, "quantityUnit", &mut row.quantity_unit);
        quantity_estimated.set_or(false, &mut row.quantity_estimated);
        alternative_quantity.set(&mut row.alternative_quantity);
        alternative_quantity_unit.text(
            entry,
            "alternativeQuantityUnit",
            &mut row.alternative_quantity_unit,
        );
        alternative_quantity_estimated.set_or(false, &mut row.alternative_quantity_estimated);
        net_mass.set(&mut row.net_mass);
        net_mass_estimated.set_or(false, &mut row.net_mass_estimated);
        gross_mass.set(&mut row.gross_mass);
        gross_mass_estimated.set_or(false, &mut row.gross_mass_estimated);
        customs_procedure.text(entry, "customsProcedure", &mut row.customs_procedure);
        mode_of_transport.set(&mut row.mode_of_transport);
        declaration_number.text(entry, "declarationNumber", &mut row.declaration_number);
        aggregated.set_or(false, &mut row.aggregated);

        rules(entry, row);
        let same = shipment::Entity::find()
            .filter(shipment::Column::DatasetId.eq(row.dataset_id))
            .filter(shipment::Column::Key.eq(&row.key))
            .filter(shipment::Column::Id.ne(row.id));
        if same.one(entry.edit.connection()).await?.is_some() {
            entry
                .check
                .refuse("key", Taken, "is the key of another record of the dataset");
        }
        cited(entry, row, citation).await
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let subject = claim_subject::Column::ShipmentId.eq(id);
        let claimed = claims_with_subject(View::PUBLIC, subject);
        vec![("claims", published::<claim::Entity>(claimed))]
    }
}

/// What must hold between the figures of a record.
fn rules(entry: &mut Entry, row: &shipment::Model) {
    if row.value_comparator == Comparator::Between {
        let message = "a record has one value; state a range as a claim";
        entry.check.refuse("valueComparator", Invalid, message);
    }
    let pairs = [
        (
            "currency",
            row.value.is_some(),
            row.currency.is_some(),
            "a value",
        ),
        (
            "quantityUnit",
            row.quantity.is_some(),
            row.quantity_unit.is_some(),
            "a quantity",
        ),
        (
            "alternativeQuantityUnit",
            row.alternative_quantity.is_some(),
            row.alternative_quantity_unit.is_some(),
            "a second quantity",
        ),
    ];
    for (field, has_figure, has_unit, figure) in pairs {
        if has_figure && !has_unit {
            let message = format!("is needed, since there is {figure}");
            entry.check.refuse(field, Required, message);
        } else if has_unit && !has_figure {
            let message = format!("says nothing without {figure}; leave it out, or give both");
            entry.check.refuse(field, Invalid, message);
        }
    }
    for (field, figure) in [
        ("value", row.value),
        ("cifValue", row.cif_value),
        ("fobValue", row.fob_value),
        ("quantity", row.quantity),
        ("alternativeQuantity", row.alternative_quantity),
        ("netMass", row.net_mass),
        ("grossMass", row.gross_mass),
    ] {
        let is_positive = figure.is_none_or(|figure| figure >= Decimal::ZERO);
        entry
            .check
            .require(is_positive, field, "must not be negative");
    }
}

async fn cited(
    entry: &mut Entry,
    row: &mut shipment::Model,
    citation: Patch<Option<NewCitation>>,
) -> Result<()> {
    entry.check.enter("citation");
    match (citation, row.citation_id) {
        (Patch::Keep, Some(id)) => drop(stays(entry, id).await?),
        (Patch::Keep, None) => {}
        (Patch::Set(None), _) => row.citation_id = None,
        (Patch::Set(Some(new)), _) => {
            let citation = new.row(entry).await?;
            // Of an input with a problem nothing is written.
            if entry.check.is_clean() {
                row.citation_id = Some(cite(entry, row.id, citation).await?);
            }
        }
    }
    entry.check.leave();
    Ok(())
}

mutations! {
    ShipmentMutation of Shipment, ShipmentPayload of shipment,
    create_shipment, update_shipment, publish_shipment, withdraw_shipment, revert_shipment
}
