//! Coverage: for which reporters and periods a dataset holds records, so that a row that is missing
//! can be told from a zero.
use std::collections::BTreeMap;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use entity::{
    country,
    shipment::{Flow, ReportedBy},
    value::{Date, Frequency},
};
use sea_orm::prelude::Uuid;

use crate::{
    country::{self as countries, Country},
    kit::{
        error::{Error, Result},
        period::Period,
        rows,
    },
    totals::{Holding, holdings},
};

/// Series of a page when nothing was said.
const DEFAULT_SIZE: usize = 25;
/// Series of a page at most.
const MOST_SIZE: usize = 200;

/// Which part of a dataset's coverage is wanted.
#[derive(Default)]
pub struct Wanted {
    pub reporter: Option<String>,
    pub reported_by: Option<ReportedBy>,
    pub flow: Option<Flow>,
    pub during: Option<Period>,
    pub first: Option<i32>,
    pub skip: Option<i32>,
}

/// For which reporters and periods a dataset holds published records.
pub struct Coverage {
    series: Vec<CoverageSeries>,
    total_count: i32,
}

/// For which reporters and periods a dataset holds published records.
#[Object(name = "DatasetCoverage")]
impl Coverage {
    /// A part of the series, those of a reporter side by side, by their UN M49 codes.
    async fn nodes(&self) -> &[CoverageSeries] {
        &self.series
    }

    /// How many series there are; `skip` gets to those that are not shown.
    async fn total_count(&self) -> i32 {
        self.total_count
    }
}

/// What one reporter tells of one flow in a dataset.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CoverageSeries {
    #[graphql(skip)]
    reporter_id: Option<Uuid>,
    /// As which side of the movement it reports.
    reported_by: ReportedBy,
    /// Direction and kind of the movement.
    flow: Flow,
    /// First day for which there is a record.
    first_day: Date,
    /// Last day for which there is a record.
    last_day: Date,
    /// Records of all goods, breakdowns and aggregates among them.
    record_count: i32,
    /// The periods of the records, in their order. They overlap where a year stands beside its
    /// months.
    periods: Vec<CoveredPeriod>,
    /// The stretches for which there is no record at all: of `during` when it is given, otherwise
    /// between the first day and the last. For them, a row that is missing says nothing.
    missing: Vec<Period>,
}

#[ComplexObject]
impl CoverageSeries {
    /// Country or customs area that reports. Null when a third party does, or it is not known who.
    async fn reporter(&self, ctx: &Context<'_>) -> Option<Result<Country>> {
        let found = rows::shown::<Country, country::Entity>(ctx, self.reporter_id);
        found.await.transpose()
    }
}

/// A period for which there are records.
#[derive(Clone, SimpleObject)]
pub struct CoveredPeriod {
    /// The period of the records.
    period: Period,
    /// Its length.
    frequency: Frequency,
    /// How many records there are, of all goods.
    record_count: i32,
}

/// The coverage of a dataset.
pub async fn coverage(ctx: &Context<'_>, dataset: Uuid, wanted: Wanted) -> Result<Coverage> {
    let reporter = match &wanted.reporter {
        Some(code) => Some(countries::by_code(ctx, "reporter", code).await?.id),
        None => None,
    };
    let size = bounded("first", wanted.first, DEFAULT_SIZE, MOST_SIZE)?;
    let skip = bounded("skip", wanted.skip, 0, usize::MAX)?;
    let mut series: BTreeMap<_, Vec<Holding>> = BTreeMap::new();
    for holding in holdings(ctx, dataset).await? {
        let is_wanted = reporter.is_none_or(|reporter| holding.reporter == Some(reporter))
            && wanted
                .reported_by
                .is_none_or(|by| holding.reported_by == by)
            && wanted.flow.is_none_or(|flow| holding.flow == flow)
            && wanted
                .during
                .is_none_or(|during| during.overlaps(holding.period));
        if is_wanted {
            // Countries have ids in the order of their codes.
            let key = (
                holding.reporter,
                holding.reported_by as u8,
                holding.flow as u8,
            );
            series.entry(key).or_default().push(holding);
        }
    }
    let total_count = count(series.len() as u64);
    let series = series.into_values().skip(skip).take(size);
    Ok(Coverage {
        series: series.filter_map(|held| one(held, wanted.during)).collect(),
        total_count,
    })
}

fn one(mut held: Vec<Holding>, during: Option<Period>) -> Option<CoverageSeries> {
    held.sort_by_key(|holding| holding.period);
    let first = *held.first()?;
    let last_day = held.iter().map(|holding| holding.period.end).max()?;
    let mut periods: Vec<(Period, u64)> = Vec::new();
    for holding in &held {
        match periods.last_mut() {
            // In several editions.
            Some((period, records)) if *period == holding.period => *records += holding.records,
            _ => periods.push((holding.period, holding.records)),
        }
    }
    let whole = during.or_else(|| Period::new(first.period.start, last_day))?;
    let missing = missing(whole, periods.iter().map(|(period, _)| *period));
    let covered = periods.iter().map(|(period, records)| CoveredPeriod {
        period: *period,
        frequency: period.frequency(),
        record_count: count(*records),
    });
    Some(CoverageSeries {
        reporter_id: first.reporter,
        reported_by: first.reported_by,
        flow: first.flow,
        first_day: first.period.start,
        last_day,
        record_count: count(periods.iter().map(|(_, records)| records).sum()),
        periods: covered.collect(),
        missing,
    })
}

/// What of a stretch no period covers; the periods come in the order of their first days.
fn missing(whole: Period, periods: impl Iterator<Item = Period>) -> Vec<Period> {
    let mut missing = Vec::new();
    let mut next = Some(whole.start);
    for period in periods {
        let Some(from) = next else { break };
        let before = period.start.0.pred_opt().map(Date);
        missing.extend(before.and_then(|before| Period::new(from, before.min(whole.end))));
        let after = period.end.0.succ_opt().map(Date);
        next = after.map(|after| after.max(from));
    }
    missing.extend(next.and_then(|from| Period::new(from, whole.end)));
    missing
}

fn bounded(name: &str, said: Option<i32>, default: usize, most: usize) -> Result<usize> {
    let Some(said) = said else {
        return Ok(default);
    };
    let found = usize::try_from(said).ok().filter(|said| *said <= most);
    found.ok_or_else(|| match most {
        usize::MAX => Error::bad_input(format!("{name} must be 0 or more, and is {said}")),
        most => Error::bad_input(format!("{name} must be from 0 to {most}, and is {said}")),
    })
}

fn count(records: u64) -> i32 {
    i32::try_from(records).unwrap_or(i32::MAX)
}
