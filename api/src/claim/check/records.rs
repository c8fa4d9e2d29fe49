//! The records that a figure was counted from, as a condition on their table.
use std::collections::BTreeMap;

use entity::{
    country::{self, CountryKind},
    dataset::Grain,
    product,
    shipment::{self, Flow, ReportedBy},
    value::Status,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Alias, BinOper, Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr},
};

use crate::totals::{Answer, Asked, HAS_FINER, Slot};

use shipment::Column;

/// Comes after all digits.
const BEYOND_DIGITS: &str = ":";
const CONCATENATED: BinOper = BinOper::Custom("||");

/// What counted to what a check asks. It asks for no more than this takes apart.
pub fn counted(asked: &Asked, answer: &Answer) -> Condition {
    let Asked {
        grain,
        perspective,
        datasets,
        exporters,
        importers,
        products,
        period,
        ..
    } = asked;
    let flow = match perspective {
        ReportedBy::Importer => Flow::Import,
        _ => Flow::Export,
    };
    let is_broken_down = [
        Column::ModeOfTransport,
        Column::CustomsProcedure,
        Column::Partner2Id,
    ];
    let is_whole = is_broken_down.map(|column| column.is_null());
    let mut all = Condition::all()
        .add(Column::Status.eq(Status::Published))
        .add(Column::ReportedBy.eq(*perspective))
        .add(Column::Flow.eq(flow))
        .add(side(Column::ExporterId, exporters.as_deref()))
        .add(side(Column::ImporterId, importers.as_deref()));
    if let Some(ids) = datasets {
        all = all.add(Column::DatasetId.is_in(ids.iter().copied()));
    }
    if let Some(ids) = products {
        all = all.add(Column::ProductId.in_subquery(below(ids)));
    }
    if let Some(period) = period {
        all = all
            .add(Column::PeriodStart.gte(period.start))
            .add(Column::PeriodEnd.lte(period.end));
    }
    if *grain == Grain::Statistic {
        all = is_whole.into_iter().fold(all, Condition::add);
        all = all.add(Expr::cust(HAS_FINER).not());
    }
    for left_out in left_out(*perspective, &answer.left_out) {
        all = all.add(left_out.not());
    }
    all
}

/// No record.
pub fn nothing() -> Condition {
    Condition::all().add(Expr::val(false))
}

/// Countries that are named; otherwise all but aggregates of them.
fn side(column: Column, named: Option<&[Uuid]>) -> Condition {
    if let Some(ids) = named {
        return Condition::all().add(column.is_in(ids.iter().copied()));
    }
    let groups = country::Entity::find()
        .select_only()
        .column(country::Column::Id)
        .filter(country::Column::Kind.eq(CountryKind::Group))
        .into_query();
    Condition::any()
        .add(column.is_null())
        .add(column.not_in_subquery(groups))
}

/// These products and all below them in their editions.
fn below(ids: &[Uuid]) -> SelectStatement {
    use product::Column::{Code, EditionId, Id};
    let [top, below] = ["top", "below"].map(Alias::new);
    let of_top = |column| Expr::col((top.clone(), column));
    let of_below = |column| Expr::col((below.clone(), column));
    Query::select()
        .expr(of_below(Id))
        .from_as(product::Entity, top.clone())
        .join_as(
            JoinType::InnerJoin,
            product::Entity,
            below.clone(),
            Condition::all()
                .add(of_below(EditionId).eq(of_top(EditionId)))
                .add(of_below(Code).gte(of_top(Code)))
                .add(of_below(Code).lt(of_top(Code).binary(CONCATENATED, BEYOND_DIGITS))),
        )
        .and_where(of_top(Id).is_in(ids.iter().copied()))
        .take()
}

/// The slots whose records were not added, those of a reporter and edition together.
fn left_out(perspective: ReportedBy, slots: &[Slot]) -> impl Iterator<Item = Condition> {
    let mut series: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for slot in slots {
        let of = series.entry((slot.reporter, slot.edition));
        of.or_default().push(slot.period);
    }
    let reporter = match perspective {
        ReportedBy::Importer => Column::ImporterId,
        _ => Column::ExporterId,
    };
    series.into_iter().map(move |((of, edition), periods)| {
        let periods = periods.into_iter().fold(Condition::any(), |any, period| {
            any.add(
                Condition::all()
                    .add(Column::PeriodStart.eq(period.start))
                    .add(Column::PeriodEnd.eq(period.end)),
            )
        });
        let in_edition = edition.map(|edition| {
            let products = product::Entity::find()
                .select_only()
                .column(product::Column::Id)
                .filter(product::Column::EditionId.eq(edition));
            Column::ProductId.in_subquery(products.into_query())
        });
        Condition::all()
            .add(periods)
            .add(known_or_not(reporter, of.map(|of| reporter.eq(of))))
            .add(known_or_not(Column::ProductId, in_edition))
    })
}

/// Never null, so that its opposite holds for all others.
fn known_or_not(column: Column, is_so: Option<SimpleExpr>) -> Condition {
    match is_so {
        Some(is_so) => Condition::all().add(column.is_not_null()).add(is_so),
        None => Condition::all().add(column.is_null()),
    }
}
