//! From a claim to its checks: what is asked of the totals, and what the answers come to.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;
use entity::{
    claim,
    dataset::{self, Grain},
    shipment::ReportedBy,
};
use sea_orm::prelude::Uuid;

use super::{
    ClaimCheck,
    change::{self, ChangeBasis, CheckedChange, Stated},
    datasets::{MOST, datasets},
    figure::{Figure, What},
    months::whole_years,
    reason::{CheckReasonCode, CheckVerdict, Reasons},
    scope::Scope,
};
use crate::{
    claim::evidence::Evidence,
    kit::{error::Result, period::Period},
    totals::{Answer, Asked, Dimension, Key, ask_all},
};

const SIDES: [ReportedBy; 2] = [ReportedBy::Exporter, ReportedBy::Importer];

/// One dataset, and one side that reported to it.
struct Case<'c> {
    dataset: &'c dataset::Model,
    side: ReportedBy,
    /// Of the records of the trade, at whatever time.
    editions: BTreeSet<Uuid>,
}

/// What is asked of a case.
struct Questions {
    figure: Asked,
    /// The whole years that the period touches, when it is not whole years itself.
    years: Option<Asked>,
    bases: Vec<((Vec<ChangeBasis>, Period), Asked)>,
}

/// A claim against datasets, those first that hold records of its trade.
pub async fn checks(
    ctx: &Context<'_>,
    claim: &claim::Model,
    slugs: Option<Vec<String>>,
) -> Result<Vec<ClaimCheck>> {
    let all = datasets(ctx, slugs).await?;
    if claim.amount.is_none() && Stated::of(claim).is_none() {
        return Ok(Vec::new());
    }
    let period = Period::from_columns(claim.period_start, claim.period_end);
    let mut scope = Scope::of(ctx, claim.id, period).await?;
    let own = own_sources(ctx, claim.id).await?;
    let is_own = |dataset: &dataset::Model| dataset.source_id.is_some_and(|id| own.contains(&id));
    let what = What::of(claim);
    let barred = barred(claim, &scope, what.as_ref());
    let (Some(period), Some(what), true) = (period, what, barred.0.is_empty()) else {
        let checks = all.iter().take(MOST).map(|dataset| {
            let verdict = CheckVerdict::NotComparable;
            let check = ClaimCheck::without_figure(dataset, verdict, barred.clone());
            check.beside(is_own(dataset))
        });
        return Ok(checks.collect());
    };
    let cases = cases(ctx, claim, &all).await?;
    let editions = cases.iter().flat_map(|case| &case.editions).copied();
    scope.resolve(ctx, editions.collect()).await?;
    let questions = cases
        .iter()
        .map(|case| case.questions(claim, &scope, period));
    let questions: Vec<_> = questions.collect();
    let asked = questions.iter().flat_map(Questions::all).cloned();
    let mut answers = ask_all(ctx, &asked.collect::<Vec<_>>()).await?.into_iter();

    let mut by_dataset: BTreeMap<Uuid, Vec<ClaimCheck>> = BTreeMap::new();
    for (case, questions) in cases.iter().zip(questions) {
        let check = case.check(claim, &scope, &what, period, questions, &mut answers);
        by_dataset.entry(case.dataset.id).or_default().push(check);
    }
    let (with, without): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|dataset| by_dataset.contains_key(&dataset.id));
    let mut checks = Vec::new();
    for dataset in with.into_iter().chain(without).take(MOST) {
        let found = by_dataset.remove(&dataset.id);
        let found = found.unwrap_or_else(|| vec![ClaimCheck::of_nothing(dataset)]);
        let found = found.into_iter();
        checks.extend(found.map(|check| check.beside(is_own(dataset))));
    }
    Ok(checks)
}

/// The sources that the claim's published assertions go back to.
async fn own_sources(ctx: &Context<'_>, claim_id: Uuid) -> Result<BTreeSet<Uuid>> {
    let evidence = Evidence::of(ctx, claim_id).await?;
    let cited = evidence.said.iter().flat_map(|said| &said.sources);
    Ok(cited.flat_map(|id| evidence.chain.back_from(*id)).collect())
}

/// What keeps a claim from being compared with anything.
fn barred(claim: &claim::Model, scope: &Scope, what: Option<&What>) -> Reasons {
    let mut reasons = Reasons::default();
    if !scope.is_mapped() {
        reasons.add(
            CheckReasonCode::ScopeNotMapped,
            "The claim names no products and no list that holds any then: there are no codes to look for.",
        );
    }
    if claim.exporter_id.or(claim.importer_id).is_none() {
        reasons.add(
            CheckReasonCode::TradeNotNamed,
            "The claim names neither exporter nor importer.",
        );
    }
    if claim.period_start.is_none() {
        reasons.add(
            CheckReasonCode::PeriodNotStated,
            "The claim names no period.",
        );
    }
    if what.is_none() {
        reasons.add(
            CheckReasonCode::MeasureNotComputed,
            "Shares are not computed: the claim does not say of what whole.",
        );
    }
    reasons
}

/// Who reported the trade to which of the datasets, at whatever time.
async fn cases<'c>(
    ctx: &Context<'_>,
    claim: &claim::Model,
    datasets: &'c [dataset::Model],
) -> Result<Vec<Case<'c>>> {
    let mut asked = Vec::new();
    for grain in [Grain::Statistic, Grain::Consignment] {
        let of_grain = datasets.iter().filter(|dataset| dataset.grain == grain);
        let ids: Vec<_> = of_grain.map(|dataset| dataset.id).collect();
        if ids.is_empty() {
            continue;
        }
        asked.extend(SIDES.map(|side| Asked {
            group_by: vec![Dimension::Dataset, Dimension::Edition],
            ..trade(claim, grain, side, ids.clone())
        }));
    }
    let answers = ask_all(ctx, &asked).await?;
    let mut found: BTreeMap<(Uuid, bool), BTreeSet<Uuid>> = BTreeMap::new();
    for (asked, answer) in asked.iter().zip(answers) {
        let is_importers = asked.perspective == ReportedBy::Importer;
        for group in answer.groups {
            let mut keys = group.keys.into_iter();
            let Some(Key::Id(dataset_id)) = keys.next() else {
                continue;
            };
            let editions = found.entry((dataset_id, is_importers)).or_default();
            if let Some(Key::Id(edition_id)) = keys.next() {
                editions.insert(edition_id);
            }
        }
    }
    let sides = datasets
        .iter()
        .flat_map(|dataset| SIDES.map(|side| (dataset, side)));
    let cases = sides.filter_map(|(dataset, side)| {
        let editions = found.remove(&(dataset.id, side == ReportedBy::Importer))?;
        Some(Case {
            dataset,
            side,
            editions,
        })
    });
    Ok(cases.take(2 * MOST).collect())
}

fn trade(claim: &claim::Model, grain: Grain, side: ReportedBy, datasets: Vec<Uuid>) -> Asked {
    Asked {
        datasets: Some(datasets),
        exporters: claim.exporter_id.map(|id| vec![id]),
        importers: claim.importer_id.map(|id| vec![id]),
        ..Asked::new(grain, side)
    }
}

impl Questions {
    fn all(&self) -> impl Iterator<Item = &Asked> {
        let bases = self.bases.iter().map(|(_, asked)| asked);
        [&self.figure].into_iter().chain(&self.years).chain(bases)
    }
}

impl Case<'_> {
    fn questions(&self, claim: &claim::Model, scope: &Scope, period: Period) -> Questions {
        let codes = (!scope.is_all_goods).then(|| scope.codes(&self.editions));
        let within = |period: Period| Asked {
            products: codes.clone(),
            period: Some(period),
            ..trade(claim, self.dataset.grain, self.side, vec![self.dataset.id])
        };
        let years = whole_years(period).filter(|years| *years != period);
        let bases = change::bases(claim, period).into_iter();
        Questions {
            figure: within(period),
            years: years.map(within),
            bases: bases.map(|base| (base.clone(), within(base.1))).collect(),
        }
    }

    fn check(
        &self,
        claim: &claim::Model,
        scope: &Scope,
        what: &What,
        period: Period,
        questions: Questions,
        answers: &mut impl Iterator<Item = Answer>,
    ) -> ClaimCheck {
        let figure = |asked: &Asked, answer: &Answer, period| {
            Figure::of(what, scope, asked, answer, &self.editions, period)
        };
        let mut found = match answers.next() {
            Some(answer) => figure(&questions.figure, &answer, period),
            None => return ClaimCheck::of_nothing(self.dataset),
        };
        let years = questions.years.and_then(|_| answers.next());
        let is_coarser = years.is_some_and(|answer| answer.total.records > found.records)
            && found.coverage.is_none();
        let has_codes = scope.is_all_goods || !scope.codes(&self.editions).is_empty();
        let changes = questions.bases.into_iter().filter_map(|(base, asked)| {
            let from = figure(&asked, &answers.next()?, base.1);
            let stated = Stated::of(claim)?;
            Some((stated, base, from))
        });
        let changes: Vec<_> = changes.collect();
        if found.measured.is_none() {
            found.explain(period, has_codes, is_coarser);
        }
        let changes = changes.into_iter();
        let changes = changes
            .map(|(stated, base, from)| CheckedChange::of(stated, base, &found, from))
            .collect();
        ClaimCheck::of_figure(self.dataset, self.side, claim, found, changes)
    }
}

impl Figure {
    /// Why there is none.
    fn explain(&mut self, period: Period, has_codes: bool, is_coarser: bool) {
        if !has_codes {
            self.verdict = CheckVerdict::NotComparable;
            self.reasons.add(
                CheckReasonCode::ScopeNotMapped,
                "None of the claim's products has a code in an edition that the dataset is in.",
            );
        } else if is_coarser {
            self.verdict = CheckVerdict::NotComparable;
            self.reasons.add(
                CheckReasonCode::DataCoarser,
                format!("The dataset's records are of longer periods than lie within {period}."),
            );
        } else if self.coverage.is_none() {
            self.reasons.add(
                CheckReasonCode::PeriodBeyondData,
                format!("The dataset holds nothing of the reporter within {period}."),
            );
        } else if self.records == 0 {
            self.reasons.add(
                CheckReasonCode::NoRecords,
                "The dataset covers these months, and has no record of these goods. No record is not zero.",
            );
        }
    }
}
