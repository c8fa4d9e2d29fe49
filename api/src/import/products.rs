//! Products that files name: looked up by the hundred, and made where no nomenclature came yet.
use std::{collections::HashMap, sync::Arc};

use entity::{
    edition,
    product::{self, ProductLevel},
    value::Status,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use super::hs_code::above;
use crate::kit::{edit::Edit, record::Standing};

/// Products met so far: as many as the nomenclatures have, however long the file is.
#[derive(Default)]
pub struct Products(HashMap<Uuid, HashMap<String, Met>>);

/// A product that was met.
#[derive(Clone, Copy)]
struct Met {
    id: Uuid,
    published: bool,
}

/// What a file says of a product that it names.
#[derive(Clone, Default)]
pub struct Named {
    pub edition: Arc<edition::Model>,
    pub code: String,
    /// Its description; none when the file has none.
    pub description: Option<String>,
}

impl Products {
    /// Looks up the products of these editions and codes that were not met before, and makes
    /// those that no nomenclature can have brought.
    pub async fn meet<'n>(
        &mut self,
        edit: &mut Edit,
        named: impl Iterator<Item = &'n Named> + Clone,
    ) -> Result<(), DbErr> {
        self.look_up(edit, named.clone()).await?;
        let mut new = HashMap::new();
        for name in named {
            if self.met(name.edition.id, &name.code).is_none() && may_be_new(name) {
                let key = (name.edition.id, name.code.as_str());
                new.entry(key).or_insert(name);
            }
        }
        let mut new: Vec<_> = new.into_values().collect();
        // The shorter codes first: the longer ones hang below them.
        new.sort_by_key(|name| (depth(&name.code), name.edition.id, name.code.clone()));
        let mut rows = Vec::with_capacity(new.len());
        for name in new {
            let Some(level) = ProductLevel::of(&name.code) else {
                continue;
            };
            let parent = above(&name.code).find_map(|code| self.met(name.edition.id, code));
            let product = product::Model {
                edition_id: name.edition.id,
                parent_id: parent.map(|parent| parent.id),
                code: name.code.clone(),
                level,
                description: name.description.clone(),
                ..product::Entity::blank(Status::Published, edit.now)
            };
            let met = Met {
                id: product.id,
                published: true,
            };
            let of_edition = self.0.entry(name.edition.id).or_default();
            of_edition.insert(name.code.clone(), met);
            rows.push(product);
        }
        if !rows.is_empty() {
            edit.insert_batch::<product::Entity>(rows).await?;
        }
        Ok(())
    }

    async fn look_up<'n>(
        &mut self,
        edit: &Edit,
        named: impl Iterator<Item = &'n Named>,
    ) -> Result<(), DbErr> {
        let mut unmet: HashMap<Uuid, Vec<&str>> = HashMap::new();
        for Named { edition, code, .. } in named {
            // Those above it matter to one that is new.
            if self.met(edition.id, code).is_none() {
                let codes = std::iter::once(code.as_str()).chain(above(code));
                unmet.entry(edition.id).or_default().extend(codes);
            }
        }
        for (edition_id, mut codes) in unmet {
            codes.sort_unstable();
            codes.dedup();
            let found = product::Entity::find()
                .filter(product::Column::EditionId.eq(edition_id))
                .filter(product::Column::Code.is_in(codes))
                .all(edit.connection())
                .await?;
            let of_edition = self.0.entry(edition_id).or_default();
            of_edition.extend(found.into_iter().map(|product| {
                let met = Met {
                    id: product.id,
                    published: product.status == Status::Published,
                };
                (product.code, met)
            }));
        }
        Ok(())
    }

    fn met(&self, edition_id: Uuid, code: &str) -> Option<Met> {
        self.0.get(&edition_id)?.get(code).copied()
    }

    /// The product that was met; or why records may not refer to it.
    pub fn id(&self, edition: &edition::Model, code: &str) -> Result<Uuid, String> {
        match self.met(edition.id, code) {
            None => Err(format!("{} has no code {code}", edition.code)),
            Some(met) if !met.published => Err(format!(
                "{code} of {} is not published, and its records would be: publish it first",
                edition.code
            )),
            Some(met) => Ok(met.id),
        }
    }
}

/// A whole nomenclature knows all codes of the HS, but none of a country's own.
fn may_be_new(name: &Named) -> bool {
    name.edition.nomenclature_at.is_none() || name.code.len() > 6
}

fn depth(code: &str) -> usize {
    if code == "TOTAL" { 0 } else { code.len() }
}
