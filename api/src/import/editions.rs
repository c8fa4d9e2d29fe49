//! Editions of the HS, as files name them.
use std::sync::Arc;

use entity::{edition, value::Date};
use sea_orm::{DbErr, EntityTrait, QueryOrder};

use crate::kit::edit::Edit;

/// All editions of the HS.
pub struct Editions(Vec<Arc<edition::Model>>);

impl Editions {
    pub async fn read(edit: &Edit) -> Result<Self, DbErr> {
        let editions = edition::Entity::find().order_by_asc(edition::Column::InForceFrom);
        let editions = editions.all(edit.connection()).await?;
        Ok(Self(editions.into_iter().map(Arc::new).collect()))
    }

    pub fn in_force(&self, day: Date) -> Option<&Arc<edition::Model>> {
        let mut editions = self.0.iter();
        editions.find(|edition| {
            edition.in_force_from <= day && edition.in_force_until.is_none_or(|until| day <= until)
        })
    }

    /// By its code (`HS2022`), its year or UN Comtrade's code (`H6`).
    pub fn named(&self, name: &str) -> Option<&Arc<edition::Model>> {
        let name = name.replace(' ', "");
        let mut editions = self.0.iter();
        editions.find(|edition| {
            edition.code.eq_ignore_ascii_case(&name)
                || edition.comtrade_code.eq_ignore_ascii_case(&name)
                || edition.code.strip_prefix("HS") == Some(name.as_str())
        })
    }

    /// Their codes, for whoever named another.
    pub fn codes(&self) -> String {
        let codes: Vec<_> = self.0.iter().map(|edition| edition.code.as_str()).collect();
        codes.join(", ")
    }
}
