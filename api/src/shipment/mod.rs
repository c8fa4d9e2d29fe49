//! Shipments: the records of datasets.
use async_graphql::{Context, ID};
use entity::{
    citation, claim, claim_subject, country, dataset, party, product, product_list, shipment,
    shipment::ReportedBy, statement,
};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};

use crate::{
    citation::Citation,
    claim::claims_with_subject,
    country::Country,
    dataset::Dataset,
    kit::{
        error::Result,
        fields::{concept, fields, order},
        filter::ids,
        id,
        period::Period,
        record::Record,
        rows,
    },
    party::Party,
    product::Product,
    product_list::ProductList,
    revision::{Revision, revisions_of},
    statement::Statement,
};

mod export;
mod filter;
mod inputs;

pub use filter::ShipmentFilter;
pub use inputs::ShipmentMutation;

concept! {
    /// One record of a dataset: goods that moved from an exporter to an importer.
    Shipment of shipment, filtered by ShipmentFilter, ordered by ShipmentOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Shipment {
        record;

        connections {
            /// Statements on claims about this very record.
            statements: Statement = |shipment, view| {
                let about = claims_with_subject(view, claim_subject::Column::ShipmentId.eq(shipment.row.id));
                let claims = ids::<claim::Entity>(view, claim::Column::Id, about);
                Condition::all().add(statement::Column::ClaimId.in_subquery(claims))
            };

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        /// When the goods moved, from the first day of the period to the last.
        async fn period(&self) -> Period {
            Period { start: self.row.period_start, end: self.row.period_end }
        }

        /// The dataset that it is a record of.
        async fn dataset(&self, ctx: &Context<'_>) -> Result<Dataset> {
            rows::parent_at::<_, dataset::Entity>(ctx, self.at, self.row.dataset_id).await
        }

        /// Country that the goods left; null when the record does not tell.
        async fn exporter(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.exporter_id).await
        }

        /// Country that received the goods; null when the record does not tell.
        async fn importer(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.importer_id).await
        }

        /// Country whose authorities reported the movement: the exporter or the importer.
        /// Null when a third party did.
        async fn reporter(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.reporter_and_partner().0).await
        }

        /// The country at the other end, as the reporter sees it. Null when a third party
        /// reported the movement.
        async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.reporter_and_partner().1).await
        }

        /// Second partner of a breakdown, such as the country of consignment. Null when the
        /// record is not broken down by it: such rows add up, the broken-down ones are parts.
        async fn second_partner(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.partner2_id).await
        }

        /// Country in which the goods were made; null when the record does not tell.
        async fn country_of_origin(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.origin_id).await
        }

        /// Country from which the goods were sent; null when the record does not tell.
        async fn country_of_dispatch(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.dispatch_id).await
        }

        /// Country for which the goods were bound; null when the record does not tell.
        async fn country_of_destination(&self, ctx: &Context<'_>) -> Result<Option<Country>> {
            country(ctx, self.row.destination_id).await
        }

        /// Who sent the goods; null when the record does not tell.
        async fn consignor(&self, ctx: &Context<'_>) -> Result<Option<Party>> {
            rows::shown::<_, party::Entity>(ctx, self.row.consignor_id).await
        }

        /// Who was to receive the goods; null when the record does not tell.
        async fn consignee(&self, ctx: &Context<'_>) -> Result<Option<Party>> {
            rows::shown::<_, party::Entity>(ctx, self.row.consignee_id).await
        }

        /// The goods, as an item of an edition of the HS. Null when the record gives no code:
        /// then a product list may say what is meant.
        async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
            rows::shown::<_, product::Entity>(ctx, self.row.product_id).await
        }

        /// The goods, as a topic, when a total is stated for one; null otherwise.
        async fn product_list(&self, ctx: &Context<'_>) -> Result<Option<ProductList>> {
            rows::shown::<_, product_list::Entity>(ctx, self.row.product_list_id).await
        }

        /// Where in a source the record stands; null when the dataset's source is all that is
        /// known.
        async fn citation(&self, ctx: &Context<'_>) -> Result<Option<Citation>> {
            rows::shown::<_, citation::Entity>(ctx, self.row.citation_id).await
        }
    }
}

impl Shipment {
    fn reporter_and_partner(&self) -> (Option<Uuid>, Option<Uuid>) {
        match self.row.reported_by {
            ReportedBy::Exporter => (self.row.exporter_id, self.row.importer_id),
            ReportedBy::Importer => (self.row.importer_id, self.row.exporter_id),
            ReportedBy::ThirdParty => (None, None),
        }
    }
}

async fn country(ctx: &Context<'_>, id: Option<Uuid>) -> Result<Option<Country>> {
    rows::shown::<_, country::Entity>(ctx, id).await
}

order! {
    /// What shipments can be ordered by.
    ShipmentOrderField of shipment {
        /// Key within the dataset.
        Key,
        /// First day of the period.
        PeriodStart,
        /// Last day of the period.
        PeriodEnd,
        /// Value, whatever the currency.
        Value,
        /// Currency.
        Currency,
        /// Quantity, whatever the unit.
        Quantity,
        /// Net mass.
        NetMass,
        /// Gross mass.
        GrossMass,
        /// Code of the goods as declared.
        DeclaredCode,
        /// Flow, by its name.
        Flow,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct ShipmentQuery;

fields! {
    #[Object]
    impl ShipmentQuery {
        connections {
            /// Records of all datasets. Do not add up what comes from more than one dataset or
            /// perspective: the same goods are in both.
            shipments: Shipment = |_, _| Condition::all();
        }

        /// The shipment with this id; null when there is none.
        async fn shipment(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of a shipment.")] id: ID,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Shipment>> {
            let key = id::key(&id, shipment::Entity::NAME)?;
            let found = rows::find::<shipment::Entity>(ctx, key).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}
