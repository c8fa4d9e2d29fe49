//! Products that were asked for, and in which scope each stands.
use std::collections::{HashMap, HashSet};

use sea_orm::prelude::Uuid;

use super::super::{
    asked::{Asked, Dimension},
    projection::Projection,
};

/// By their numbers.
pub struct Products {
    pub wanted: HashSet<u32>,
    /// In which scope each stands.
    pub scopes: HashMap<u32, usize>,
}

/// None when all are wanted.
pub fn products(asked: &Asked, projection: &Projection) -> Option<Products> {
    let (facts, ids) = (&projection.facts, &projection.codes.ids);
    let number = |id: Uuid| ids.find(&id);
    let below = |named: &[Uuid]| -> HashSet<u32> {
        let products = named.iter().flat_map(|id| facts.below(*id));
        products.filter_map(|product| number(product.id)).collect()
    };
    let wanted = asked.products.as_ref().map(|named| below(named));
    if !asked.group_by.contains(&Dimension::Scope) {
        return wanted.map(|wanted| Products {
            wanted,
            scopes: HashMap::new(),
        });
    }
    let mut scopes = HashMap::new();
    for (scope, (_, named)) in asked.scopes.iter().enumerate() {
        for product in below(named) {
            scopes.entry(product).or_insert(scope);
        }
    }
    let in_scopes = scopes.keys().copied().collect();
    let wanted = match wanted {
        Some(wanted) => wanted.intersection(&in_scopes).copied().collect(),
        None => in_scopes,
    };
    Some(Products { wanted, scopes })
}
