//! Claims: propositions, said by nobody yet.
use async_graphql::{Context, ID, SimpleObject};
use entity::{
    claim, claim_subject, country, product, product_list, product_list_entry, shipment, statement,
    statement::Stance,
};
use futures_util::future::try_join_all;
use sea_orm::{
    ColumnTrait, Condition, Iterable,
    prelude::Uuid,
    sea_query::{SelectStatement, SimpleExpr},
};

use crate::{
    country::Country,
    kit::{
        access::View,
        edit::part,
        error::Result,
        fields::{concept, fields, order},
        filter::{ids, is_seen},
        id, page,
        period::Period,
        record::Record,
        rows,
        shown::union,
    },
    product::Product,
    product_list::ProductList,
    revision::{Revision, revisions_of},
    shipment::Shipment,
    statement::Statement,
};

mod check;
mod drift;
mod evidence;
mod filter;
mod inputs;
mod json_ld;
mod support;

use check::{ClaimCheck, checks};
use drift::Drift;
use evidence::Evidence;
pub use filter::ClaimFilter;
pub use inputs::{ClaimMutation, ClaimReference};
pub use json_ld::{QUERY, json_ld};
use support::{CurrentPosition, Support};

concept! {
    /// A proposition, said by nobody yet: statements assert, deny or doubt it.
    Claim of claim, filtered by ClaimFilter, ordered by ClaimOrderField,
    curated
}

fields! {
    #[ComplexObject]
    impl Claim {
        record;

        connections {
            /// All positions taken on it.
            statements: Statement =
                |claim, _| Condition::all().add(statement::Column::ClaimId.eq(claim.row.id));

            /// The edits that changed it or a part of it; what came in by file is in its import
            /// alone.
            revisions: Revision = |record, view| revisions_of(view, record.row.id);
        }

        references {
            /// Country that the goods are said to leave; null when the claim names none.
            exporter: Country = exporter_id;

            /// Country that is said to receive the goods; null when the claim names none.
            importer: Country = importer_id;
        }

        lists {
            subjects = claim_subject of claim_id by position, references {
                country_id: Country, product_id: Product, product_list_id: ProductList,
                shipment_id: Shipment
            };
        }

        /// Its statements grouped by stance; stances that nobody takes are left out.
        async fn positions(&self, ctx: &Context<'_>) -> Result<Vec<Position>> {
            use statement::Column;
            let rows = rows::children::<statement::Entity>(ctx, Column::ClaimId, self.row.id, Column::Id).await?;
            let taken = Stance::iter().filter(|stance| rows.iter().any(|row| row.stance == *stance));
            Ok(taken.map(|stance| Position { claim_id: self.row.id, stance }).collect())
        }

        /// How many take a stance on it independently of one another, and what they go back to.
        async fn support(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The stance.", default_with = "Stance::Asserts")]
            stance: Stance,
        ) -> Result<Support> {
            let evidence = Box::pin(Evidence::of(ctx, self.row.id)).await?;
            Ok(Support::of(&evidence, stance))
        }

        /// Where everyone stands on it now who has taken a position, in the order in which they
        /// began. Drafts and what was withdrawn count for nobody.
        async fn current_positions(&self, ctx: &Context<'_>) -> Result<Vec<CurrentPosition>> {
            let evidence = Box::pin(Evidence::of(ctx, self.row.id)).await?;
            Ok(CurrentPosition::all(&evidence))
        }

        /// What became of its figures on the way here from the reports before: where amount,
        /// comparator, flow, base, period or currency changed. Empty where nothing did, or nothing
        /// is known of the way.
        async fn drift(&self, ctx: &Context<'_>) -> Result<Vec<Drift>> {
            let evidence = Box::pin(Evidence::of(ctx, self.row.id)).await?;
            Box::pin(Drift::of(ctx, &self.row, &evidence)).await
        }

        /// What it states held against the records of datasets, each by each side that reported to
        /// it; those first that hold records of its trade. Empty when it states neither an amount
        /// nor a change. At most 20 datasets.
        async fn checks(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Slugs of datasets, at most 20; all published ones when absent.")]
            datasets: Option<Vec<String>>,
            #[graphql(desc = "How many checks, 0 to 200; 25 when absent.")]
            first: Option<i32>,
        ) -> Result<Vec<ClaimCheck>> {
            let size = page::length(first)?;
            let mut checks = Box::pin(checks(ctx, &self.row, datasets)).await?;
            checks.truncate(size);
            Ok(checks)
        }

        /// When it is said to be so; null when the claim names no period.
        async fn period(&self) -> Option<Period> {
            Period::from_columns(self.row.period_start, self.row.period_end)
        }

        /// The period that the change is measured from; null when the claim states no change,
        /// or not from when.
        async fn change_base(&self) -> Option<Period> {
            Period::from_columns(self.row.change_base_start, self.row.change_base_end)
        }

        /// What it is about, besides the exporter and the importer.
        async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<ClaimSubject>> {
            use claim_subject::Column;
            let rows = rows::children_at::<claim_subject::Entity>(ctx, self.at, Column::ClaimId, self.row.id, Column::Position).await?;
            let subjects = try_join_all(rows.iter().map(|row| ClaimSubject::load(ctx, row))).await?;
            Ok(subjects.into_iter().flatten().collect())
        }
    }
}

union! {
    /// What a claim is about.
    #[expect(clippy::large_enum_variant, reason = "one lives only as long as its field resolves")]
    ClaimSubject of Country, Product, ProductList, Shipment
}

impl ClaimSubject {
    async fn load(ctx: &Context<'_>, row: &claim_subject::Model) -> Result<Option<Self>> {
        let claim_subject::Model {
            country_id,
            product_id,
            product_list_id,
            shipment_id,
            ..
        } = *row;
        let country = rows::shown::<_, country::Entity>(ctx, country_id)
            .await?
            .map(Self::Country);
        let product = rows::shown::<_, product::Entity>(ctx, product_id)
            .await?
            .map(Self::Product);
        let list = rows::shown::<_, product_list::Entity>(ctx, product_list_id)
            .await?
            .map(Self::ProductList);
        let shipment = rows::shown::<_, shipment::Entity>(ctx, shipment_id)
            .await?
            .map(Self::Shipment);
        Ok(country.or(product).or(list).or(shipment))
    }
}

/// The statements on a claim that take the same stance.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Position {
    #[graphql(skip)]
    claim_id: Uuid,
    /// The stance.
    stance: Stance,
}

fields! {
    #[ComplexObject]
    impl Position {
        connections {
            /// Who takes it, and in which words.
            statements: Statement = |position, _| {
                Condition::all()
                    .add(statement::Column::ClaimId.eq(position.claim_id))
                    .add(statement::Column::Stance.eq(position.stance))
            };
        }
    }
}

part!(claim_subject of claim_id in ClaimId);

impl Record for claim_subject::Entity {
    const NAME: &'static str = "ClaimSubject";

    fn visible(view: View) -> Condition {
        use claim_subject::Column::{ClaimId, Id, RemovedAt};
        view.holds(Id, RemovedAt)
            .add(is_seen::<claim::Entity>(view, ClaimId))
    }
}

/// Claims with a subject for which the term holds.
pub fn claims_with_subject(view: View, term: SimpleExpr) -> Condition {
    let having = Condition::all().add(term);
    let claims = ids::<claim_subject::Entity>(view, claim_subject::Column::ClaimId, having);
    Condition::all().add(claim::Column::Id.in_subquery(claims))
}

/// Claims that have a country as their subject, exporter or importer.
pub fn claims_about_country(view: View, id: Uuid) -> Condition {
    Condition::any()
        .add(claim::Column::ExporterId.eq(id))
        .add(claim::Column::ImporterId.eq(id))
        .add(claims_with_subject(
            view,
            claim_subject::Column::CountryId.eq(id),
        ))
}

/// Claims about one of these products, or about a list that holds one.
pub fn claims_about_products(view: View, products: SelectStatement) -> Condition {
    let listed = ids::<product_list_entry::Entity>(
        view,
        product_list_entry::Column::ProductListId,
        Condition::all().add(product_list_entry::Column::ProductId.in_subquery(products.clone())),
    );
    Condition::any()
        .add(claims_with_subject(
            view,
            claim_subject::Column::ProductId.in_subquery(products),
        ))
        .add(claims_with_subject(
            view,
            claim_subject::Column::ProductListId.in_subquery(listed),
        ))
}

order! {
    /// What claims can be ordered by.
    ClaimOrderField of claim {
        /// First day of the period.
        PeriodStart,
        /// Last day of the period.
        PeriodEnd,
        /// Amount, whatever the unit or currency.
        Amount,
        /// Change in percent.
        ChangePercent,
        /// What sort of proposition it is, by its name.
        Kind,
        /// When it was entered.
        CreatedAt,
        /// When it was last changed.
        UpdatedAt,
    }
}

#[derive(Default)]
pub struct ClaimQuery;

fields! {
    #[Object]
    impl ClaimQuery {
        connections {
            /// Propositions.
            claims: Claim = |_, _| Condition::all();
        }

        /// The claim with this id; null when there is none.
        async fn claim(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Global id of a claim.")] id: ID,
            #[graphql(desc = "As of the revision with this number; as it stands when absent. Parts of the record are those of then, what it refers to is as it stands.")]
            as_of: Option<i64>,
        ) -> Result<Option<Claim>> {
            let key = id::key(&id, claim::Entity::NAME)?;
            let found = rows::find::<claim::Entity>(ctx, key).await?;
            rows::as_of(ctx, found, as_of).await
        }
    }
}
