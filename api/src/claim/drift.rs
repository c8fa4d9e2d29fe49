//! Drift: what became of a claim's figures on the way from one report to the next.
use std::collections::BTreeSet;

use async_graphql::{Context, Enum, Object, SimpleObject};
use entity::{
    citation, claim, claim_subject, country,
    statement::{self, Stance},
    statement_link::{self, StatementLinkKind},
    value::Status,
};
use futures_util::future::{try_join, try_join_all};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, Iterable, prelude::Uuid};

use super::{
    check::Stated,
    evidence::{Evidence, cited},
};
use crate::{
    country::Country,
    kit::{error::Result, filter::ids, period::Period, rows},
    statement::{Statement, statements_citing},
};

/// Repetitions in a row that are followed.
const LONGEST: usize = 16;

/// What a figure says that may change when it is told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, sea_orm::EnumIter)]
pub enum Aspect {
    /// What the amount counts.
    Measure,
    /// How the amount is meant: "more than 100 million" became "100 million".
    Comparator,
    /// The figure.
    Amount,
    /// The upper end of the figure.
    UpperAmount,
    /// The currency of the figure.
    Currency,
    /// The unit of the figure.
    Unit,
    /// The change in percent.
    ChangePercent,
    /// Which way it changed.
    ChangeDirection,
    /// The period that the change is measured from.
    ChangeBase,
    /// The period that it is about.
    Period,
    /// Which way the goods went: exporter and importer changed places.
    Flow,
    /// The country that the goods left.
    Exporter,
    /// The country that received the goods.
    Importer,
    /// The position taken: a doubt became an assertion.
    Stance,
    /// How sure the speaker sounded: a hint became a certainty.
    Certainty,
}

/// How it is known that one statement passes on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DriftLink {
    /// The one is recorded as repeating the other.
    Repeats,
    /// The source of the one goes back to the source of the other, and both claims are of the same
    /// trade and goods. That the one was taken from the other is likely, and not recorded.
    SourceChain,
}

/// What changed in one aspect.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct DriftChange {
    /// The aspect.
    aspect: Aspect,
    /// As it was said before, in the spelling of the API; null when nothing was said of it.
    before: Option<String>,
    /// As it was said then; null when nothing was said of it.
    after: Option<String>,
}

pub struct Drift {
    before: statement::Model,
    after: statement::Model,
    link: DriftLink,
    changes: Vec<DriftChange>,
}

/// A hop on which a figure changed, from the statement nearer to the root to the one that passes it
/// on.
#[Object]
impl Drift {
    /// What was said, nearer to the root.
    async fn before(&self) -> Statement {
        self.before.clone().into()
    }

    /// What it was passed on as.
    async fn after(&self) -> Statement {
        self.after.clone().into()
    }

    /// How it is known that it was passed on.
    async fn link(&self) -> DriftLink {
        self.link
    }

    /// What changed.
    async fn changes(&self) -> &[DriftChange] {
        &self.changes
    }
}

/// A statement with its claim.
#[derive(Clone)]
struct Told {
    statement: statement::Model,
    claim: claim::Model,
    /// Names of exporter and importer.
    trade: [Option<String>; 2],
}

impl Told {
    async fn of(
        ctx: &Context<'_>,
        statement: statement::Model,
        claim: claim::Model,
    ) -> Result<Self> {
        let name = async |id: Option<Uuid>| -> Result<Option<String>> {
            let country: Option<Country> = rows::shown::<_, country::Entity>(ctx, id).await?;
            Ok(country.map(|country| country.row.name))
        };
        let (exporter, importer) =
            try_join(name(claim.exporter_id), name(claim.importer_id)).await?;
        Ok(Self {
            statement,
            claim,
            trade: [exporter, importer],
        })
    }
}

impl Drift {
    /// On the hops that lead to the statements of a claim, the nearest first.
    pub async fn of(
        ctx: &Context<'_>,
        claim: &claim::Model,
        evidence: &Evidence,
    ) -> Result<Vec<Self>> {
        let told = evidence
            .said
            .iter()
            .map(|said| Told::of(ctx, said.row.clone(), claim.clone()));
        let told = try_join_all(told).await?;
        let mut hops = repeated(ctx, &told).await?;
        let known = |hops: &[(Told, Told, DriftLink)], before: Uuid, after: Uuid| {
            let same = |(one, other, _): &(Told, Told, _)| {
                one.statement.id == before && other.statement.id == after
            };
            hops.iter().any(same)
        };
        for (before, after) in behind(ctx, claim, evidence).await? {
            if !known(&hops, before.statement.id, after.statement.id) {
                hops.push((before, after, DriftLink::SourceChain));
            }
        }
        let drifts = hops.into_iter().map(|(before, after, link)| Self {
            changes: changes(&before, &after, link),
            before: before.statement,
            after: after.statement,
            link,
        });
        Ok(drifts.filter(|drift| !drift.changes.is_empty()).collect())
    }
}

/// Whom these statements repeat, and whom those repeat in turn.
async fn repeated(ctx: &Context<'_>, told: &[Told]) -> Result<Vec<(Told, Told, DriftLink)>> {
    use statement_link::Column;
    let mut seen: BTreeSet<_> = told.iter().map(|told| told.statement.id).collect();
    let mut hops = Vec::new();
    let mut level = told.to_vec();
    for _ in 0..LONGEST {
        let links = level.iter().map(|told| {
            rows::children::<statement_link::Entity>(
                ctx,
                Column::StatementId,
                told.statement.id,
                Column::Id,
            )
        });
        let links = try_join_all(links).await?;
        let pairs = level.iter().zip(links).flat_map(|(told, links)| {
            let repeats = links
                .into_iter()
                .filter(|link| link.kind == StatementLinkKind::Repeats);
            repeats.map(move |link| (told, link.target_id))
        });
        let pairs: Vec<_> = pairs.collect();
        let found = try_join_all(pairs.iter().map(|(_, id)| telling(ctx, *id))).await?;
        let found = pairs.iter().zip(found);
        let new: Vec<_> = found
            .filter_map(|((after, _), before)| {
                Some((before?, (*after).clone(), DriftLink::Repeats))
            })
            .collect();
        level = new
            .iter()
            .map(|(before, ..)| before.clone())
            .filter(|before| seen.insert(before.statement.id))
            .collect();
        hops.extend(new);
        if level.is_empty() {
            break;
        }
    }
    Ok(hops)
}

/// A published statement and its claim.
async fn telling(ctx: &Context<'_>, id: Uuid) -> Result<Option<Told>> {
    let statement = rows::find::<statement::Entity>(ctx, id).await?;
    match statement.filter(|row| row.status == Status::Published) {
        None => Ok(None),
        Some(row) => {
            let claim = rows::find::<claim::Entity>(ctx, row.claim_id).await?;
            match claim {
                None => Ok(None),
                Some(claim) => Told::of(ctx, row, claim).await.map(Some),
            }
        }
    }
}

/// What the sources behind a claim's own say of the same trade and goods in other claims.
async fn behind(
    ctx: &Context<'_>,
    claim: &claim::Model,
    evidence: &Evidence,
) -> Result<Vec<(Told, Told)>> {
    let own: BTreeSet<_> = evidence
        .said
        .iter()
        .flat_map(|said| &said.sources)
        .collect();
    let behind = evidence.chain.sources.keys().filter(|id| !own.contains(id));
    let behind: BTreeSet<_> = behind.copied().collect();
    let goods = goods(ctx, claim.id).await?;
    if behind.is_empty() || goods.is_empty() || !has_figure(claim) {
        return Ok(Vec::new());
    }
    let view = rows::view(ctx);
    let others = ids::<claim::Entity>(view, claim::Column::Id, comparable(claim));
    let asserted = statements_citing(
        view,
        citation::Column::SourceId.is_in(behind.iter().copied()),
    )
    .add(statement::Column::Status.eq(Status::Published))
    .add(statement::Column::Stance.eq(Stance::Asserts))
    .add(statement::Column::ClaimId.in_subquery(others));
    let asserted = rows::matching::<statement::Entity>(ctx, asserted).await?;
    let mut hops = Vec::new();
    for row in asserted {
        let sources = cited(ctx, row.id).await?;
        let Some(before) = telling(ctx, row.id).await? else {
            continue;
        };
        if goods.is_disjoint(&self::goods(ctx, before.claim.id).await?) {
            continue;
        }
        let passing_on = evidence.said.iter().filter(|said| {
            let back = said
                .sources
                .iter()
                .flat_map(|own| evidence.chain.back_from(*own));
            said.row.stance == Stance::Asserts && back.into_iter().any(|id| sources.contains(&id))
        });
        for said in passing_on {
            let after = Told::of(ctx, said.row.clone(), claim.clone()).await?;
            hops.push((before.clone(), after));
        }
    }
    Ok(hops)
}

fn has_figure(claim: &claim::Model) -> bool {
    claim.amount.is_some() || claim.change_percent.is_some() || claim.change_direction.is_some()
}

/// Other claims with figures of the same trade, whichever way it goes.
fn comparable(claim: &claim::Model) -> Condition {
    use claim::Column::{Amount, ChangeDirection, ChangePercent, ExporterId, Id, ImporterId};
    let is = |column: claim::Column, id: Option<Uuid>| match id {
        Some(id) => column.eq(id),
        None => column.is_null(),
    };
    let way = |exporter, importer| {
        Condition::all()
            .add(is(ExporterId, exporter))
            .add(is(ImporterId, importer))
    };
    Condition::all()
        .add(Id.ne(claim.id))
        .add(
            Condition::any()
                .add(Amount.is_not_null())
                .add(ChangePercent.is_not_null())
                .add(ChangeDirection.is_not_null()),
        )
        .add(
            Condition::any()
                .add(way(claim.exporter_id, claim.importer_id))
                .add(way(claim.importer_id, claim.exporter_id)),
        )
}

/// The products and lists that a claim is about.
async fn goods(ctx: &Context<'_>, claim_id: Uuid) -> Result<BTreeSet<Uuid>> {
    use claim_subject::Column;
    let rows =
        rows::children::<claim_subject::Entity>(ctx, Column::ClaimId, claim_id, Column::Position);
    let goods = rows.await?.into_iter();
    Ok(goods
        .filter_map(|row| row.product_id.or(row.product_list_id))
        .collect())
}

/// A value of the API by its name.
fn name<E: ActiveEnum<Value = String>>(value: E) -> String {
    value.to_value()
}

fn changes(before: &Told, after: &Told, link: DriftLink) -> Vec<DriftChange> {
    let (one, other) = (&before.claim, &after.claim);
    let turned = one.exporter_id != one.importer_id
        && (one.exporter_id, one.importer_id) == (other.importer_id, other.exporter_id);
    let spelled = |aspect: Aspect, told: &Told| -> Option<String> {
        let claim = &told.claim;
        match aspect {
            Aspect::Measure => claim.measure.map(name),
            Aspect::Comparator => claim.comparator.map(name),
            Aspect::Amount => claim.amount.map(|amount| amount.to_string()),
            Aspect::UpperAmount => claim.upper_amount.map(|amount| amount.to_string()),
            Aspect::Currency => claim.currency.clone(),
            Aspect::Unit => claim.unit.clone(),
            Aspect::ChangePercent => claim.change_percent.map(|percent| percent.to_string()),
            Aspect::ChangeDirection => Stated::of(claim).and_then(Stated::direction).map(name),
            Aspect::ChangeBase => {
                Period::from_columns(claim.change_base_start, claim.change_base_end)
                    .map(|period| period.to_string())
            }
            Aspect::Period => Period::from_columns(claim.period_start, claim.period_end)
                .map(|period| period.to_string()),
            Aspect::Stance => (link == DriftLink::Repeats).then(|| name(told.statement.stance)),
            Aspect::Certainty => match link {
                DriftLink::Repeats => told.statement.certainty.map(name),
                DriftLink::SourceChain => None,
            },
            Aspect::Flow if turned => {
                let [exporter, importer] = &told.trade;
                let side = |name: &Option<String>| name.clone().unwrap_or_default();
                Some(format!("{} to {}", side(exporter), side(importer)))
            }
            Aspect::Exporter if !turned => told.trade[0].clone(),
            Aspect::Importer if !turned => told.trade[1].clone(),
            Aspect::Flow | Aspect::Exporter | Aspect::Importer => None,
        }
    };
    let changes = Aspect::iter().map(|aspect| DriftChange {
        aspect,
        before: spelled(aspect, before),
        after: spelled(aspect, after),
    });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}
