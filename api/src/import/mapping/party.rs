//! Fields that name who sent or received goods.
use std::collections::{BTreeMap, HashMap};

use entity::{
    party::{self, PartyKind},
    value::Status,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use super::{coded::Coding, document::Item, text::Text};
use crate::{
    import::table::Record,
    kit::{edit::Edit, record::Standing},
};

/// A name, and what sort of party goes by it.
pub struct PartyField {
    text: Text,
    kind: PartyKind,
}

impl PartyField {
    pub fn parse(item: &Item) -> Option<Self> {
        let (text, section) = Text::parse(item)?;
        let mut kind = PartyKind::Company;
        if let Some(mut section) = section {
            if let Some(item) = section.take("kind") {
                let name = item.text()?;
                let known = PartyKind::named(&name);
                let names = PartyKind::names().join(", ");
                let wrong = || item.none(format!("{name:?} is none of {names}"));
                kind = known.or_else(wrong)?;
            }
            section.finish();
        }
        Some(Self { text, kind })
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        self.text.columns()
    }

    pub fn read(&self, row: &Record) -> Option<(String, PartyKind)> {
        let name = self.text.read(row)?;
        Some((name.into_owned(), self.kind))
    }
}

/// Parties by the names that some rows give them; made where there is none of the name.
pub async fn named(
    edit: &mut Edit,
    wanted: HashMap<String, PartyKind>,
) -> Result<HashMap<String, Uuid>, DbErr> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let names = wanted.keys().map(String::as_str);
    let found = party::Entity::find()
        .filter(party::Column::Name.is_in(names))
        .filter(party::Column::Status.eq(Status::Published))
        .all(edit.connection())
        .await?;
    let mut ids: HashMap<_, _> = found
        .into_iter()
        .map(|party| (party.name, party.id))
        .collect();
    let missing: BTreeMap<_, _> = wanted
        .into_iter()
        .filter(|(name, _)| !ids.contains_key(name))
        .collect();
    for (name, kind) in missing {
        let party = party::Model {
            name: name.clone(),
            kind,
            ..party::Entity::blank(Status::Published, edit.now)
        };
        let party = edit.insert::<party::Entity>(party).await?;
        ids.insert(name, party.id);
    }
    Ok(ids)
}
