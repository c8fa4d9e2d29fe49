//! What must be known of a total to read it right.
use async_graphql::{Enum, SimpleObject};

use super::{Answer, Asked, Converted, Figures};

/// What a reader of the total must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TradeWarningCode {
    /// Some values include freight and insurance (CIF), others do not (FOB), or it is not stated.
    MixedValuations,
    /// Records are in more than one edition of the HS: the same code may mean other goods.
    EditionBreak,
    /// There are no records for some months of the period that was asked for.
    PartialPeriod,
    /// The publisher estimated quantities or masses.
    Estimated,
    /// Values are about, more or less than what is said: they are in no sum.
    InexactLeftOut,
    /// Records have no value: it is not known, which is not zero.
    UnknownValues,
    /// Several datasets hold the same reporter's trade of the same time: it may count twice.
    OverlappingDatasets,
    /// Records of shorter periods lie within longer ones that were taken, and were not added.
    CoveredByLongerPeriods,
    /// The same period is there in a later edition of the HS, which was taken.
    LaterEditionTaken,
    /// Parts of a breakdown are shown: one may hold another, so that they are not added up.
    Breakdown,
    /// Products of the list have no code in an edition that the records are in.
    ScopeLost,
    /// Codes of an edition hold other goods than those of the list as well.
    ScopeWider,
    /// Codes of an edition are taken to mean the same: no concordance tells.
    ScopeAssumed,
    /// Records are in an edition of the HS in which the product filter finds nothing.
    ProductsNotInEdition,
    /// There are more groups than rows; the others are one row.
    Cut,
}

/// A warning, with how many records or months it is about.
#[derive(Clone, Debug, SimpleObject)]
pub struct TradeWarning {
    /// What it is about.
    code: TradeWarningCode,
    /// A sentence for people.
    message: String,
    /// How many records, months or groups; null where that is no matter of a number.
    count: Option<i32>,
}

impl TradeWarning {
    pub fn new(code: TradeWarningCode, count: Option<u64>, message: String) -> Self {
        let count = count.map(|count| i32::try_from(count).unwrap_or(i32::MAX));
        Self {
            code,
            message,
            count,
        }
    }
}

impl TradeWarning {
    /// Of editions, by their codes, in which a product filter found nothing; none when there are
    /// none.
    pub fn unmatched(editions: &[String]) -> Option<Self> {
        let message = format!(
            "records are in {}, in which the product filter finds nothing: they may hold these goods \
             under other codes; name those (product.inEdition tells them), or a product list, which \
             is carried over",
            editions.join(", ")
        );
        let count = Some(editions.len() as u64);
        (!editions.is_empty())
            .then(|| Self::new(TradeWarningCode::ProductsNotInEdition, count, message))
    }
}

/// All that must be said of an answer.
pub fn warnings(asked: &Asked, answer: &Answer) -> Vec<TradeWarning> {
    use TradeWarningCode::{
        Breakdown, CoveredByLongerPeriods, EditionBreak, Estimated, InexactLeftOut,
        LaterEditionTaken, MixedValuations, OverlappingDatasets, PartialPeriod, ScopeAssumed,
        ScopeLost, ScopeWider, UnknownValues,
    };
    let Figures {
        records,
        values,
        valuations: [cif, fob, unknown],
        estimated,
        inexact,
        ..
    } = &answer.total;
    let valued: u64 = values.iter().map(|(_, sum)| sum.records).sum();
    let kinds = [cif, fob, unknown]
        .iter()
        .filter(|count| ***count > 0)
        .count();
    let coverage = &answer.coverage;
    let counted = u32::try_from(coverage.months_counted.len()).unwrap_or(u32::MAX);
    let missing = coverage
        .months_asked
        .unwrap_or_default()
        .saturating_sub(counted);
    let mut warnings = Vec::new();
    let mut warn = |is_so: bool, code, count: u64, message: String| {
        if is_so {
            warnings.push(TradeWarning::new(code, Some(count), message));
        }
    };
    warn(
        kinds > 1,
        MixedValuations,
        valued,
        format!(
            "values with freight and without were added up: CIF {cif}, FOB {fob}, not stated {unknown}"
        ),
    );
    warn(
        answer.editions.len() > 1,
        EditionBreak,
        answer.editions.len() as u64,
        "the records are in several editions of the HS: the same code may mean other goods"
            .to_owned(),
    );
    warn(
        missing > 0 && *records > 0,
        PartialPeriod,
        missing.into(),
        format!("no record counts for {missing} months of the period"),
    );
    warn(
        *estimated > 0,
        Estimated,
        *estimated,
        format!("the quantity or mass of {estimated} records is the publisher's estimate"),
    );
    warn(
        *inexact > 0,
        InexactLeftOut,
        *inexact,
        format!("{inexact} values are not stated exactly, and are in no sum"),
    );
    let without = records.saturating_sub(valued + inexact);
    warn(
        without > 0,
        UnknownValues,
        without,
        format!("{without} records have no value: it is not known, which is not zero"),
    );
    warn(
        !answer.overlapping.is_empty(),
        OverlappingDatasets,
        answer.overlapping.len() as u64,
        "several datasets hold the same reporter's trade of the same time: added up, it may count twice".to_owned(),
    );
    warn(
        answer.covered > 0,
        CoveredByLongerPeriods,
        answer.covered,
        format!(
            "records within longer periods that were taken, which were not added: {}",
            answer.covered
        ),
    );
    warn(
        answer.superseded > 0,
        LaterEditionTaken,
        answer.superseded,
        format!(
            "records of a period that is there in a later edition of the HS as well, which were not added: {}",
            answer.superseded
        ),
    );
    let Converted {
        lost,
        wider,
        assumed,
    } = asked.converted;
    warn(
        lost > 0,
        ScopeLost,
        lost,
        format!("{lost} products of the list have no code in an edition that the records are in"),
    );
    warn(
        wider > 0,
        ScopeWider,
        wider,
        format!("{wider} codes hold other goods than those of the list as well"),
    );
    warn(
        assumed > 0,
        ScopeAssumed,
        assumed,
        format!(
            "{assumed} codes are taken to mean the same in another edition: no concordance tells"
        ),
    );
    if asked.breakdown.is_some() {
        let message = "parts of a breakdown: one may hold another, so that they are not added up";
        warnings.push(TradeWarning::new(Breakdown, None, message.to_owned()));
    }
    warnings
}
