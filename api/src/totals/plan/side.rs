//! Countries of one side that were asked for.
use sea_orm::prelude::Uuid;

use super::super::{
    asked::{Asked, Dimension},
    facts::Facts,
    projection::Projection,
};
use crate::kit::error::{Error, Result};

/// Countries of one side, by their numbers; all but aggregates, when none.
pub struct Side(pub Option<Vec<u32>>);

pub fn side(
    name: &str,
    named: &Option<Vec<Uuid>>,
    dimension: Dimension,
    asked: &Asked,
    projection: &Projection,
) -> Result<Side> {
    let Some(named) = named else {
        return Ok(Side(None));
    };
    let facts: &Facts = &projection.facts;
    // Beside countries, an aggregate would count them once more.
    let (groups, countries): (Vec<Uuid>, Vec<Uuid>) =
        named.iter().partition(|id| facts.is_group(**id));
    let named = if countries.is_empty() {
        groups
    } else {
        countries
    };
    let of_groups = named.iter().filter(|id| facts.is_group(**id)).count();
    if of_groups > 1 && !asked.group_by.contains(&dimension) {
        return Err(Error::bad_input(format!(
            "the {name}s are {of_groups} aggregates of countries, which may hold the same ones: \
             name one, or group by {name}"
        )));
    }
    let ids = &projection.codes.ids;
    let mut numbers: Vec<u32> = named.iter().filter_map(|id| ids.find(id)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Side(Some(numbers)))
}

impl Side {
    pub fn takes(&self, country: u32, projection: &Projection) -> bool {
        match &self.0 {
            Some(named) => named.binary_search(&country).is_ok(),
            None => {
                let id = projection.codes.ids.all()[country as usize];
                !projection.facts.is_group(id)
            }
        }
    }
}
