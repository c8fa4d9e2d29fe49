//! Which claims are wanted.
use async_graphql::{ID, InputObject};
use entity::{
    claim,
    claim::{ChangeDirection, ClaimKind, Comparator, Measure},
    statement,
    value::{Date, Decimal, Status, Timestamp},
};
use sea_orm::Condition;

use crate::{
    country::CountryFilter,
    kit::{
        error::Result,
        filter::{Filter, Related, Scope, pointed_at},
        operators::{Choice, CodeFilter, Comparison, TextFilter, choosable_enums},
    },
    statement::StatementFilter,
};

choosable_enums!(ChangeDirection, ClaimKind, Measure);

/// Which claims.
#[derive(InputObject)]
pub struct ClaimFilter {
    /// All of these hold.
    and: Option<Vec<ClaimFilter>>,
    /// At least one of these holds.
    or: Option<Vec<ClaimFilter>>,
    /// This does not hold.
    not: Option<Box<ClaimFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By where the record stands. Without signing in only published ones are seen.
    status: Option<Choice<Status>>,
    /// By what sort of proposition it is.
    kind: Option<Choice<ClaimKind>>,
    /// By text.
    text: Option<TextFilter>,
    /// By language of the text, BCP 47.
    language: Option<CodeFilter>,
    /// By first day of the period.
    period_start: Option<Comparison<Date>>,
    /// By last day of the period.
    period_end: Option<Comparison<Date>>,
    /// By what the amount counts.
    measure: Option<Choice<Measure>>,
    /// By how the amount is meant.
    comparator: Option<Choice<Comparator>>,
    /// By amount, whatever the unit or currency.
    amount: Option<Comparison<Decimal>>,
    /// By currency, ISO 4217.
    currency: Option<CodeFilter>,
    /// By change in percent.
    change_percent: Option<Comparison<Decimal>>,
    /// By direction of a change that is stated without a percentage.
    change_direction: Option<Choice<ChangeDirection>>,
    /// By when it was entered.
    created_at: Option<Comparison<Timestamp>>,
    /// By when it was last changed.
    updated_at: Option<Comparison<Timestamp>>,
    /// By exporter.
    exporter: Option<Box<CountryFilter>>,
    /// By importer.
    importer: Option<Box<CountryFilter>>,
    /// By positions taken on it.
    statements: Option<Related<StatementFilter>>,
}

impl Filter for ClaimFilter {
    type Entity = claim::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use claim::Column;
        let Self {
            and,
            or,
            not,
            id,
            status,
            kind,
            text,
            language,
            period_start,
            period_end,
            measure,
            comparator,
            amount,
            currency,
            change_percent,
            change_direction,
            created_at,
            updated_at,
            exporter,
            importer,
            statements,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(status, Column::Status)?
            .on(kind, Column::Kind)?
            .on(text, Column::Text)?
            .on(language, Column::Language)?
            .on(period_start, Column::PeriodStart)?
            .on(period_end, Column::PeriodEnd)?
            .on(measure, Column::Measure)?
            .on(comparator, Column::Comparator)?
            .on(amount, Column::Amount)?
            .on(currency, Column::Currency)?
            .on(change_percent, Column::ChangePercent)?
            .on(change_direction, Column::ChangeDirection)?
            .on(created_at, Column::CreatedAt)?
            .on(updated_at, Column::UpdatedAt)?
            .one(exporter, Column::ExporterId)?
            .one(importer, Column::ImporterId)?
            .many(
                statements,
                pointed_at::<statement::Entity>(Column::Id, statement::Column::ClaimId),
            )?
            .done())
    }
}
