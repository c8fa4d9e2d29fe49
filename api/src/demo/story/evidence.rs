//! Parties, sources, and the places in them that are cited.
use entity::{
    citation,
    party::PartyKind,
    source::SourceKind,
    source_link::{self, SourceLinkKind},
    value::{Texts, Url},
};
use sea_orm::{DbErr, prelude::Uuid};

use super::{Story, owned, read};

pub struct Party {
    pub kind: PartyKind,
    pub name: &'static str,
    pub country: Option<Uuid>,
    pub description: Option<&'static str>,
    pub url: Option<&'static str>,
}

impl Party {
    pub const fn new(kind: PartyKind, name: &'static str) -> Self {
        Self {
            kind,
            name,
            country: None,
            description: None,
            url: None,
        }
    }
}

pub struct Source {
    pub kind: SourceKind,
    pub title: &'static str,
    pub publisher: Option<Uuid>,
    pub authors: &'static [&'static str],
    pub published_on: Option<&'static str>,
    pub language: Option<&'static str>,
    pub url: Option<&'static str>,
    pub note: Option<&'static str>,
}

impl Source {
    pub const fn new(kind: SourceKind, title: &'static str) -> Self {
        Self {
            kind,
            title,
            publisher: None,
            authors: &[],
            published_on: None,
            language: None,
            url: None,
            note: None,
        }
    }
}

/// Words, and where they stand.
#[derive(Clone, Copy)]
pub struct Place {
    source: Uuid,
    paragraph: Option<u8>,
    pub words: &'static str,
}

impl Place {
    /// Paragraphs are counted from 1, a heading among them.
    pub const fn paragraph(source: Uuid, number: u8, words: &'static str) -> Self {
        Self {
            source,
            paragraph: Some(number),
            words,
        }
    }

    /// For a source that nobody has before them to count its paragraphs.
    pub const fn somewhere(source: Uuid, words: &'static str) -> Self {
        Self {
            source,
            paragraph: None,
            words,
        }
    }
}

impl Story {
    pub async fn party(&mut self, party: Party) -> Result<Uuid, DbErr> {
        published!(
            self,
            party {
                name: party.name.to_owned(),
                kind: party.kind,
                country_id: party.country,
                description: owned(party.description),
                url: party.url.and_then(Url::parse),
            }
        )
    }

    pub async fn source(&mut self, source: Source) -> Result<Uuid, DbErr> {
        published!(
            self,
            source {
                kind: source.kind,
                title: source.title.to_owned(),
                publisher_id: source.publisher,
                authors: Texts(
                    source
                        .authors
                        .iter()
                        .map(|&author| author.to_owned())
                        .collect()
                ),
                published_on: source.published_on.map(read).transpose()?,
                language: owned(source.language),
                url: source.url.and_then(Url::parse),
                note: owned(source.note),
            }
        )
    }

    pub async fn link_sources(
        &mut self,
        source: Uuid,
        kind: SourceLinkKind,
        target: Uuid,
        note: &str,
    ) -> Result<(), DbErr> {
        let link = source_link::Model {
            id: Uuid::now_v7(),
            source_id: source,
            target_id: target,
            kind,
            note: Some(note.to_owned()),
            added_at: self.edit.now,
            removed_at: None,
        };
        self.edit
            .insert_part::<source_link::Entity>(source, link)
            .await
            .map(drop)
    }

    /// The place is cited once, however often it is asked for.
    pub(super) async fn citation(&mut self, place: Place) -> Result<Uuid, DbErr> {
        let key = (place.source, place.words);
        if let Some(id) = self.cited.get(&key) {
            return Ok(*id);
        }
        let citation = citation::Model {
            id: Uuid::now_v7(),
            source_id: place.source,
            locator: place.paragraph.map(|number| format!("paragraph {number}")),
            quote: Some(place.words.to_owned()),
            prefix: None,
            suffix: None,
        };
        let id = self.edit.insert::<citation::Entity>(citation).await?.id;
        self.cited.insert(key, id);
        Ok(id)
    }
}
