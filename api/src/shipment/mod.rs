//! Shipments: the records of datasets.
use async_graphql::{Context, ID};
use entity::{claim, claim_subject, shipment, shipment::ReportedBy, statement};
use sea_orm::{ColumnTrait, Condition};

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

        parents {
            /// The dataset that it is a record of.
            dataset: Dataset = dataset_id;
        }

        references {
            /// Country that the goods left; null when the record does not tell.
            exporter: Country = exporter_id;

            /// Country that received the goods; null when the record does not tell.
            importer: Country = importer_id;

            /// Second partner of a breakdown, such as the country of consignment. Null when the
            /// record is not broken down by it: such rows add up, the broken-down ones are parts.
            second_partner: Country = partner2_id;

            /// Country in which the goods were made; null when the record does not tell.
            country_of_origin: Country = origin_id;

            /// Country from which the goods were sent; null when the record does not tell.
            country_of_dispatch: Country = dispatch_id;

            /// Country for which the goods were bound; null when the record does not tell.
            country_of_destination: Country = destination_id;

            /// Who sent the goods; null when the record does not tell.
            consignor: Party = consignor_id;

            /// Who was to receive the goods; null when the record does not tell.
            consignee: Party = consignee_id;

            /// The goods, as an item of an edition of the HS. Null when the record gives no code:
            /// then a product list may say what is meant.
            product: Product = product_id;

            /// The goods, as a topic, when a total is stated for one; null otherwise.
            product_list: ProductList = product_list_id;

            /// Where in a source the record stands; null when the dataset's source is all that is
            /// known.
            citation: Citation = citation_id;
        }

        choices {
            /// Country whose authorities reported the movement: the exporter or the importer.
            /// Null when a third party did.
            reporter: Country = reported_by {
                ReportedBy::Exporter => exporter_id, ReportedBy::Importer => importer_id
            };

            /// The country at the other end, as the reporter sees it. Null when a third party
            /// reported the movement.
            partner: Country = reported_by {
                ReportedBy::Exporter => importer_id, ReportedBy::Importer => exporter_id
            };
        }

        periods {
            /// When the goods moved, from the first day of the period to the last.
            period = period_start to period_end;
        }
    }
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
