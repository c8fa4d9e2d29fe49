//! Editions of the Harmonized System.
use async_graphql::{Context, ID, InputObject};
use entity::{edition, product, value::Date};
use sea_orm::{ColumnTrait, Condition};

use crate::{
    kit::{
        error::{Error, Result},
        fields::{concept, fields, order},
        filter::{Filter, Scope},
        operators::{Choice, CodeFilter, Comparison, plain},
        references::Named,
        rows,
    },
    product::Product,
};

concept! {
    /// An edition of the Harmonized System (HS), the World Customs Organization's nomenclature
    /// of goods. A code means something only within its edition.
    Edition of edition, filtered by EditionFilter, ordered by EditionOrderField
}

fields! {
    #[ComplexObject]
    impl Edition {
        record;

        connections {
            /// Its products.
            products: Product =
                |edition, _| Condition::all().add(product::Column::EditionId.eq(edition.row.id));
        }
    }
}

impl Named for edition::Entity {
    /// As `edition_named` has it.
    fn names(row: &edition::Model) -> Vec<String> {
        let year = row.code.strip_prefix("HS").unwrap_or(&row.code).to_owned();
        vec![row.code.clone(), year, row.comtrade_code.clone()]
    }
}

/// The edition that people may call by its code, its year or UN Comtrade's code.
pub fn edition_named(name: &str) -> Condition {
    let name = name.trim().to_ascii_uppercase();
    Condition::any()
        .add(edition::Column::Code.eq(&name))
        .add(edition::Column::Code.eq(format!("HS{name}")))
        .add(edition::Column::ComtradeCode.eq(&name))
}

/// The edition that a query calls so.
pub async fn edition_called(ctx: &Context<'_>, name: String) -> Result<edition::Model> {
    let called = plain(name.clone())?.trim().to_ascii_uppercase();
    let found = match rows::named::<edition::Entity>(ctx, &called).await? {
        Some(found) => Some(found),
        None => rows::one::<edition::Entity>(ctx, edition_named(&called)).await?,
    };
    found.ok_or_else(|| {
        Error::bad_input(format!(
            "there is no edition {name:?}; the query editions lists them"
        ))
    })
}

/// Which editions.
#[derive(InputObject)]
pub struct EditionFilter {
    /// All of these hold.
    and: Option<Vec<EditionFilter>>,
    /// At least one of these holds.
    or: Option<Vec<EditionFilter>>,
    /// This does not hold.
    not: Option<Box<EditionFilter>>,
    /// By global id.
    id: Option<Choice<ID>>,
    /// By code: `HS2022`.
    code: Option<CodeFilter>,
    /// By UN Comtrade's code: `H6`.
    comtrade_code: Option<CodeFilter>,
    /// By the first day it was in force.
    in_force_from: Option<Comparison<Date>>,
    /// By the last day it was in force.
    in_force_until: Option<Comparison<Date>>,
}

impl Filter for EditionFilter {
    type Entity = edition::Entity;

    fn condition(self, scope: Scope<'_>) -> Result<Condition> {
        use edition::Column;
        let Self {
            and,
            or,
            not,
            id,
            code,
            comtrade_code,
            in_force_from,
            in_force_until,
        } = self;
        Ok(scope
            .logic(and, or, not)?
            .on(id, Column::Id)?
            .on(code, Column::Code)?
            .on(comtrade_code, Column::ComtradeCode)?
            .on(in_force_from, Column::InForceFrom)?
            .on(in_force_until, Column::InForceUntil)?
            .done())
    }
}

order! {
    /// What editions can be ordered by.
    EditionOrderField of edition {
        /// Code.
        Code,
        /// First day in force.
        InForceFrom,
    }
}

#[derive(Default)]
pub struct EditionQuery;

fields! {
    #[Object]
    impl EditionQuery {
        connections {
            /// Editions of the Harmonized System.
            editions: Edition = |_, _| Condition::all();
        }
    }
}
