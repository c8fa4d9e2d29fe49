//! The pen that the story is written with: a record is told what is its own, and published.
use std::{collections::HashMap, fmt::Display, str::FromStr};

use entity::{country, value::Decimal};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use crate::kit::edit::Edit;

/// A row as it stands when it is entered and published at once.
macro_rules! published {
    ($story:ident, $table:ident { $($column:tt)* }) => {{
        use crate::kit::record::Standing;
        let row = entity::$table::Model {
            $($column)*
            ..entity::$table::Entity::blank(entity::value::Status::Published, $story.edit.now)
        };
        $story.edit.insert::<entity::$table::Entity>(row).await.map(|row| row.id)
    }};
}

mod evidence;
mod goods;
mod positions;

pub use evidence::{Party, Place, Source};
pub use goods::{Dataset, Product, ProductList, Total};
pub use positions::{Claim, Statement, Subject, asserts, denies, doubts};

pub struct Story {
    edit: Edit,
    /// Citations by source and words: a figure and a statement on the same words share one.
    cited: HashMap<(Uuid, &'static str), Uuid>,
}

/// Where goods come from and go to.
#[derive(Clone, Copy)]
pub struct Trade {
    pub exporter: Uuid,
    pub importer: Uuid,
}

impl Story {
    pub fn new(edit: Edit) -> Self {
        Self {
            edit,
            cited: HashMap::new(),
        }
    }

    pub async fn end(self) -> Result<Option<i64>, DbErr> {
        self.edit.commit().await
    }

    pub async fn country(&self, m49: &str) -> Result<Uuid, DbErr> {
        let country = country::Entity::find()
            .filter(country::Column::M49.eq(m49))
            .one(self.edit.connection())
            .await?;
        let missing = || DbErr::RecordNotFound(format!("country {m49}"));
        Ok(country.ok_or_else(missing)?.id)
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// What the text spells; the story's own slips come out as errors.
fn read<T: FromStr<Err: Display>>(text: &str) -> Result<T, DbErr> {
    text.parse()
        .map_err(|error| DbErr::Custom(format!("{text:?}: {error}")))
}

const fn whole(number: i64) -> Decimal {
    Decimal::from_thousandths(number * 1000)
}
