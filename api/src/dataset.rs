//! Datasets: releases of trade records.
use async_graphql::{Context, ID, InputObject, OneofObject};
use entity::{
    dataset,
    dataset::{Grain, Valuation},
    shipment::{self, Flow, ReportedBy},
    value::{PartialDate, Status, Timestamp},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, prelude::Uuid, sea_query::SelectStatement,
};

use crate::{
    coverage::{Coverage, Wanted, coverage},
    kit::{
        check::UserErrorCode::{NotAllowed, Taken},
        curate::{Curated, Entry, Refer, form, inputs, mutations, published},
        error::Result,
        fields::{concept, fields, order},
        filter::{Filter, Related, Scope, pointed_at},
        operators::{
            Choice, CodeFilter, Comparison, PartialDateFilter, TextFilter, choosable_enums, plain,
        },
        period::Period,
        rows,
    },
    party::{Party, PartyFilter, PartyReference},
    revision::{Revision, revisions_of},
    shipment::{Shipment, ShipmentFilter},
    source::{Source, SourceFilter, SourceReference},
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

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        references {
            /// Who released it; null when that is not known.
            publisher: Party = publisher_id;

            /// The release as a source; null when none was entered.
            source: Source = source_id;
        }

        /// For which reporters, flows and periods it holds published records, as of the last
        /// revision: where there are some, a row that is missing is none; elsewhere it says nothing.
        async fn coverage(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Country that reports: alpha-2, alpha-3 or UN M49. All when absent.")]
            reporter: Option<String>,
            #[graphql(desc = "As which side of the movement it reports. Both when absent.")]
            reported_by: Option<ReportedBy>,
            #[graphql(desc = "Direction and kind of the movement. All when absent.")]
            flow: Option<Flow>,
            #[graphql(desc = "Only records whose period has a day in this one; what is missing is told for the whole of it.")]
            during: Option<Period>,
            #[graphql(desc = "How many series, 0 to 200; 25 when absent.")]
            first: Option<i32>,
            #[graphql(desc = "How many series to leave out at the front; none when absent.")]
            skip: Option<i32>,
        ) -> Result<Coverage> {
            let wanted = Wanted { reporter, reported_by, flow, during, first, skip };
            Box::pin(coverage(ctx, self.row.id, wanted)).await
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

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
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
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Dataset>> {
            let named = Condition::all().add(dataset::Column::Slug.eq(plain(slug)?));
            let found = rows::one::<dataset::Entity>(ctx, named).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}

inputs! {
    /// A release of trade records to enter.
    NewDataset changed by DatasetChanges {
        /// Name in addresses, commands and queries, unique: lower-case letters, digits and hyphens.
        slug: String,
        /// Title for people.
        title: String,
        /// What one record of it is. It cannot change once the dataset holds records.
        grain: Grain,
        /// Currency of its values, ISO 4217: `USD`. Absent when each record has its own.
        currency: Option<String>,
        /// What its values include, where a record does not say otherwise; `UNKNOWN` when absent.
        valuation: Option<Valuation>,
        /// Who released it.
        publisher: Option<PartyReference>,
        /// The release as a source.
        source: Option<SourceReference>,
        /// Terms under which its records may be used.
        licence: Option<String>,
        /// What it holds and how it was made.
        description: Option<String>,
        /// When it was released.
        released_on: Option<PartialDate>,
    }
}

/// A dataset that is there.
#[derive(Clone, OneofObject)]
pub enum DatasetReference {
    /// Global id of a dataset.
    Id(ID),
    /// Its slug.
    Slug(String),
}

impl Refer for DatasetReference {
    type Entity = dataset::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<dataset::Model>> {
        match self {
            Self::Id(id) => entry.by_id::<dataset::Entity>(&id).await,
            Self::Slug(slug) => {
                let column = dataset::Column::Slug;
                entry.by_column::<dataset::Entity>(column, &slug).await
            }
        }
    }
}

impl Curated for Dataset {
    type New = NewDataset;
    type Changes = DatasetChanges;
    type Parts = ();

    async fn enter(
        entry: &mut Entry,
        row: &mut dataset::Model,
        changes: DatasetChanges,
    ) -> Result<()> {
        let DatasetChanges {
            slug,
            title,
            grain,
            currency,
            valuation,
            publisher,
            source,
            licence,
            description,
            released_on,
        } = changes;
        slug.set(&mut row.slug);
        title.name(entry, "title", &mut row.title);
        grain.set(&mut row.grain);
        currency.formed(entry, "currency", &mut row.currency, form::currency);
        valuation.set_or(Valuation::Unknown, &mut row.valuation);
        publisher
            .refer(entry, "publisher", &mut row.publisher_id)
            .await?;
        source.refer(entry, "source", &mut row.source_id).await?;
        licence.text(entry, "licence", &mut row.licence);
        description.text(entry, "description", &mut row.description);
        released_on.set(&mut row.released_on);

        entry.form("slug", &row.slug, form::slug);
        let same = dataset::Entity::find()
            .filter(dataset::Column::Slug.eq(&row.slug))
            .filter(dataset::Column::Id.ne(row.id));
        if same.one(entry.edit.connection()).await?.is_some() {
            entry
                .check
                .refuse("slug", Taken, "is the slug of another dataset");
        }
        let held = dataset::Entity::find_by_id(row.id);
        let held = held.one(entry.edit.connection()).await?;
        let changes = held.is_some_and(|held| held.grain != row.grain);
        if changes && has_records(entry, row.id).await? {
            let message = "cannot change, since the dataset holds records of its grain";
            entry.check.refuse("grain", NotAllowed, message);
        }
        Ok(())
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let of_dataset = shipment::Column::DatasetId.eq(id);
        vec![("shipments", published::<shipment::Entity>(of_dataset))]
    }
}

async fn has_records(entry: &Entry, id: Uuid) -> Result<bool> {
    let record = shipment::Entity::find().filter(shipment::Column::DatasetId.eq(id));
    Ok(record.one(entry.edit.connection()).await?.is_some())
}

mutations! {
    DatasetMutation of Dataset, DatasetPayload of dataset,
    create_dataset, update_dataset, publish_dataset, withdraw_dataset, revert_dataset
}
