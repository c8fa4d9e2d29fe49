//! Shipments as flat rows, for exports.
use std::sync::Arc;

use entity::{
    citation, country, dataset, edition, party, product, product_list, shipment,
    shipment::ReportedBy, source,
};

use super::Shipment;
use crate::kit::{
    access::View,
    db::Readers,
    error::Result,
    export::{Column, Exported, Known, columns, global, named},
    record::Record,
};

/// What shipments refer to.
#[derive(Default)]
pub struct References {
    datasets: Known<dataset::Entity>,
    countries: Known<country::Entity>,
    parties: Known<party::Entity>,
    products: Known<product::Entity>,
    editions: Known<edition::Entity>,
    product_lists: Known<product_list::Entity>,
    citations: Known<citation::Entity>,
    sources: Known<source::Entity>,
}

type Of<E> = Option<Arc<<E as sea_orm::EntityTrait>::Model>>;

/// A shipment and what it refers to.
pub struct Row {
    shipment: Shipment,
    dataset: Of<dataset::Entity>,
    exporter: Of<country::Entity>,
    importer: Of<country::Entity>,
    reporter: Of<country::Entity>,
    partner: Of<country::Entity>,
    second_partner: Of<country::Entity>,
    country_of_origin: Of<country::Entity>,
    country_of_dispatch: Of<country::Entity>,
    country_of_destination: Of<country::Entity>,
    consignor: Of<party::Entity>,
    consignee: Of<party::Entity>,
    product: Of<product::Entity>,
    edition: Of<edition::Entity>,
    product_list: Of<product_list::Entity>,
    citation: Of<citation::Entity>,
    source: Of<source::Entity>,
}

impl Exported for Shipment {
    type Row = Row;
    type Known = References;

    const COLUMNS: &'static [Column<Row>] = columns!(Row {
        /// Global id, which `after` takes; rows come in an order of these, which is that of entry.
        id: Text = |row| global(shipment::Entity::NAME, row.shipment.row.id);
        /// Slug of the dataset that it is a record of.
        dataset: Text or null = |row| row.dataset.as_deref().map(|dataset| &dataset.slug);
        /// What names the record within its dataset.
        key: Text = |row| &row.shipment.row.key;
        /// Who reported the movement: EXPORTER, IMPORTER or THIRD_PARTY.
        reportedBy: Text = |row| named(row.shipment.row.reported_by);
        /// Direction and kind of the movement, as the reporter sees it.
        flow: Text = |row| named(row.shipment.row.flow);
        /// Country that the goods left, UN M49; null when the record does not tell.
        exporterM49: Text or null = |row| m49(&row.exporter);
        /// The same, ISO 3166-1 alpha-3; null for areas without one as well.
        exporterAlpha3: Text or null = |row| alpha3(&row.exporter);
        /// Country that received the goods, UN M49; null when the record does not tell.
        importerM49: Text or null = |row| m49(&row.importer);
        /// The same, ISO 3166-1 alpha-3; null for areas without one as well.
        importerAlpha3: Text or null = |row| alpha3(&row.importer);
        /// Country whose authorities reported the movement, UN M49; null when a third party did.
        reporterM49: Text or null = |row| m49(&row.reporter);
        /// The same, ISO 3166-1 alpha-3; null for areas without one as well.
        reporterAlpha3: Text or null = |row| alpha3(&row.reporter);
        /// The country at the other end, UN M49; null when a third party reported the movement.
        partnerM49: Text or null = |row| m49(&row.partner);
        /// The same, ISO 3166-1 alpha-3; null for areas without one as well.
        partnerAlpha3: Text or null = |row| alpha3(&row.partner);
        /// Second partner of a breakdown, UN M49; null when the record is not broken down by it.
        secondPartnerM49: Text or null = |row| m49(&row.second_partner);
        /// Country in which the goods were made, UN M49; null when the record does not tell.
        countryOfOriginM49: Text or null = |row| m49(&row.country_of_origin);
        /// Country from which the goods were sent, UN M49; null when the record does not tell.
        countryOfDispatchM49: Text or null = |row| m49(&row.country_of_dispatch);
        /// Country for which the goods were bound, UN M49; null when the record does not tell.
        countryOfDestinationM49: Text or null = |row| m49(&row.country_of_destination);
        /// Global id of who sent the goods; null when the record does not tell.
        consignorId: Text or null = |row| party_id(&row.consignor);
        /// Name of who sent the goods; null when the record does not tell.
        consignorName: Text or null = |row| row.consignor.as_deref().map(|party| &party.name);
        /// Global id of who was to receive the goods; null when the record does not tell.
        consigneeId: Text or null = |row| party_id(&row.consignee);
        /// Name of who was to receive the goods; null when the record does not tell.
        consigneeName: Text or null = |row| row.consignee.as_deref().map(|party| &party.name);
        /// Edition of the HS that the code is of; null when the record gives no code.
        productEdition: Text or null = |row| row.edition.as_deref().map(|edition| &edition.code);
        /// HS code, as text: leading zeros count; null when the record gives none.
        productCode: Text or null = |row| row.product.as_deref().map(|product| &product.code);
        /// Slug of the product list that says what is meant; null when it is a code, or unknown.
        productList: Text or null = |row| row.product_list.as_deref().map(|list| &list.slug);
        /// Code of the goods as declared; null when none was.
        declaredCode: Text or null = |row| row.shipment.row.declared_code.as_deref();
        /// Description of the goods as declared; null when none was.
        declaredDescription: Text or null = |row| row.shipment.row.declared_description.as_deref();
        /// First day of the period.
        periodStart: Date = |row| row.shipment.row.period_start;
        /// Last day of the period.
        periodEnd: Date = |row| row.shipment.row.period_end;
        /// Length of the period: YEAR, QUARTER, MONTH, DAY or RANGE.
        frequency: Text = |row| named(row.shipment.row.frequency);
        /// Value in the currency; null when it is not known, which is not zero.
        value: Decimal or null = |row| row.shipment.row.value;
        /// How the value is meant: MORE_THAN 100 million is not 100 million.
        valueComparator: Text = |row| named(row.shipment.row.value_comparator);
        /// Currency of the value, ISO 4217; null when there is no value.
        currency: Text or null = |row| row.shipment.row.currency.as_deref();
        /// What the value includes: CIF, FOB or UNKNOWN.
        valuation: Text = |row| named(row.shipment.row.valuation);
        /// Value at the importer's border where it is reported as well; null otherwise.
        cifValue: Decimal or null = |row| row.shipment.row.cif_value;
        /// Value at the exporter's border where it is reported as well; null otherwise.
        fobValue: Decimal or null = |row| row.shipment.row.fob_value;
        /// Quantity in the unit; null when it is not known, which is not zero.
        quantity: Decimal or null = |row| row.shipment.row.quantity;
        /// Unit of the quantity, as UN Comtrade abbreviates it; null when there is no quantity.
        quantityUnit: Text or null = |row| row.shipment.row.quantity_unit.as_deref();
        /// Whether the quantity was estimated by the publisher.
        quantityEstimated: Boolean = |row| row.shipment.row.quantity_estimated;
        /// Quantity in a second unit; null when none is known.
        alternativeQuantity: Decimal or null = |row| row.shipment.row.alternative_quantity;
        /// The second unit; null when there is no second quantity.
        alternativeQuantityUnit: Text or null =
            |row| row.shipment.row.alternative_quantity_unit.as_deref();
        /// Whether the second quantity was estimated by the publisher.
        alternativeQuantityEstimated: Boolean =
            |row| row.shipment.row.alternative_quantity_estimated;
        /// Mass without packing, kg; null when it is not known, which is not zero.
        netMass: Decimal or null = |row| row.shipment.row.net_mass;
        /// Whether the net mass was estimated by the publisher.
        netMassEstimated: Boolean = |row| row.shipment.row.net_mass_estimated;
        /// Mass with packing, kg; null when it is not known, which is not zero.
        grossMass: Decimal or null = |row| row.shipment.row.gross_mass;
        /// Whether the gross mass was estimated by the publisher.
        grossMassEstimated: Boolean = |row| row.shipment.row.gross_mass_estimated;
        /// Customs procedure; null when the record covers all, or none is known.
        customsProcedure: Text or null = |row| row.shipment.row.customs_procedure.as_deref();
        /// Mode of transport; null when the record covers all, or none is known.
        modeOfTransport: Text or null = |row| row.shipment.row.mode_of_transport.map(named);
        /// Number of the customs declaration; null when the record is not one.
        declarationNumber: Text or null = |row| row.shipment.row.declaration_number.as_deref();
        /// Whether the publisher computed the record from others.
        aggregated: Boolean = |row| row.shipment.row.aggregated;
        /// Global id of the source that the record's citation names; null when the dataset's
        /// source is all that is known.
        sourceId: Text or null =
            |row| row.source.as_deref().map(|source| global(source::Entity::NAME, source.id));
        /// Title of that source.
        sourceTitle: Text or null = |row| row.source.as_deref().map(|source| &source.title);
        /// Where that source was published; null when its address is not known as well.
        sourceUrl: Text or null = |row| row.source.as_deref().and_then(|source| source.url.as_ref());
        /// Where in that source; null for the source as a whole as well.
        citationLocator: Text or null =
            |row| row.citation.as_deref().and_then(|citation| citation.locator.as_deref());
        /// Where the record stands: PUBLISHED, and for those who may see others DRAFT or WITHDRAWN.
        status: Text = |row| named(row.shipment.row.status);
        /// Counts the record's changes, from 1.
        version: Integer = |row| row.shipment.row.version;
        /// When the record was entered, UTC.
        createdAt: Instant = |row| row.shipment.row.created_at;
        /// When the record was last changed, UTC.
        updatedAt: Instant = |row| row.shipment.row.updated_at;
    });

    async fn learn(
        known: &mut References,
        db: &Readers,
        view: View,
        rows: &[shipment::Model],
    ) -> Result<()> {
        let each = |column: fn(&shipment::Model) -> Option<sea_orm::prelude::Uuid>| {
            let ids: Vec<_> = rows.iter().map(column).collect();
            ids
        };
        let countries = [
            each(|row| row.exporter_id),
            each(|row| row.importer_id),
            each(|row| row.partner2_id),
            each(|row| row.origin_id),
            each(|row| row.dispatch_id),
            each(|row| row.destination_id),
        ];
        let parties = [each(|row| row.consignor_id), each(|row| row.consignee_id)];
        known
            .datasets
            .learn(db, view, each(|row| Some(row.dataset_id)))
            .await?;
        known.countries.learn(db, view, countries.concat()).await?;
        known.parties.learn(db, view, parties.concat()).await?;
        known
            .products
            .learn(db, view, each(|row| row.product_id))
            .await?;
        let editions: Vec<_> = rows
            .iter()
            .map(|row| {
                known
                    .products
                    .get(row.product_id)
                    .map(|product| product.edition_id)
            })
            .collect();
        known.editions.learn(db, view, editions).await?;
        known
            .product_lists
            .learn(db, view, each(|row| row.product_list_id))
            .await?;
        known
            .citations
            .learn(db, view, each(|row| row.citation_id))
            .await?;
        let sources: Vec<_> = rows
            .iter()
            .map(|row| {
                known
                    .citations
                    .get(row.citation_id)
                    .map(|citation| citation.source_id)
            })
            .collect();
        known.sources.learn(db, view, sources).await
    }

    fn row(known: &References, row: shipment::Model) -> Row {
        let shipment = Shipment::from(row);
        let row = &shipment.row;
        let (reporter, partner) = match row.reported_by {
            ReportedBy::Exporter => (row.exporter_id, row.importer_id),
            ReportedBy::Importer => (row.importer_id, row.exporter_id),
            ReportedBy::ThirdParty => (None, None),
        };
        let product = known.products.get(row.product_id);
        let citation = known.citations.get(row.citation_id);
        Row {
            dataset: known.datasets.get(Some(row.dataset_id)),
            exporter: known.countries.get(row.exporter_id),
            importer: known.countries.get(row.importer_id),
            reporter: known.countries.get(reporter),
            partner: known.countries.get(partner),
            second_partner: known.countries.get(row.partner2_id),
            country_of_origin: known.countries.get(row.origin_id),
            country_of_dispatch: known.countries.get(row.dispatch_id),
            country_of_destination: known.countries.get(row.destination_id),
            consignor: known.parties.get(row.consignor_id),
            consignee: known.parties.get(row.consignee_id),
            edition: known
                .editions
                .get(product.as_deref().map(|product| product.edition_id)),
            product,
            product_list: known.product_lists.get(row.product_list_id),
            source: known
                .sources
                .get(citation.as_deref().map(|citation| citation.source_id)),
            citation,
            shipment,
        }
    }
}

fn m49(country: &Of<country::Entity>) -> Option<&String> {
    country.as_deref().map(|country| &country.m49)
}

fn alpha3(country: &Of<country::Entity>) -> Option<&str> {
    country
        .as_deref()
        .and_then(|country| country.alpha3.as_deref())
}

fn party_id(party: &Of<party::Entity>) -> Option<crate::kit::export::Cell<'static>> {
    party
        .as_deref()
        .map(|party| global(party::Entity::NAME, party.id))
}
