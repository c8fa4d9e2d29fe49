//! Claims by hand: what must hold between the figures of a proposition.
use async_graphql::{ID, OneofObject};
use entity::{
    claim,
    claim::{ChangeDirection, ClaimKind, Comparator, Measure},
    claim_subject, country, product, product_list, shipment, statement,
    value::Decimal,
};
use sea_orm::{ColumnTrait, prelude::Uuid, sea_query::SelectStatement};

use super::Claim;
use crate::{
    country::CountryReference,
    kit::{
        check::UserErrorCode::{Invalid, Required, Taken},
        curate::{Curated, Entry, Patch, Refer, form, inputs, mutations, published},
        error::Result,
        period::Period,
    },
    product::ProductReference,
    product_list::ProductListReference,
};

inputs! {
    /// A proposition to enter: what is said, by whomever.
    NewClaim changed by ClaimChanges {
        /// What sort of proposition it is. `QUANTITY` takes an amount, `CHANGE` a change in percent or its direction.
        kind: ClaimKind,
        /// The proposition in one plain sentence.
        text: String,
        /// Language of the text, BCP 47; `en` when absent.
        language: Option<String>,
        /// Country that the goods are said to leave.
        exporter: Option<CountryReference>,
        /// Country that is said to receive the goods.
        importer: Option<CountryReference>,
        /// When it is said to be so.
        period: Option<Period>,
        /// What the amount counts.
        measure: Option<Measure>,
        /// How the amount is meant. Goes with an amount, and only with one.
        comparator: Option<Comparator>,
        /// The figure, in the unit or currency.
        amount: Option<Decimal>,
        /// The upper end. Goes with the comparator `BETWEEN`, and only with that.
        upper_amount: Option<Decimal>,
        /// Currency of an amount of money, ISO 4217: `USD`.
        currency: Option<String>,
        /// Unit of a quantity: `kg`, `u`.
        unit: Option<String>,
        /// Change in percent, with its sign: `69` is up by 69 percent.
        change_percent: Option<Decimal>,
        /// Which way it changed, where no percentage is stated. Goes instead of one.
        change_direction: Option<ChangeDirection>,
        /// The period that the change is measured from.
        change_base: Option<Period>,
        /// What it is about, besides the exporter and the importer: all of it, in order. At most 100.
        subjects: Option<Vec<ClaimSubjectReference>>,
    }
}

/// Something that a claim is about.
#[derive(Clone, OneofObject)]
pub enum ClaimSubjectReference {
    /// A country.
    Country(CountryReference),
    /// A product.
    Product(ProductReference),
    /// A product list.
    ProductList(ProductListReference),
    /// A shipment, by its global id.
    Shipment(ID),
}

/// A claim: one that is there, or one to enter in the same step.
#[derive(Clone, OneofObject)]
pub enum ClaimReference {
    /// Global id of a claim.
    Id(ID),
    /// A claim to enter.
    Create(Box<NewClaim>),
}

impl Refer for ClaimReference {
    type Entity = claim::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<claim::Model>> {
        match self {
            Self::Id(id) => entry.by_id::<claim::Entity>(&id).await,
            Self::Create(new) => entry.create_within::<Claim>(*new).await,
        }
    }
}

const LANGUAGE: &str = "en";
const MOST_SUBJECTS: usize = 100;

impl Curated for Claim {
    type New = NewClaim;
    type Changes = ClaimChanges;
    type Parts = Option<Vec<claim_subject::Model>>;

    async fn enter(
        entry: &mut Entry,
        row: &mut claim::Model,
        changes: ClaimChanges,
    ) -> Result<Self::Parts> {
        let ClaimChanges {
            kind,
            text,
            language,
            exporter,
            importer,
            period,
            measure,
            comparator,
            amount,
            upper_amount,
            currency,
            unit,
            change_percent,
            change_direction,
            change_base,
            subjects,
        } = changes;
        kind.set(&mut row.kind);
        text.text(entry, "text", &mut row.text);
        language.set_or(LANGUAGE.to_owned(), &mut row.language);
        entry.form("language", &row.language, form::language);
        exporter
            .refer(entry, "exporter", &mut row.exporter_id)
            .await?;
        importer
            .refer(entry, "importer", &mut row.importer_id)
            .await?;
        if let Patch::Set(period) = period {
            row.period_start = period.map(|period| period.start);
            row.period_end = period.map(|period| period.end);
        }
        measure.set(&mut row.measure);
        comparator.set(&mut row.comparator);
        amount.set(&mut row.amount);
        upper_amount.set(&mut row.upper_amount);
        currency.formed(entry, "currency", &mut row.currency, form::currency);
        unit.text(entry, "unit", &mut row.unit);
        change_percent.set(&mut row.change_percent);
        change_direction.set(&mut row.change_direction);
        if let Patch::Set(base) = change_base {
            row.change_base_start = base.map(|base| base.start);
            row.change_base_end = base.map(|base| base.end);
        }
        rules(entry, row);
        match subjects {
            Patch::Set(subjects) => about(entry, subjects.unwrap_or_default()).await.map(Some),
            Patch::Keep => {
                subjects_stay(entry, row.id).await?;
                Ok(None)
            }
        }
    }

    async fn write(entry: &mut Entry, id: Uuid, subjects: Self::Parts) -> Result<bool> {
        match subjects {
            None => Ok(false),
            Some(subjects) => Ok(entry
                .edit
                .set_parts::<claim_subject::Entity>(id, subjects)
                .await?),
        }
    }

    async fn restore(entry: &mut Entry, id: Uuid, revision: i64) -> Result<bool> {
        let restored = entry
            .edit
            .restore_parts::<claim_subject::Entity>(id, revision);
        Ok(restored.await?)
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let stated = statement::Column::ClaimId.eq(id);
        vec![("statements", published::<statement::Entity>(stated))]
    }
}

/// What must hold between the figures of a claim.
fn rules(entry: &mut Entry, row: &claim::Model) {
    let check = &mut entry.check;
    let (has_amount, is_money) = (row.amount.is_some(), row.measure == Some(Measure::Value));
    let has_change = row.change_percent.is_some() || row.change_direction.is_some();
    match row.kind {
        ClaimKind::Quantity if !has_amount => {
            check.refuse(
                "amount",
                Required,
                "a claim of the kind QUANTITY names an amount",
            );
        }
        ClaimKind::Change if !has_change => {
            let message =
                "a claim of the kind CHANGE names a change in percent, or changeDirection";
            check.refuse("changePercent", Required, message);
        }
        _ => {}
    }
    match (has_amount, row.comparator) {
        (true, None) => {
            let message =
                "say how the amount is meant: EXACT, ABOUT, MORE_THAN, LESS_THAN or BETWEEN";
            check.refuse("comparator", Required, message);
        }
        (false, Some(_)) => {
            let message = "says nothing without an amount; leave it out, or give both";
            check.refuse("comparator", Invalid, message);
        }
        _ => {}
    }
    if has_amount && row.measure.is_none() {
        check.refuse("measure", Required, "say what the amount counts");
    }
    match (
        row.comparator == Some(Comparator::Between),
        row.upper_amount,
    ) {
        (true, None) => {
            check.refuse(
                "upperAmount",
                Required,
                "BETWEEN takes an upper amount as well",
            );
        }
        (false, Some(_)) => {
            let message = "goes with the comparator BETWEEN alone";
            check.refuse("upperAmount", Invalid, message);
        }
        _ => {}
    }
    if let (Some(amount), Some(upper)) = (row.amount, row.upper_amount)
        && upper < amount
    {
        check.refuse("upperAmount", Invalid, "must not be less than the amount");
    }
    if has_amount && is_money && row.currency.is_none() {
        let message = "an amount of money needs its currency (ISO 4217), such as USD";
        check.refuse("currency", Required, message);
    }
    if has_amount && row.measure == Some(Measure::Quantity) && row.unit.is_none() {
        check.refuse(
            "unit",
            Required,
            "a quantity needs its unit, such as u or kg",
        );
    }
    if row.currency.is_some() && !is_money {
        check.refuse("currency", Invalid, "goes with the measure VALUE alone");
    }
    if row.unit.is_some() && is_money {
        let message = "money has a currency and no unit";
        check.refuse("unit", Invalid, message);
    }
    if row.change_percent.is_some() && row.change_direction.is_some() {
        let message = "the sign of changePercent says which way it changed: give one of the two";
        check.refuse("changeDirection", Invalid, message);
    }
    if row.change_base_start.is_some() && !has_change {
        let message =
            "says nothing without changePercent or changeDirection; leave it out, or give both";
        check.refuse("changeBase", Invalid, message);
    }
}

async fn about(
    entry: &mut Entry,
    subjects: Vec<ClaimSubjectReference>,
) -> Result<Vec<claim_subject::Model>> {
    let mut rows: Vec<claim_subject::Model> = Vec::with_capacity(subjects.len());
    if subjects.len() > MOST_SUBJECTS {
        let message = format!("takes at most {MOST_SUBJECTS}, and has {}", subjects.len());
        entry.check.refuse("subjects", Invalid, message);
        return Ok(rows);
    }
    entry.check.enter("subjects");
    for ((place, subject), position) in subjects.into_iter().enumerate().zip(1..) {
        entry.check.enter(place);
        let mut row = claim_subject::Model::default();
        match subject {
            ClaimSubjectReference::Country(country) => {
                let patch = Patch::Set(Some(country));
                patch.refer(entry, "country", &mut row.country_id).await?;
            }
            ClaimSubjectReference::Product(product) => {
                let patch = Patch::Set(Some(product));
                patch.refer(entry, "product", &mut row.product_id).await?;
            }
            ClaimSubjectReference::ProductList(list) => {
                let patch = Patch::Set(Some(list));
                patch
                    .refer(entry, "productList", &mut row.product_list_id)
                    .await?;
            }
            ClaimSubjectReference::Shipment(id) => {
                entry.check.enter("shipment");
                let found = entry.by_id::<shipment::Entity>(&id).await?;
                row.shipment_id =
                    found.map(|mut shipment| entry.lean_on::<shipment::Entity>(&mut shipment));
                entry.check.leave();
            }
        }
        if row != claim_subject::Model::default() && rows.iter().any(|other| is_of(other, &row)) {
            entry.check.refuse_here(Taken, "is named twice");
        }
        row.position = position;
        rows.push(row);
        entry.check.leave();
    }
    entry.check.leave();
    Ok(rows)
}

/// Whether both are the same thing.
fn is_of(one: &claim_subject::Model, other: &claim_subject::Model) -> bool {
    one.country_id == other.country_id
        && one.product_id == other.product_id
        && one.product_list_id == other.product_list_id
        && one.shipment_id == other.shipment_id
}

/// What a claim is about stays; when the claim is published, it must be.
async fn subjects_stay(entry: &mut Entry, id: Uuid) -> Result<()> {
    entry.check.enter("subjects");
    for row in entry.edit.parts::<claim_subject::Entity>(id, None).await? {
        let claim_subject::Model {
            country_id,
            product_id,
            product_list_id,
            shipment_id,
            ..
        } = row;
        entry.stays_if_any::<country::Entity>(country_id).await?;
        entry.stays_if_any::<product::Entity>(product_id).await?;
        entry
            .stays_if_any::<product_list::Entity>(product_list_id)
            .await?;
        entry.stays_if_any::<shipment::Entity>(shipment_id).await?;
    }
    entry.check.leave();
    Ok(())
}

mutations! {
    ClaimMutation of Claim, ClaimPayload of claim,
    create_claim, update_claim, publish_claim, withdraw_claim, revert_claim
}
