//! Which reports are compared with which, and what comes of it.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;
use entity::value::Date;
use sea_orm::prelude::Uuid;

use super::{
    figure::{MirrorFigure, MirrorGap, MirrorNote, MirrorState},
    goods::{Goods, SIDES, editions_of},
};
use crate::{
    kit::{
        error::{Error, Result},
        period::Period,
    },
    totals::{Answer, Asked, Dimension, Figures, Key, ask_all},
};

/// More datasets are not compared at once.
const MOST_DATASETS: usize = 16;

/// One side as a dataset has it.
#[derive(Clone)]
pub struct Side {
    pub dataset: Uuid,
    pub answer: Answer,
    /// What became of the goods in the editions of its records.
    notes: Vec<MirrorNote>,
}

pub struct Pair {
    pub exporter: Side,
    pub importer: Side,
    pub total: MirrorGap,
    /// Those that are shown, by time and then by code.
    pub groups: Vec<Group>,
    pub group_count: usize,
}

pub struct Group {
    pub period: Option<Period>,
    pub code: Option<String>,
    pub gap: MirrorGap,
}

/// Compares what the two perspectives come to; the perspective that is asked for does not matter.
pub async fn compare(
    ctx: &Context<'_>,
    asked: Asked,
    goods: &Goods,
    first: usize,
) -> Result<Vec<Pair>> {
    let perspectives = SIDES;
    let found = ask_all(
        ctx,
        &perspectives.map(|perspective| Asked {
            perspective,
            group_by: vec![Dimension::Dataset],
            ..asked.clone()
        }),
    )
    .await?;
    let datasets: BTreeSet<Uuid> = found
        .iter()
        .flat_map(|answer| answer.datasets.iter().copied())
        .collect();
    if datasets.len() > MOST_DATASETS {
        return Err(Error::bad_input(format!(
            "{} datasets hold this trade, and at most {MOST_DATASETS} are compared at once: say which by the argument dataset",
            datasets.len()
        )));
    }
    // All as of one revision.
    let each: Vec<_> = datasets
        .iter()
        .flat_map(|dataset| perspectives.map(|perspective| (*dataset, perspective)))
        .map(|(dataset, perspective)| Asked {
            perspective,
            datasets: Some(vec![dataset]),
            ..asked.clone()
        })
        .collect();
    let mut answers = ask_all(ctx, &each).await?.into_iter();
    let mut sides = Vec::new();
    for dataset in datasets {
        if let (Some(exporter), Some(importer)) = (answers.next(), answers.next()) {
            let notes = goods.notes(&editions_of(ctx, &asked, Some(dataset)).await?);
            sides.push((
                Side {
                    dataset,
                    answer: exporter,
                    notes: notes.clone(),
                },
                Side {
                    dataset,
                    answer: importer,
                    notes,
                },
            ));
        }
    }
    let pairs = paired(sides).into_iter();
    Ok(pairs
        .map(|(exporter, importer)| pair(exporter, importer, first))
        .collect())
}

/// A dataset that holds both sides is compared with itself; those that hold one, with each other.
fn paired(sides: Vec<(Side, Side)>) -> Vec<(Side, Side)> {
    let holds = |side: &Side| side.answer.total.records > 0;
    let (whole, half): (Vec<_>, Vec<_>) = sides
        .into_iter()
        .partition(|(exporter, importer)| holds(exporter) && holds(importer));
    let (exporters, importers): (Vec<_>, Vec<_>) =
        half.into_iter().partition(|(exporter, _)| holds(exporter));
    let mut pairs = whole;
    if exporters.is_empty() || importers.is_empty() {
        // The other side is not there, and the dataset says why.
        pairs.extend(exporters);
        pairs.extend(importers);
        return pairs;
    }
    for (exporter, _) in &exporters {
        for (_, importer) in &importers {
            pairs.push((exporter.clone(), importer.clone()));
        }
    }
    pairs
}

fn pair(exporter: Side, importer: Side, first: usize) -> Pair {
    let sides = [&exporter.answer, &importer.answer];
    let mut known = [exporter.notes.as_slice(), &importer.notes].concat();
    if sides.iter().any(|side| side.editions.len() > 1)
        || (sides.iter().all(|side| !side.editions.is_empty())
            && exporter.answer.editions != importer.answer.editions)
    {
        known.push(MirrorNote::EditionsDiffer);
    }
    let gap = |figures: [Option<&Figures>; 2], within: Option<Period>| {
        let mut known = known.clone();
        let both = figures.iter().all(Option::is_some);
        let [one, other] = sides.map(|side| months(&side.coverage.months_counted, within));
        if both && one != other {
            known.push(MirrorNote::CoverageDiffers);
        }
        let [exporter, importer] = [0, 1].map(|side| {
            let reported = months(&sides[side].coverage.months_reported, within);
            let otherwise = match reported.is_empty() {
                true => MirrorState::NotReported,
                false => MirrorState::NoRecord,
            };
            MirrorFigure::of(figures[side], otherwise)
        });
        MirrorGap::new(exporter, importer, &known)
    };
    let some = |figures| Some(figures).filter(|figures: &&Figures| figures.records > 0);
    let total = gap([some(&sides[0].total), some(&sides[1].total)], None);
    let mut groups: BTreeMap<_, [Option<&Figures>; 2]> = BTreeMap::new();
    for (place, side) in sides.into_iter().enumerate() {
        for group in side.groups.iter().filter(|group| !group.keys.is_empty()) {
            let mut key = (None, None);
            for part in &group.keys {
                match part {
                    Key::Period(period) => key.0 = Some(*period),
                    Key::Code(code) => key.1 = Some(code.clone()),
                    Key::None | Key::Id(_) | Key::Mode(_) => {}
                }
            }
            groups.entry(key).or_default()[place] = Some(&group.figures);
        }
    }
    let group_count = groups.len();
    let groups = groups.into_iter().take(first);
    let groups = groups.map(|((period, code), figures)| Group {
        gap: gap(figures, period),
        period,
        code,
    });
    Pair {
        groups: groups.collect(),
        total,
        group_count,
        exporter,
        importer,
    }
}

/// Those that begin within a period; all without one.
fn months(months: &[Date], within: Option<Period>) -> Vec<Date> {
    let own = months.iter().copied();
    own.filter(|month| within.is_none_or(|period| period.start <= *month && *month <= period.end))
        .collect()
}
