//! Statements: twenty with all that stands behind them, and those in which words stand.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::Error;
use uuid::Uuid;

use crate::{
    database::{Database, row, rows},
    shipments::Product,
    value::{decimal, id},
};

pub const SQL_OF: [(&str, &str); 2] = [("statements", STATEMENTS), ("search", SEARCH)];

const STATEMENTS: &str = "
    WITH page AS (
        SELECT id, claim_id, speaker_id, stance, text, language, said_on
        FROM statement
        WHERE id > $1 AND status = 'PUBLISHED'
        ORDER BY id
        LIMIT 20
    )
    SELECT page.id, page.stance, page.text, page.language, page.said_on, speaker.name, speaker.kind,
        citation.locator, source.title, source.url, source.published_on, claim.text,
        shipment.period_start, shipment.value, shipment.currency, product.code, product.description,
        exporter.name, importer.name
    FROM page
    JOIN party AS speaker ON speaker.id = page.speaker_id AND speaker.status = 'PUBLISHED'
    JOIN statement_citation ON statement_citation.statement_id = page.id
        AND statement_citation.removed_at IS NULL
    JOIN citation ON citation.id = statement_citation.citation_id
    JOIN source ON source.id = citation.source_id AND source.status = 'PUBLISHED'
    JOIN claim ON claim.id = page.claim_id AND claim.status = 'PUBLISHED'
    JOIN claim_subject ON claim_subject.claim_id = claim.id AND claim_subject.removed_at IS NULL
    JOIN shipment ON shipment.id = claim_subject.shipment_id AND shipment.status = 'PUBLISHED'
    JOIN product ON product.id = shipment.product_id
    JOIN country AS exporter ON exporter.id = shipment.exporter_id
    JOIN country AS importer ON importer.id = shipment.importer_id
    ORDER BY page.id, claim_subject.position";

/// By an index of the database's own, which Waybill keeps. Of a word that stands in twenty
/// statements at least: for a rarer one it would look for beginnings of words as well.
const SEARCH: &str = "
    SELECT statement.id, statement.text, statement.language, speaker.name
    FROM search_document AS document
    JOIN statement ON statement.id = document.id
    JOIN party AS speaker ON speaker.id = statement.speaker_id AND speaker.status = 'PUBLISHED'
    WHERE document.words @@ CAST($1 AS tsquery)
        AND document.kind = 'statement' AND document.status = 'PUBLISHED'
    ORDER BY document.length, document.id
    LIMIT 20";
const SEARCH_ON_SQLITE: &str = "
    SELECT statement.id, statement.text, statement.language, speaker.name
    FROM search_document AS document
    JOIN statement ON statement.id = document.id
    JOIN party AS speaker ON speaker.id = statement.speaker_id AND speaker.status = 'PUBLISHED'
    WHERE document.number IN (SELECT rowid FROM search_text WHERE search_text MATCH $1)
        AND document.kind = 'statement' AND document.status = 'PUBLISHED'
    ORDER BY document.length, document.id
    LIMIT 20";

#[derive(Deserialize)]
pub struct After {
    id: Uuid,
}

#[derive(Deserialize)]
pub struct Words {
    words: String,
}

row! {
    StatementRow {
        id: Uuid, stance: String, text: String, language: String, said_on: Option<String>,
        speaker: String, kind: String, locator: Option<String>, title: String, url: Option<String>,
        published_on: Option<String>, claim: String, period_start: NaiveDate, value: Option<i64>,
        currency: Option<String>, code: String, description: Option<String>, exporter: String,
        importer: String,
    }
}

row! {
    FoundRow { id: Uuid, text: String, language: String, speaker: String }
}

#[derive(Serialize)]
struct Name {
    name: String,
}

#[derive(Serialize)]
struct Speaker {
    name: String,
    kind: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    title: String,
    url: Option<String>,
    published_on: Option<String>,
}

#[derive(Serialize)]
struct Citation {
    locator: Option<String>,
    source: Source,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    period_start: NaiveDate,
    value: Option<String>,
    currency: Option<String>,
    product: Product,
    exporter: Name,
    importer: Name,
}

#[derive(Serialize)]
struct Claim {
    text: String,
    subjects: Vec<Subject>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    id: String,
    stance: String,
    text: String,
    language: String,
    said_on: Option<String>,
    speaker: Speaker,
    citations: [Citation; 1],
    claim: Claim,
}

#[derive(Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
struct Statements {
    statements: Nodes<Statement>,
}

pub async fn statements(db: &Database, asked: After) -> Result<impl Serialize, Error> {
    let found: Vec<StatementRow> = rows!(db, STATEMENTS, asked.id)?;
    let mut nodes: Vec<Statement> = Vec::with_capacity(20);
    let mut last = None;
    for row in found {
        let subject = Subject {
            period_start: row.period_start,
            value: row.value.map(decimal),
            currency: row.currency,
            product: Product {
                code: row.code,
                description: row.description,
            },
            exporter: Name { name: row.exporter },
            importer: Name { name: row.importer },
        };
        match nodes.last_mut().filter(|_| last == Some(row.id)) {
            Some(statement) => statement.claim.subjects.push(subject),
            None => nodes.push(Statement {
                id: id("statement", row.id),
                stance: row.stance,
                text: row.text,
                language: row.language,
                said_on: row.said_on,
                speaker: Speaker {
                    name: row.speaker,
                    kind: row.kind,
                },
                citations: [Citation {
                    locator: row.locator,
                    source: Source {
                        title: row.title,
                        url: row.url,
                        published_on: row.published_on,
                    },
                }],
                claim: Claim {
                    text: row.claim,
                    subjects: vec![subject],
                },
            }),
        }
        last = Some(row.id);
    }
    Ok(Statements {
        statements: Nodes { nodes },
    })
}

#[derive(Serialize)]
struct Found {
    id: String,
    text: String,
    language: String,
    speaker: Name,
}

#[derive(Serialize)]
struct Search {
    search: Nodes<Found>,
}

pub async fn search(db: &Database, asked: Words) -> Result<impl Serialize, Error> {
    let word = asked.words;
    let (sql, query) = match db {
        Database::Postgres(_) => (SEARCH, format!("'{word}'")),
        Database::Sqlite(..) => (SEARCH_ON_SQLITE, format!("{{name text}} : \"{word}\"")),
    };
    let found: Vec<FoundRow> = rows!(db, sql, query)?;
    let nodes = found.into_iter().map(|row| Found {
        id: id("statement", row.id),
        text: row.text,
        language: row.language,
        speaker: Name { name: row.speaker },
    });
    Ok(Search {
        search: Nodes {
            nodes: nodes.collect(),
        },
    })
}
