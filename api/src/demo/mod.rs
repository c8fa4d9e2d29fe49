//! The demo: the story of 25 July 2023, entered as a curator would enter it.
//!
//! What is cited to the article is the article's, to the letter. What is known from elsewhere, such
//! as the reports behind it, stands in their own records and in notes, and says so.
use entity::statement;
use sea_orm::{DbErr, EntityTrait, PaginatorTrait};

use crate::kit::{
    db::Db,
    edit::{Author, Edit},
};

mod claims;
mod countries;
mod parties;
mod product_lists;
mod sources;
mod statements;
mod story;
mod totals;

use claims::Claims;
use countries::Countries;
use parties::Parties;
use product_lists::ProductLists;
use sources::Sources;
use story::Story;
use totals::Totals;

const COMMENT: &str = "The story of 25 July 2023: who says what China sold to Russia";

/// What became of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// It is in the database, as this revision.
    Story { revision: Option<i64> },
    /// Nothing was written: someone works with this database.
    AlreadyHasStatements,
}

/// Publishes the whole story as one revision, in a database that holds no statement yet.
pub async fn load(db: &Db) -> Result<Loaded, DbErr> {
    let edit = Edit::begin_bulk(db, Author::Command, COMMENT).await?;
    if statement::Entity::find().count(edit.connection()).await? > 0 {
        return Ok(Loaded::AlreadyHasStatements);
    }
    let mut story = Story::new(edit);
    let countries = Countries::find(&story).await?;
    let parties = Parties::enter(&mut story, &countries).await?;
    let sources = Sources::enter(&mut story, &parties).await?;
    let lists = ProductLists::enter(&mut story).await?;
    let totals = Totals::enter(&mut story, &countries, &parties, &sources, &lists).await?;
    let claims = Claims::enter(&mut story, &countries, &lists, &totals).await?;
    statements::enter(&mut story, &parties, &sources, &claims).await?;
    let revision = story.end().await?;
    Ok(Loaded::Story { revision })
}
