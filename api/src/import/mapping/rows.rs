//! Which rows of a file are taken.
use super::document::{Item, Section};
use crate::import::{
    report::Refusal,
    table::{Column, Record},
};

/// Rows that are meant, rows that are left out, and what no row may say.
#[derive(Default)]
pub struct Rows {
    keep: Vec<Rule>,
    leave_out: Vec<Rule>,
    expect: Vec<Rule>,
}

/// A column, and some of the values that it may have.
struct Rule {
    column: Column,
    values: Vec<String>,
}

impl Rows {
    pub fn parse(item: &Item) -> Self {
        let Some(mut section) = item.section() else {
            return Self::default();
        };
        let rows = Self {
            keep: rules(&mut section, "keep"),
            leave_out: rules(&mut section, "leave_out"),
            expect: rules(&mut section, "expect"),
        };
        section.finish();
        rows
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        let rules = [&self.keep, &self.leave_out, &self.expect];
        let columns = rules
            .into_iter()
            .flatten()
            .map(|rule| rule.column.name.clone());
        columns.map(|column| vec![column]).collect()
    }

    /// Whether a row is one of those that are meant.
    pub fn takes(&self, row: &Record) -> Result<bool, Refusal> {
        let holds = |rule: &Rule| {
            rule.values
                .iter()
                .any(|value| value == row.at(&rule.column))
        };
        if !self.keep.iter().all(holds) || self.leave_out.iter().any(holds) {
            return Ok(false);
        }
        match self.expect.iter().find(|rule| !holds(rule)) {
            None => Ok(true),
            Some(rule) => {
                let expected: Vec<_> = rule
                    .values
                    .iter()
                    .map(|value| format!("{value:?}"))
                    .collect();
                let reason = format!(
                    "is {:?}, and only rows with {} are taken",
                    row.at(&rule.column),
                    expected.join(" or ")
                );
                Err(row.refuse(&rule.column.name, reason))
            }
        }
    }
}

fn rules(section: &mut Section, key: &'static str) -> Vec<Rule> {
    let columns = section.take(key).and_then(|item| item.section());
    let rule = |(column, item): (&str, Item)| Rule {
        column: column.to_owned().into(),
        values: item.texts(),
    };
    columns.map_or_else(Vec::new, |columns| {
        columns.all().into_iter().map(rule).collect()
    })
}
