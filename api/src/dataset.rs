//! Datasets: releases of trade records.
use async_graphql::{Context, ID, InputObject};
use entity::{
    dataset,
    dataset::{Grain, Valuation},
    party, shipment, source,
    value::{Status, Timestamp},
};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    kit::{
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, pointed_at},
        operators::{
            Choice, CodeFilter, Comparison, PartialDateFilter, TextFilter, choosable_enums, plain,
        },
        rows,
    },
    party::{Party, PartyFilter},
    shipment::{Shipment, ShipmentFilter},
    source::{Source, SourceFilter},
};

concept! {
    /// A release of trade records by one publisher, all of one grain.
    Dataset of dataset, filtered by DatasetFilter, ordered by DatasetOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Dataset {
        record;

        connections {
            /// Its records.
            shipments: Shipment =
                |dataset, _| Condition::all().add(shipment::Column::DatasetId.eq(dataset.row.id));
        }

        /// Who released it; null when that is not known.
        async fn publisher(&self, ctx: &Context<'_>) -> Result<Option<Party>> {
            rows::shown::<_, party::Entity>(ctx, self.row.publisher_id).await
        }

        /// The release as a source; null when none was entered.
        async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
            rows::shown::<_, source::Entity>(ctx, self.row.source_id).await
        }
    }
}

choosable_enums!(Grain, Valuation);

/// Which datasets.
#[derive(InputObject)]
pub struct DatasetFilter {
    /// All of these hold.
    and: Option<Vec<DatasetFilter>>,
    /// At least one of these holds.
    or: Option<Vec<DatasetFilter>>,
    /// This does not hold.
    not: Option<Box<DatasetFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By slug.
    slug: Option<CodeFilter>,
    /// By title.
    title: Option<TextFilter>,
    /// By what one record is.
    grain: Option<Choice<Grain>>,
    /// By currency, ISO 4217.
    currency: Option<CodeFilter>,
    /// By what its values include.
    valuation: Option<Choice<Valuation>>,
    /// By when it was released.
    released_on: Option<PartialDateFilter>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By who released it.
    publisher: Option<Box<PartyFilter>>,
    /// By the release as a source.
    source: Option<Box<SourceFilter>>,
    /// By its records.
    shipments: Option<Related<ShipmentFilter>>,
}

impl Filter for DatasetFilter {
    type Entity = dataset::Entity;

    fn condition(self, scope: Scope) -> Result<Condition> {
        use dataset::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            slug,
            title,
            grain,
            currency,
            valuation,
            released_on,
            created_at,
            updated_at,
            publisher,
            source,
            shipments,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(slug, Column::Slug)?
            .on(title, Column::Title)?
            .on(grain, Column::Grain)?
            .on(currency, Column::Currency)?
            .on(valuation, Column::Valuation)?
            .on(released_on, Column::ReleasedOn)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(publisher, Column::PublisherId)?
            .one(source, Column::SourceId)?
            .many(
                shipments,
                pointed_at::<shipment::Entity>(Column::Id, shipment::Column::DatasetId),
            )?
            .done())
    }
}

order! {
    /// What datasets can be ordered by.
    DatasetOrderField of dataset {
        /// Slug.
        Slug,
        /// Title.
        Title,
        /// When it was released.
        ReleasedOn,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct DatasetQuery;

fields! {
    #[Object]
    impl DatasetQuery {
        connections {
            /// Releases of trade records.
            datasets: Dataset = |_, _| Condition::all();
        }

        /// The dataset with this slug; null when there is none.
        async fn dataset(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Its name in addresses, commands and queries.")] slug: String,
        ) -> Result<Option<Dataset>> {
            let named = Condition::all().add(dataset::Column::Slug.eq(plain(slug)?));
            rows::one::<_, dataset::Entity>(ctx, named).await
        }
    }
}
