//! Against which datasets a claim is checked.
use async_graphql::Context;
use entity::{dataset, dataset::Grain, value::Status};
use sea_orm::{ColumnTrait, Condition};

use crate::kit::{
    error::{Error, Result},
    operators::plain,
    rows,
};

/// Datasets that one question is about at most.
pub const MOST: usize = 20;

/// Those that are named; when none is, all: first those that hold records to count.
pub async fn datasets(
    ctx: &Context<'_>,
    slugs: Option<Vec<String>>,
) -> Result<Vec<dataset::Model>> {
    use dataset::Column;
    let published = Condition::all().add(Column::Status.eq(Status::Published));
    let Some(slugs) = slugs else {
        let mut found = rows::matching::<dataset::Entity>(ctx, published).await?;
        found.sort_by_key(|row| (row.grain == Grain::ReportedTotal, row.slug.clone()));
        return Ok(found);
    };
    if slugs.is_empty() || slugs.len() > MOST {
        return Err(Error::bad_input(format!(
            "datasets takes from 1 to {MOST} slugs, and has {}; leave it out to check against all",
            slugs.len()
        )));
    }
    let slugs: Vec<_> = slugs.into_iter().map(plain).collect::<Result<_>>()?;
    let named = published.add(Column::Slug.is_in(slugs.clone()));
    let rows = rows::matching::<dataset::Entity>(ctx, named).await?;
    let mut found: Vec<dataset::Model> = Vec::with_capacity(slugs.len());
    for slug in slugs {
        let Some(row) = rows.iter().find(|row| row.slug == slug) else {
            return Err(Error::bad_input(format!(
                "there is no published dataset {slug:?}; the query datasets lists them"
            )));
        };
        if found.iter().all(|known| known.id != row.id) {
            found.push(row.clone());
        }
    }
    Ok(found)
}
