//! Records as entities of FollowTheMoney: parties, sources, and declarations that name a party.
//!
//! Only what means the same there: no figure of ours has a place in it with its currency, and no
//! statement with its stance.
use async_graphql::async_trait::async_trait;
use entity::{
    country, party,
    party::PartyKind,
    shipment, source,
    source::SourceKind,
    value::{PartialDate, Url},
};
use sea_orm::{ColumnTrait, Condition, prelude::Uuid};
use serde_json::{Map, Value as Json, json};

use crate::kit::{
    access::View,
    db::Readers,
    error::{Error, Result},
    export::{Export, Known, Piece, Walk},
    id,
    record::Record,
};

const STEP: u64 = 1_000;

/// The entities of all records that are seen, those of a type after another.
pub struct Entities {
    db: Readers,
    view: View,
    parties: Walk<party::Entity>,
    sources: Walk<source::Entity>,
    consignments: Walk<shipment::Entity>,
    countries: Known<country::Entity>,
    publishers: Known<party::Entity>,
}

impl Entities {
    /// Those that come after the record with this id, of any of the types.
    pub fn new(db: Readers, view: View, after: Option<&str>) -> Result<Self> {
        let after = after.map(place).transpose()?;
        let from = |stage: usize| match after {
            Some((at, key)) if at == stage => Some(key),
            // What comes before where it goes on is done.
            Some((at, _)) if at > stage => Some(Uuid::max()),
            _ => None,
        };
        let named = {
            use shipment::Column::{ConsigneeId, ConsignorId};
            Condition::any()
                .add(ConsignorId.is_not_null())
                .add(ConsigneeId.is_not_null())
        };
        let all = Condition::all;
        Ok(Self {
            parties: Walk::new(db.clone(), view, all(), from(0)),
            sources: Walk::new(db.clone(), view, all(), from(1)),
            consignments: Walk::new(db.clone(), view, named, from(2)),
            countries: Known::default(),
            publishers: Known::default(),
            db,
            view,
        })
    }
}

/// Of which type the record is, in the order of the file, and its key.
fn place(text: &str) -> Result<(usize, Uuid)> {
    let types = [
        party::Entity::NAME,
        source::Entity::NAME,
        shipment::Entity::NAME,
    ];
    let keys = types.map(|name| id::key(&text.into(), name).ok());
    let found = keys.into_iter().enumerate();
    let mut found = found.filter_map(|(stage, key)| key.map(|key| (stage, key)));
    found.next().ok_or_else(|| {
        Error::bad_input(
            "after takes the id of the last entity that you have: of a party, a source or a shipment",
        )
    })
}

#[async_trait]
impl Export for Entities {
    async fn next(&mut self) -> Result<Option<Piece>> {
        if let Some(rows) = self.parties.next(STEP).await? {
            let countries = rows.iter().map(|row| row.country_id);
            let countries: Vec<_> = countries.collect();
            self.countries.learn(&self.db, self.view, countries).await?;
            self.parties.confirm();
            return Ok(Some(lines(rows.iter().map(|row| self.party(row)))));
        }
        if let Some(rows) = self.sources.next(STEP).await? {
            let publishers: Vec<_> = rows.iter().map(|row| row.publisher_id).collect();
            self.publishers
                .learn(&self.db, self.view, publishers)
                .await?;
            self.sources.confirm();
            return Ok(Some(lines(rows.iter().map(|row| self.source(row)))));
        }
        let Some(rows) = self.consignments.next(STEP).await? else {
            return Ok(None);
        };
        let countries: Vec<_> = rows
            .iter()
            .flat_map(|row| [row.origin_id, row.dispatch_id, row.destination_id])
            .collect();
        self.countries.learn(&self.db, self.view, countries).await?;
        self.consignments.confirm();
        Ok(Some(lines(rows.iter().map(|row| self.consignment(row)))))
    }
}

impl Entities {
    fn party(&self, row: &party::Model) -> Json {
        let schema = match row.kind {
            PartyKind::Person => "Person",
            PartyKind::Company => "Company",
            PartyKind::Government => "PublicBody",
            PartyKind::Organisation | PartyKind::Publisher => "Organization",
        };
        entity(
            id::encode(party::Entity::NAME, row.id).0,
            schema,
            [
                ("name", Some(row.name.clone())),
                ("country", self.country(row.country_id)),
                ("summary", row.description.clone()),
                ("website", row.url.as_ref().map(address)),
            ],
        )
    }

    fn source(&self, row: &source::Model) -> Json {
        let schema = match row.kind {
            SourceKind::Article => "Article",
            _ => "Document",
        };
        let publisher = self.publishers.get(row.publisher_id);
        let mut found = entity(
            id::encode(source::Entity::NAME, row.id).0,
            schema,
            [
                ("title", Some(row.title.clone())),
                (
                    "publishedAt",
                    row.published_on.as_ref().map(PartialDate::to_string),
                ),
                (
                    "publisher",
                    publisher.as_deref().map(|party| party.name.clone()),
                ),
                (
                    "publisherUrl",
                    publisher
                        .as_deref()
                        .and_then(|party| party.url.as_ref())
                        .map(address),
                ),
                ("sourceUrl", row.url.as_ref().map(address)),
                ("retrievedAt", row.retrieved_at.map(|at| at.to_string())),
            ],
        );
        if !row.authors.0.is_empty() {
            found["properties"]["author"] = json!(row.authors.0);
        }
        found
    }

    /// A declaration that says who sent the goods or was to receive them.
    fn consignment(&self, row: &shipment::Model) -> Json {
        let party = |key: Option<Uuid>| key.map(|key| id::encode(party::Entity::NAME, key).0);
        entity(
            id::encode(shipment::Entity::NAME, row.id).0,
            "EconomicActivity",
            [
                ("sender", party(row.consignor_id)),
                ("receiver", party(row.consignee_id)),
                ("ccdNumber", row.declaration_number.clone()),
                ("goodsDescription", row.declared_description.clone()),
                ("startDate", Some(row.period_start.to_string())),
                ("endDate", Some(row.period_end.to_string())),
                ("originCountry", self.country(row.origin_id)),
                ("departureCountry", self.country(row.dispatch_id)),
                ("destinationCountry", self.country(row.destination_id)),
            ],
        )
    }

    /// As FollowTheMoney calls countries; it knows no areas without an alpha-2 code.
    fn country(&self, key: Option<Uuid>) -> Option<String> {
        let country = self.countries.get(key)?;
        country
            .alpha2
            .as_ref()
            .map(|code| code.to_ascii_lowercase())
    }
}

fn address(url: &Url) -> String {
    url.as_str().to_owned()
}

/// Each property has a list of values there.
fn entity<const N: usize>(
    id: String,
    schema: &str,
    properties: [(&str, Option<String>); N],
) -> Json {
    let known = properties
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!([value?]))));
    let properties: Map<_, _> = known.collect();
    json!({ "id": id, "schema": schema, "properties": properties })
}

fn lines(entities: impl Iterator<Item = Json>) -> Piece {
    let mut piece = Piece::default();
    for entity in entities {
        piece.bytes.extend(entity.to_string().into_bytes());
        piece.bytes.push(b'\n');
        piece.rows += 1;
    }
    piece
}
