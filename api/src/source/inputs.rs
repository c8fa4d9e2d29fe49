//! Sources by hand: known ones are found, and a chain never becomes a circle.
use std::collections::HashSet;

use async_graphql::{ID, InputObject, OneofObject};
use entity::{
    citation, dataset, product_list, shipment, source,
    source::SourceKind,
    source_link::{self, SourceLinkKind},
    statement,
    value::{PartialDate, Status, Texts, Timestamp, Url},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::Uuid,
    sea_query::SelectStatement,
};

use super::Source;
use crate::{
    kit::{
        access::View,
        check::UserErrorCode::{Invalid, NotAllowed, Taken},
        curate::{Curated, Entry, Patch, Refer, form, inputs, mutations, published},
        error::Result,
    },
    party::PartyReference,
    statement::statements_citing,
};

inputs! {
    /// A document or data release to enter.
    NewSource changed by SourceChanges {
        /// What sort of document it is.
        kind: SourceKind,
        /// Title as published; for an untitled document, what it is.
        title: String,
        /// Who published it.
        publisher: Option<PartyReference>,
        /// Names of those who wrote it, in its own order; at most 100.
        authors: Option<Vec<String>>,
        /// When it was published, as precisely as it is known.
        published_on: Option<PartialDate>,
        /// Language it is written in, BCP 47: `en`.
        language: Option<String>,
        /// Where it was published.
        url: Option<Url>,
        /// A copy in a web archive.
        archived_url: Option<Url>,
        /// When the copy that was read was fetched.
        retrieved_at: Option<Timestamp>,
        /// SHA-256 of the copy that was read, 64 lower-case hex digits.
        sha256: Option<String>,
        /// What a reader should know of this source.
        note: Option<String>,
        /// What it takes from other sources, all of it: links that are not named are taken away. At most 200.
        cites: Option<Vec<NewSourceLink>>,
    }
    only when new {
        /// Whether to enter another source though one with this address stands. Otherwise that one answers.
        even_if_known: Option<bool>,
    }
}

/// What a source takes from another.
#[derive(Clone, InputObject)]
pub struct NewSourceLink {
    /// In which way it depends on the other.
    kind: SourceLinkKind,
    /// The other.
    target: SourceReference,
    /// What exactly was taken.
    note: Option<String>,
}

/// A source: one that is there, or one to enter in the same step.
#[derive(Clone, OneofObject)]
pub enum SourceReference {
    /// Global id of a source.
    Id(ID),
    /// Where it was published.
    Url(Url),
    /// A source to enter; one with the same address that stands is taken instead.
    Create(Box<NewSource>),
}

/// The source that stands with this address, and was entered first.
async fn by_url(entry: &Entry, url: &Url) -> Result<Option<source::Model>> {
    let known = source::Entity::find()
        .filter(source::Column::Url.eq(url.clone()))
        .filter(source::Column::Status.ne(Status::Withdrawn))
        .order_by_asc(source::Column::Id)
        .lock_shared();
    Ok(known.one(entry.edit.connection()).await?)
}

impl Refer for SourceReference {
    type Entity = source::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<source::Model>> {
        match self {
            Self::Id(id) => entry.by_id::<source::Entity>(&id).await,
            Self::Create(new) => entry.create_within::<Source>(*new).await,
            Self::Url(url) => {
                let found = by_url(entry, &url).await?;
                Ok(entry.known(found, || "there is no source with this address".to_owned()))
            }
        }
    }
}

const CHAIN: &str = "the chain of sources";
const LONGEST_AUTHOR: usize = 500;
const MOST_AUTHORS: usize = 100;
const MOST_LINKS: usize = 200;

impl Curated for Source {
    type New = NewSource;
    type Changes = SourceChanges;
    type Parts = Option<Vec<source_link::Model>>;

    /// Two links that close a circle only together are written one after the other.
    const QUEUE: Option<&'static str> = Some(CHAIN);

    fn known_by(new: &NewSource) -> Option<String> {
        let is_new = new.even_if_known == Some(true);
        new.url
            .as_ref()
            .filter(|_| !is_new)
            .map(|url| format!("source {url:?}"))
    }

    async fn standing(entry: &mut Entry, new: &NewSource) -> Result<Option<source::Model>> {
        let (Some(url), Some(name)) = (&new.url, Self::known_by(new)) else {
            return Ok(None);
        };
        entry.edit.lock_name(&name).await?;
        by_url(entry, url).await
    }

    async fn enter(
        entry: &mut Entry,
        row: &mut source::Model,
        changes: SourceChanges,
    ) -> Result<Self::Parts> {
        let SourceChanges {
            kind,
            title,
            publisher,
            authors,
            published_on,
            language,
            url,
            archived_url,
            retrieved_at,
            sha256,
            note,
            cites,
        } = changes;
        kind.set(&mut row.kind);
        title.name(entry, "title", &mut row.title);
        publisher
            .refer(entry, "publisher", &mut row.publisher_id)
            .await?;
        if let Patch::Set(authors) = authors {
            row.authors = Texts(authors.unwrap_or_default());
        }
        published_on.set(&mut row.published_on);
        language.formed(entry, "language", &mut row.language, form::language);
        url.set(&mut row.url);
        archived_url.set(&mut row.archived_url);
        retrieved_at.set(&mut row.retrieved_at);
        sha256.formed(entry, "sha256", &mut row.sha256, form::sha256);
        note.text(entry, "note", &mut row.note);

        let authors = &row.authors.0;
        let are_names = authors
            .iter()
            .all(|name| !name.trim().is_empty() && name.len() <= LONGEST_AUTHOR);
        let message = "must be names of at most 500 bytes, and at most 100 of them";
        entry.check.require(
            are_names && authors.len() <= MOST_AUTHORS,
            "authors",
            message,
        );
        match cites {
            Patch::Set(cites) => links(entry, row.id, cites.unwrap_or_default())
                .await
                .map(Some),
            Patch::Keep => {
                rests_on_published(entry, row.id).await?;
                Ok(None)
            }
        }
    }

    async fn write(entry: &mut Entry, id: Uuid, links: Self::Parts) -> Result<bool> {
        match links {
            None => Ok(false),
            Some(links) => Ok(entry
                .edit
                .set_parts::<source_link::Entity>(id, links)
                .await?),
        }
    }

    async fn restore(entry: &mut Entry, id: Uuid, revision: i64) -> Result<bool> {
        let then = entry
            .edit
            .parts::<source_link::Entity>(id, Some(revision))
            .await?;
        let targets = then.iter().map(|link| link.target_id).collect();
        if leads_back(entry, id, targets).await? {
            let message = "since then a source was linked that goes back to this one";
            entry.check.refuse("revision", NotAllowed, message);
            return Ok(false);
        }
        Ok(entry
            .edit
            .set_parts::<source_link::Entity>(id, then)
            .await?)
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let here = citation::Entity::find()
            .select_only()
            .column(citation::Column::Id)
            .filter(citation::Column::SourceId.eq(id))
            .into_query();
        let stated = statements_citing(View::PUBLIC, citation::Column::SourceId.eq(id));
        let citing = source_link::Entity::find()
            .select_only()
            .column(source_link::Column::SourceId)
            .filter(source_link::Column::TargetId.eq(id))
            .filter(source_link::Column::RemovedAt.is_null())
            .into_query();
        vec![
            ("statements", published::<statement::Entity>(stated)),
            (
                "shipments",
                published::<shipment::Entity>(shipment::Column::CitationId.in_subquery(here)),
            ),
            (
                "sources",
                published::<source::Entity>(source::Column::Id.in_subquery(citing)),
            ),
            (
                "datasets",
                published::<dataset::Entity>(dataset::Column::SourceId.eq(id)),
            ),
            (
                "product lists",
                published::<product_list::Entity>(product_list::Column::SourceId.eq(id)),
            ),
        ]
    }
}

async fn links(
    entry: &mut Entry,
    id: Uuid,
    cites: Vec<NewSourceLink>,
) -> Result<Vec<source_link::Model>> {
    let mut rows: Vec<source_link::Model> = Vec::with_capacity(cites.len());
    if cites.len() > MOST_LINKS {
        let message = format!("takes at most {MOST_LINKS} links, and has {}", cites.len());
        entry.check.refuse("cites", Invalid, message);
        return Ok(rows);
    }
    entry.check.enter("cites");
    for (place, new) in cites.into_iter().enumerate() {
        entry.check.enter(place);
        let mut row = source_link::Model {
            kind: new.kind,
            ..source_link::Model::default()
        };
        Patch::Set(new.target)
            .refer(entry, "target", &mut row.target_id)
            .await?;
        Patch::Set(new.note).text(entry, "note", &mut row.note);
        if leads_back(entry, id, vec![row.target_id]).await? {
            let message = "goes back to this source itself: a chain of sources cannot be a circle";
            entry.check.refuse("target", NotAllowed, message);
        }
        let twice =
            |other: &source_link::Model| (other.target_id, other.kind) == (row.target_id, row.kind);
        if !row.target_id.is_nil() && rows.iter().any(twice) {
            entry
                .check
                .refuse("target", Taken, "is linked in this way already");
        }
        rows.push(row);
        entry.check.leave();
    }
    entry.check.leave();
    Ok(rows)
}

/// Whether going back from these sources comes to the one with this id.
async fn leads_back(entry: &mut Entry, id: Uuid, from: Vec<Uuid>) -> Result<bool> {
    // A source may be entered within another record, which has not queued for this.
    entry.edit.lock_name(CHAIN).await?;
    let mut seen = HashSet::new();
    let mut level = from;
    while !level.is_empty() {
        if level.contains(&id) {
            return Ok(true);
        }
        let next = source_link::Entity::find()
            .filter(source_link::Column::SourceId.is_in(level.clone()))
            .filter(source_link::Column::RemovedAt.is_null())
            .all(entry.edit.connection())
            .await?;
        level = next
            .into_iter()
            .map(|link| link.target_id)
            .filter(|target| seen.insert(*target))
            .collect();
    }
    Ok(false)
}

/// What a source takes from others stays; when it is published, they must be.
async fn rests_on_published(entry: &mut Entry, id: Uuid) -> Result<()> {
    entry.check.enter("cites");
    for link in entry.edit.parts::<source_link::Entity>(id, None).await? {
        entry.stays::<source::Entity>(link.target_id).await?;
    }
    entry.check.leave();
    Ok(())
}

mutations! {
    SourceMutation of Source, SourcePayload of source,
    create_source, update_source, publish_source, withdraw_source, revert_source
}
