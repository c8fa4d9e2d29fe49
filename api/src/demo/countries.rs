//! The countries of the story, which every database has.
use sea_orm::{DbErr, prelude::Uuid};

use super::story::{Story, Trade};

pub struct Countries {
    pub china: Uuid,
    pub france: Uuid,
    pub germany: Uuid,
    pub russia: Uuid,
    pub ukraine: Uuid,
    pub united_states: Uuid,
}

impl Countries {
    pub async fn find(story: &Story) -> Result<Self, DbErr> {
        Ok(Self {
            china: story.country("156").await?,
            france: story.country("250").await?,
            germany: story.country("276").await?,
            russia: story.country("643").await?,
            ukraine: story.country("804").await?,
            united_states: story.country("840").await?,
        })
    }

    pub const fn china_to_russia(&self) -> Trade {
        Trade {
            exporter: self.china,
            importer: self.russia,
        }
    }

    pub const fn china_to_ukraine(&self) -> Trade {
        Trade {
            exporter: self.china,
            importer: self.ukraine,
        }
    }
}
