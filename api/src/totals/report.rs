//! From an answer to the rows that are shown, the rest, and the change against other periods.
use std::{cmp::Reverse, collections::HashMap};

use async_graphql::{Context, Object, SimpleObject};
use entity::{
    dataset,
    dataset::Grain,
    edition,
    value::{Date, Frequency},
};
use sea_orm::{ActiveEnum, prelude::Uuid};

use super::{
    Answer, Asked, Coverage, Dimension, Figures, Group, Key, Measures, ask_all,
    query::{TradeMeasure, TradeTotalsHaving, TradeTotalsOrder},
    total::{TradeTotal, before, whole},
    warning::{TradeWarning, TradeWarningCode, warnings},
};
use crate::{
    dataset::Dataset,
    edition::Edition,
    kit::{
        error::{Error, Result},
        order::Direction,
        period::Period,
        rows,
    },
};

/// Totals, and what must be known to read them right.
pub struct TradeTotals {
    rows: Vec<TradeTotal>,
    rest: Option<TradeTotal>,
    total: TradeTotal,
    group_count: usize,
    answer: Answer,
    warnings: Vec<TradeWarning>,
}

/// For which time there are records.
#[derive(SimpleObject)]
pub struct TradeCoverage {
    /// Months of the period that was asked for. Null when none was.
    months_asked: Option<i32>,
    /// First days of the months in which a record counted: one of a year covers twelve.
    months_counted: Vec<Date>,
    /// First days of the months for which the datasets hold anything by these reporters in this
    /// flow: where the goods asked for are missing there, none were reported.
    months_reported: Vec<Date>,
}

/// Shipments added up, exactly, and none twice.
#[Object]
impl TradeTotals {
    /// The groups, in the order asked for: as many as `first` says, and those that `having` lets
    /// through. A group without a record is not there: no row is not zero.
    async fn rows(&self) -> &[TradeTotal] {
        &self.rows
    }

    /// All groups that are not among the rows, as one. Null when there are none.
    async fn rest(&self) -> Option<&TradeTotal> {
        self.rest.as_ref()
    }

    /// All that counts. Parts of a breakdown are not added up: of them it has no figures but the
    /// count of records.
    async fn total(&self) -> &TradeTotal {
        &self.total
    }

    /// Groups, whether they are among the rows or not.
    async fn group_count(&self) -> i32 {
        whole(self.group_count as u64)
    }

    /// For which time there are records.
    async fn coverage(&self) -> TradeCoverage {
        let Coverage {
            months_asked,
            months_reported,
            months_counted,
            periods: _,
        } = self.answer.coverage.clone();
        TradeCoverage {
            months_asked: months_asked.map(|months| whole(months.into())),
            months_counted,
            months_reported,
        }
    }

    /// Datasets that the records came from.
    async fn datasets(&self, ctx: &Context<'_>) -> Result<Vec<Dataset>> {
        rows::parents::<_, dataset::Entity>(ctx, self.answer.datasets.iter().copied()).await
    }

    /// What must be known to read the figures right; empty when there is nothing.
    async fn warnings(&self) -> &[TradeWarning] {
        &self.warnings
    }
}

/// Which groups are shown, and how.
pub struct Shown {
    pub having: Vec<TradeTotalsHaving>,
    pub order_by: Option<TradeTotalsOrder>,
    pub first: usize,
}

impl Shown {
    /// What rows are chosen and sorted by.
    fn measures(&self) -> impl Iterator<Item = TradeMeasure> {
        let having = self.having.iter().map(|having| having.measure);
        having.chain(self.order_by.as_ref().map(|order| order.measure))
    }
}

/// Reckons what is asked, refuses what would be wrong, and shows the rest.
pub async fn totals(
    ctx: &Context<'_>,
    mut asked: Asked,
    shown: Shown,
    base: Option<Period>,
) -> Result<TradeTotals> {
    if asked.grain == Grain::ReportedTotal {
        return Err(Error::bad_input(
            "what sources state as totals is not added up: two of them may state the same trade, \
             and more than so much is no sum; read them by shipments and claims",
        ));
    }
    let length = finest(&asked.group_by);
    if base.is_some() && length.is_some() {
        return Err(Error::bad_input(
            "base is one period to compare with: group by time, or name a base, not both",
        ));
    }
    let ahead = ctx.look_ahead();
    let is_shown = |field| {
        let mut parts = ["rows", "rest", "total"].into_iter();
        parts.any(|part| ahead.field(part).field(field).exists())
    };
    let compares = is_shown("change");
    asked.measures = Measures {
        net_mass: is_shown("netMass")
            || is_shown("netMassRecordCount")
            || shown
                .measures()
                .any(|measure| measure == TradeMeasure::NetMass),
        quantity: is_shown("quantities"),
    };
    let mut all = vec![asked.clone()];
    if compares && let Some(period) = base.or_else(|| extended(&asked, length)) {
        all.push(Asked {
            period: Some(period),
            ..asked.clone()
        });
    }
    let mut answers = ask_all(ctx, &all).await?.into_iter();
    let mut answer = answers
        .next()
        .ok_or_else(|| Error::internal("no answer to what was asked"))?;
    refuse(ctx, &asked, &answer).await?;
    let unmatched = TradeWarning::unmatched(&codes(ctx, &answer.unmatched).await?);
    let before = answers.next();
    let bases = compares.then(|| Bases::of(before.as_ref().unwrap_or(&answer)));
    let base = |keys: &[Key]| match (bases.as_ref()?, base) {
        (bases, Some(base)) => Some((base, bases.figures(keys))),
        (bases, None) => bases.before(keys),
    };
    let groups = std::mem::take(&mut answer.groups);
    let mut totals = arranged(&asked, answer, groups, shown, base);
    totals.warnings.extend(unmatched);
    Ok(totals)
}

/// The codes of these editions, in their order.
async fn codes(ctx: &Context<'_>, editions: &[Uuid]) -> Result<Vec<String>> {
    let editions = editions.iter().copied();
    let editions = rows::parents::<Edition, edition::Entity>(ctx, editions).await?;
    let mut codes: Vec<_> = editions
        .into_iter()
        .map(|edition| edition.row.code)
        .collect();
    codes.sort();
    Ok(codes)
}

/// The period asked for and the one before its first, when rows are grouped by time.
fn extended(asked: &Asked, length: Option<Dimension>) -> Option<Period> {
    let period = asked.period?;
    let (year, month) = (year(period), month(period));
    let own = match length? {
        Dimension::Year => Period::year(year),
        Dimension::Quarter => Period::quarter(year, month.div_ceil(3)),
        _ => Period::month(year, month),
    };
    Period::new(before(own?)?.start, period.end)
}

/// The shortest time that rows are grouped by.
fn finest(group_by: &[Dimension]) -> Option<Dimension> {
    let lengths = [Dimension::Month, Dimension::Quarter, Dimension::Year];
    lengths.into_iter().find(|length| group_by.contains(length))
}

/// What would be a wrong total is refused, with what would be right.
async fn refuse(ctx: &Context<'_>, asked: &Asked, answer: &Answer) -> Result<()> {
    let is_apart = |dimension| asked.group_by.contains(&dimension);
    if asked.datasets.is_none() && !is_apart(Dimension::Dataset) && !answer.overlapping.is_empty() {
        let datasets = answer.overlapping.iter().copied();
        let datasets = rows::parents::<Dataset, dataset::Entity>(ctx, datasets).await?;
        let slugs: Vec<_> = datasets
            .iter()
            .map(|dataset| dataset.row.slug.as_str())
            .collect();
        return Err(Error::bad_input(format!(
            "the datasets {} hold the same reporters' trade of the same time, which would count \
             twice: name one in filter.dataset, or group by DATASET",
            slugs.join(", ")
        )));
    }
    if answer.total.values.len() > 1 && !is_apart(Dimension::Currency) {
        let values = answer.total.values.iter();
        let currencies: Vec<_> = values.map(|(currency, _)| currency.as_str()).collect();
        return Err(Error::bad_input(format!(
            "values are in {}, which are not added up: name one in filter.currency, or group by \
             CURRENCY",
            currencies.join(", ")
        )));
    }
    Ok(())
}

/// The figures of other periods, by the keys of their groups.
struct Bases(HashMap<Vec<Key>, Figures>);

impl Bases {
    fn of(answer: &Answer) -> Self {
        let groups = answer.groups.iter();
        Self(
            groups
                .map(|group| (group.keys.clone(), group.figures.clone()))
                .collect(),
        )
    }

    fn figures(&self, keys: &[Key]) -> Figures {
        self.0.get(keys).cloned().unwrap_or_default()
    }

    /// Of the same group one period before, when it has a period.
    fn before(&self, keys: &[Key]) -> Option<(Period, Figures)> {
        let periods = keys.iter().filter_map(|key| match key {
            Key::Period(period) => Some(*period),
            _ => None,
        });
        let earlier = before(periods.min_by_key(|period| period.days())?)?;
        let earlier_of = |period: Period| match period.frequency() {
            Frequency::Year => Period::year(year(earlier)),
            Frequency::Quarter => Period::quarter(year(earlier), month(earlier).div_ceil(3)),
            _ => Some(earlier),
        };
        let keys = keys.iter().map(|key| match key {
            Key::Period(period) => earlier_of(*period).map_or(Key::None, Key::Period),
            other => other.clone(),
        });
        let keys: Vec<_> = keys.collect();
        Some((earlier, self.figures(&keys)))
    }
}

fn year(period: Period) -> i32 {
    chrono::Datelike::year(&period.start.0)
}

fn month(period: Period) -> u32 {
    chrono::Datelike::month(&period.start.0)
}

fn arranged(
    asked: &Asked,
    answer: Answer,
    groups: Vec<Group>,
    shown: Shown,
    base: impl Fn(&[Key]) -> Option<(Period, Figures)>,
) -> TradeTotals {
    // Of a breakdown, one part may hold another.
    let adds_up = asked.breakdown.is_none();
    let whole_of = |figures: &Figures| match &figures.values[..] {
        [(_, sum)] if adds_up => Some(*sum),
        _ => None,
    };
    let whole = whole_of(&answer.total);
    let row = |keys: Vec<Key>, figures: Figures| {
        let base = base(&keys);
        let keys = asked.group_by.iter().copied().zip(keys).collect();
        TradeTotal {
            keys,
            figures,
            whole,
            base,
        }
    };
    let group_count = groups.len();
    let rows = groups
        .into_iter()
        .map(|group| row(group.keys, group.figures));
    let (mut rows, mut others): (Vec<_>, Vec<_>) =
        rows.partition(|row| shown.having.iter().all(|having| having.lets(row)));
    sort(&mut rows, shown.order_by.as_ref());
    let cut = rows.split_off(rows.len().min(shown.first));
    let mut warnings = warnings(asked, &answer);
    if !cut.is_empty() {
        let message = format!("{} groups more are one row, rest", cut.len());
        let count = Some(cut.len() as u64);
        warnings.push(TradeWarning::new(TradeWarningCode::Cut, count, message));
    }
    others.extend(cut);
    let together = |figures: Figures| TradeTotal {
        keys: Vec::new(),
        figures: match adds_up {
            true => figures,
            false => Figures {
                records: figures.records,
                ..Figures::default()
            },
        },
        whole,
        base: None,
    };
    let rest = (!others.is_empty()).then(|| {
        let mut rest = Figures::default();
        for row in &others {
            rest.merge(&row.figures);
        }
        together(rest)
    });
    let mut total = together(answer.total.clone());
    if asked.group_by.is_empty() {
        total.base = base(&[]);
    }
    TradeTotals {
        rows,
        rest,
        total,
        group_count,
        answer,
        warnings,
    }
}

impl TradeTotalsHaving {
    fn lets(&self, row: &TradeTotal) -> bool {
        let Some(measured) = measured(row, self.measure) else {
            return false;
        };
        self.at_least.is_none_or(|least| measured >= least.0)
            && self.at_most.is_none_or(|most| measured <= most.0)
    }
}

/// In thousandths; none where it is not known.
fn measured(row: &TradeTotal, measure: TradeMeasure) -> Option<i128> {
    match measure {
        TradeMeasure::Value => row.amount(),
        TradeMeasure::NetMass => row.figures.net_mass.amount(),
        TradeMeasure::RecordCount => Some(i128::from(row.figures.records) * 1000),
        TradeMeasure::Group => None,
    }
}

/// Ties come in the order of their groups, so that the order is always the same.
fn sort(rows: &mut [TradeTotal], order_by: Option<&TradeTotalsOrder>) {
    let by_group = |row: &TradeTotal| -> Vec<(u8, String)> {
        row.keys.iter().map(|(_, key)| place(key)).collect()
    };
    match order_by {
        None => rows.sort_by_cached_key(|row| {
            let period = row.of_period().map(|period| period.start);
            (period, Reverse(row.amount()), by_group(row))
        }),
        Some(TradeTotalsOrder {
            measure: TradeMeasure::Group,
            direction,
        }) => {
            rows.sort_by_cached_key(by_group);
            if *direction == Direction::Desc {
                rows.reverse();
            }
        }
        Some(TradeTotalsOrder { measure, direction }) => rows.sort_by_cached_key(|row| {
            let measured = measured(row, *measure);
            let signed = measured.map(|amount| match direction {
                Direction::Asc => amount,
                Direction::Desc => -amount,
            });
            (measured.is_none(), signed, by_group(row))
        }),
    }
}

fn place(key: &Key) -> (u8, String) {
    match key {
        Key::Period(period) => (0, period.start.to_string()),
        Key::Code(code) => (0, code.clone()),
        Key::Id(id) => (0, id.to_string()),
        Key::Mode(mode) => (0, mode.to_value()),
        Key::None => (1, String::new()),
    }
}
