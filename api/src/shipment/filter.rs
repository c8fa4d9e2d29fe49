//! Which shipments.
use async_graphql::{ID, InputObject};
use entity::{
    claim::Comparator,
    dataset::Valuation,
    shipment::{self, Flow, ModeOfTransport, ReportedBy},
    value::{Date, Decimal, Frequency, Status, Timestamp},
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    citation::CitationFilter,
    country::CountryFilter,
    dataset::DatasetFilter,
    kit::{
        error::Result,
        filter::{Filter, Scope},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums},
        period::Period,
    },
    party::PartyFilter,
    product::ProductFilter,
    product_list::ProductListFilter,
};

choosable_enums!(Flow, Frequency, ModeOfTransport, ReportedBy, Comparator);

/// Which shipments.
#[derive(InputObject)]
pub struct ShipmentFilter {
    /// All of these hold.
    and: Option<Vec<ShipmentFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ShipmentFilter>>,
    /// This does not hold.
    not: Option<Box<ShipmentFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By key within the dataset.
    key: Option<CodeFilter>,
    /// By who reported the movement.
    reported_by: Option<Choice<ReportedBy>>,
    /// By direction and kind of the movement.
    flow: Option<Choice<Flow>>,
    /// By period: those that lie within this one, both ends included.
    during: Option<Period>,
    /// By first day of the period.
    period_start: Option<Comparison<Date>>,
    /// By last day of the period.
    period_end: Option<Comparison<Date>>,
    /// By length of the period.
    frequency: Option<Choice<Frequency>>,
    /// By value, whatever the currency.
    value: Option<Comparison<Decimal>>,
    /// By how the value is meant.
    value_comparator: Option<Choice<Comparator>>,
    /// By currency, ISO 4217.
    currency: Option<CodeFilter>,
    /// By what the value includes.
    valuation: Option<Choice<Valuation>>,
    /// By quantity, whatever the unit.
    quantity: Option<Comparison<Decimal>>,
    /// By unit of the quantity.
    quantity_unit: Option<CodeFilter>,
    /// By net mass, kg.
    net_mass: Option<Comparison<Decimal>>,
    /// By gross mass, kg.
    gross_mass: Option<Comparison<Decimal>>,
    /// By customs procedure; `isNull: true` leaves breakdowns out.
    customs_procedure: Option<CodeFilter>,
    /// By mode of transport; `isNull: true` leaves breakdowns out.
    mode_of_transport: Option<Choice<ModeOfTransport>>,
    /// By declaration number.
    declaration_number: Option<CodeFilter>,
    /// By code of the goods as declared.
    declared_code: Option<CodeFilter>,
    /// By description of the goods as declared.
    declared_description: Option<TextFilter>,
    /// By whether the publisher computed the record from others.
    aggregated: Option<Choice<bool>>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By whether it is a part of a breakdown by second partner.
    has_second_partner: Option<bool>,
    /// By dataset.
    dataset: Option<Box<DatasetFilter>>,
    /// By country that the goods left.
    exporter: Option<Box<CountryFilter>>,
    /// By country that received the goods.
    importer: Option<Box<CountryFilter>>,
    /// By second partner.
    second_partner: Option<Box<CountryFilter>>,
    /// By country in which the goods were made.
    country_of_origin: Option<Box<CountryFilter>>,
    /// By country from which the goods were sent.
    country_of_dispatch: Option<Box<CountryFilter>>,
    /// By country for which the goods were bound.
    country_of_destination: Option<Box<CountryFilter>>,
    /// By who sent the goods.
    consignor: Option<Box<PartyFilter>>,
    /// By who was to receive the goods.
    consignee: Option<Box<PartyFilter>>,
    /// By the goods as an item of the HS.
    product: Option<Box<ProductFilter>>,
    /// By the goods as a topic.
    product_list: Option<Box<ProductListFilter>>,
    /// By citation.
    citation: Option<Box<CitationFilter>>,
}

impl Filter for ShipmentFilter {
    type Entity = shipment::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use shipment::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            key,
            reported_by,
            flow,
            during,
            period_start,
            period_end,
            frequency,
            value,
            value_comparator,
            currency,
            valuation,
            quantity,
            quantity_unit,
            net_mass,
            gross_mass,
            customs_procedure,
            mode_of_transport,
            declaration_number,
            declared_code,
            declared_description,
            aggregated,
            created_at,
            updated_at,
            has_second_partner,
            dataset,
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
            citation,
        } = self;
        let condition = scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(key, Column::Key)?
            .on(reported_by, Column::ReportedBy)?
            .on(flow, Column::Flow)?
            .on(period_start, Column::PeriodStart)?
            .on(period_end, Column::PeriodEnd)?
            .on(frequency, Column::Frequency)?
            .on(value, Column::Value)?
            .on(value_comparator, Column::ValueComparator)?
            .on(currency, Column::Currency)?
            .on(valuation, Column::Valuation)?
            .on(quantity, Column::Quantity)?
            .on(quantity_unit, Column::QuantityUnit)?
            .on(net_mass, Column::NetMass)?
            .on(gross_mass, Column::GrossMass)?
            .on(customs_procedure, Column::CustomsProcedure)?
            .on(mode_of_transport, Column::ModeOfTransport)?
            .on(declaration_number, Column::DeclarationNumber)?
            .on(declared_code, Column::DeclaredCode)?
            .on(declared_description, Column::DeclaredDescription)?
            .on(aggregated, Column::Aggregated)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(dataset, Column::DatasetId)?
            .one(exporter, Column::ExporterId)?
            .one(importer, Column::ImporterId)?
            .one(second_partner, Column::Partner2Id)?
            .one(country_of_origin, Column::OriginId)?
            .one(country_of_dispatch, Column::DispatchId)?
            .one(country_of_destination, Column::DestinationId)?
            .one(consignor, Column::ConsignorId)?
            .one(consignee, Column::ConsigneeId)?
            .one(product, Column::ProductId)?
            .one(product_list, Column::ProductListId)?
            .one(citation, Column::CitationId)?
            .done();
        let broken_down = has_second_partner.map(|has| match has {
            true => Column::Partner2Id.is_not_null(),
            false => Column::Partner2Id.is_null(),
        });
        Ok(condition
            .add_option(during.map(|period| Column::PeriodStart.gte(period.start)))
            .add_option(during.map(|period| Column::PeriodEnd.lte(period.end)))
            .add_option(broken_down))
    }
}
