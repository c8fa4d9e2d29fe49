//! Control lists: which products a list holds, by tier, and since when.
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use entity::{
    import_batch::ImportFormat,
    party,
    product_list::{self, ProductListKind},
    product_list_entry,
    value::{Date, Status},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};

use super::{
    Importer,
    editions::Editions,
    hs_code::hs_code,
    products::{Named, Products},
    report::{Refusal, Report},
    table::{Item, Layout, Record},
};
use crate::{
    cli::Failure,
    kit::{curate::form, edit::Edit, record::Standing},
};

/// What a list is, besides its products.
#[derive(clap::Args)]
pub struct ListArguments {
    /// The list that the products belong to; made when there is none of this name.
    #[arg(long, env = "WAYBILL_LIST", value_name = "SLUG")]
    slug: String,

    /// The edition of the HS that the codes are of, where the file has no column hs_edition:
    /// by its code (`HS2022`), its year or UN Comtrade's code (`H6`).
    #[arg(long, env = "WAYBILL_EDITION")]
    edition: Option<String>,

    /// The day from which on the list is as the file says: memberships that are not in the file
    /// end on the day before. Today when absent.
    #[arg(long, env = "WAYBILL_VALID_FROM", value_name = "DATE", value_parser = day)]
    valid_from: Option<Date>,

    /// Title for people, of a list that is made; the slug when absent.
    #[arg(long, env = "WAYBILL_TITLE")]
    title: Option<String>,

    /// What sort of list is made: `control-list`, published by an authority, or `topic`, put
    /// together to give a common word its codes.
    #[arg(long, env = "WAYBILL_LIST_KIND", value_parser = kind, default_value = "control-list")]
    kind: ProductListKind,

    /// Who publishes a list that is made: the name of a party that is there.
    #[arg(long, env = "WAYBILL_PUBLISHER", value_name = "NAME")]
    publisher: Option<String>,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|()| format!("{text:?} is not a date, such as 2024-02-23"))
}

fn kind(text: &str) -> Result<ProductListKind, String> {
    match text {
        "control-list" => Ok(ProductListKind::ControlList),
        "topic" => Ok(ProductListKind::Topic),
        other => Err(format!("{other:?} is neither control-list nor topic")),
    }
}

/// What a file says of a product's membership.
#[derive(Clone, PartialEq, Eq)]
struct Membership {
    tier: Option<String>,
    note: Option<String>,
}

/// A product of the file, where it stands, and the membership that it has.
type Read = (Record, Named, Membership);

pub struct List {
    list: product_list::Model,
    valid_from: Date,
    edition: Option<String>,
    editions: Editions,
    products: Products,
    /// All of the file: a list is short, and what is not in it is only known at its end.
    wanted: BTreeMap<Uuid, Membership>,
    /// Memberships that last, by product.
    held: HashMap<Uuid, product_list_entry::Model>,
    parts: Vec<product_list_entry::Model>,
    refused: bool,
}

/// Names of the column with the codes.
const CODES: [&str; 3] = ["hs6", "hscode", "code"];

fn code_column(row: &Record) -> &'static str {
    let column = CODES.into_iter().find(|name| row.has(name));
    column.unwrap_or(CODES[0])
}

/// A list that is longer than any nomenclature is no list.
const LONGEST: usize = 50_000;

impl List {
    pub async fn new(edit: &mut Edit, arguments: ListArguments) -> Result<Self, Failure> {
        let editions = Editions::read(edit).await?;
        if let Some(name) = &arguments.edition
            && editions.named(name).is_none()
        {
            return Err(Failure::new(format!(
                "there is no edition {name}; {} are known",
                editions.codes()
            )));
        }
        let valid_from = arguments
            .valid_from
            .unwrap_or(Date(DateTime::<Utc>::from(edit.now).date_naive()));
        let list = list_named(edit, &arguments).await?;
        let parts = edit
            .parts::<product_list_entry::Entity>(list.id, None)
            .await?;
        let lasting = parts.iter().filter(|entry| entry.valid_until.is_none());
        let held = lasting.map(|entry| (entry.product_id, entry.clone()));
        Ok(Self {
            held: held.collect(),
            list,
            valid_from,
            edition: arguments.edition,
            editions,
            products: Products::default(),
            wanted: BTreeMap::new(),
            parts,
            refused: false,
        })
    }

    fn row(&self, row: &Record) -> Result<(Named, Membership), Refusal> {
        let code = hs_code(row, code_column(row), "")?;
        let said = row.get("hs_edition");
        let name = match (said, &self.edition) {
            ("", Some(edition)) => edition.as_str(),
            (said, _) => said,
        };
        let edition = self.editions.named(name).ok_or_else(|| {
            row.refuse(
                "hs_edition",
                format!("{name:?} is not an edition of the HS; name it with --edition"),
            )
        })?;
        let field = |name: &str| Some(row.get(name).to_owned()).filter(|text| !text.is_empty());
        let named = Named {
            edition: Arc::clone(edition),
            code,
            description: None,
        };
        let membership = Membership {
            tier: field("tier"),
            note: field("note").or(field("tier_label")),
        };
        Ok((named, membership))
    }

    /// Whether a membership that lasts says what the file says.
    fn unchanged(&self, product_id: Uuid, wanted: &Membership) -> bool {
        let held = self.held.get(&product_id);
        held.is_some_and(|held| held.tier == wanted.tier && held.note == wanted.note)
    }

    fn put(&mut self, (row, named, membership): Read, report: &mut Report) {
        let id = match self.products.id(&named.edition, &named.code) {
            Ok(id) => id,
            Err(reason) => return report.refuse(row.refuse(code_column(&row), reason)),
        };
        if let Some(before) = self.wanted.get(&id) {
            match *before == membership {
                true => report.unchanged += 1,
                false => report.refuse(Refusal {
                    place: row.place(),
                    column: None,
                    reason: format!(
                        "the product {} stands further up in another tier",
                        named.code
                    ),
                }),
            }
            return;
        }
        match (self.unchanged(id, &membership), self.held.get(&id)) {
            (true, _) => report.unchanged += 1,
            (false, Some(held)) if held.valid_from > self.valid_from => {
                let stays = Membership {
                    tier: held.tier.clone(),
                    note: held.note.clone(),
                };
                let since = held.valid_from;
                self.wanted.insert(id, stays);
                return report.refuse(Refusal {
                    place: row.place(),
                    column: None,
                    reason: format!(
                        "{} is in the list since {}, which is after {}: import newer versions later",
                        named.code, since, self.valid_from
                    ),
                });
            }
            (false, Some(_)) => report.changed += 1,
            (false, None) => report.new += 1,
        }
        self.wanted.insert(id, membership);
    }

    /// The entries that the list has from now on: those that go on, those that end, the new ones.
    fn entries(&self) -> Vec<product_list_entry::Model> {
        let eve = self.valid_from.0.pred_opt().map_or(self.valid_from, Date);
        let mut entries: Vec<_> = self
            .parts
            .iter()
            .filter_map(|entry| {
                let goes_on = match self.wanted.get(&entry.product_id) {
                    Some(wanted) => self.unchanged(entry.product_id, wanted),
                    None => false,
                };
                if entry.valid_until.is_some() || goes_on {
                    return Some(entry.clone());
                }
                // What began on that very day was never so.
                (entry.valid_from <= eve).then(|| product_list_entry::Model {
                    valid_until: Some(eve),
                    ..entry.clone()
                })
            })
            .collect();
        let new = self
            .wanted
            .iter()
            .filter(|(id, wanted)| !self.unchanged(**id, wanted));
        entries.extend(new.map(|(product_id, wanted)| product_list_entry::Model {
            product_id: *product_id,
            tier: wanted.tier.clone(),
            note: wanted.note.clone(),
            valid_from: self.valid_from,
            ..Default::default()
        }));
        entries
    }
}

impl Importer for List {
    type Row = Record;

    fn format(&self) -> ImportFormat {
        ImportFormat::List
    }

    fn layout(&self) -> Layout {
        let layout = Layout::csv("a list of products in CSV");
        let code = CODES.map(str::to_owned).to_vec();
        match self.edition {
            Some(_) => layout.spelled(vec![code]),
            None => layout.spelled(vec![code, vec!["hs_edition".to_owned()]]),
        }
    }

    fn reader(&self) -> impl FnMut(Record) -> Item<Record> + Send + 'static {
        Item::Taken
    }

    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        if self.wanted.len() > LONGEST {
            return Err(Failure::new(format!(
                "the file lists more than {LONGEST} products, which no nomenclature has"
            )));
        }
        let mut read: Vec<Read> = Vec::with_capacity(rows.len());
        for row in rows {
            match self.row(&row) {
                Ok((named, membership)) => read.push((row, named, membership)),
                Err(refusal) => report.refuse(refusal),
            }
        }
        let named = read.iter().map(|(_, named, _)| named);
        self.products.meet(edit, named).await?;
        for read in read {
            self.put(read, report);
        }
        self.refused = report.refused > 0;
        Ok(())
    }

    async fn finish(&mut self, edit: &mut Edit, report: &mut Report) -> Result<(), Failure> {
        let gone = self.held.keys().filter(|id| !self.wanted.contains_key(id));
        let gone = gone.count();
        if gone > 0 && self.refused {
            return Err(Failure::new(format!(
                "{gone} products of the list are not in the file, and it is not known whether the refused rows are they: put those right first"
            )));
        }
        report.ended = gone as u64;
        let entries = self.entries();
        let changed = edit
            .set_parts::<product_list_entry::Entity>(self.list.id, entries)
            .await?;
        if changed && self.list.created_at < edit.now {
            let after = product_list::Model {
                version: self.list.version + 1,
                updated_at: edit.now,
                ..self.list.clone()
            };
            edit.update::<product_list::Entity>(&self.list, after)
                .await?;
        }
        Ok(())
    }
}

/// The list of this name, made when there is none.
async fn list_named(
    edit: &mut Edit,
    arguments: &ListArguments,
) -> Result<product_list::Model, Failure> {
    let slug = &arguments.slug;
    let found = product_list::Entity::find()
        .filter(product_list::Column::Slug.eq(slug))
        .one(edit.connection())
        .await?;
    if let Some(list) = found {
        return match list.status {
            Status::Withdrawn => Err(Failure::new(format!("the list {slug} is withdrawn"))),
            _ => Ok(list),
        };
    }
    form::slug(slug).map_err(|expected| {
        Failure::new(format!("{slug:?} cannot name a list: it is not {expected}"))
    })?;
    let list = product_list::Model {
        slug: slug.clone(),
        title: arguments.title.clone().unwrap_or_else(|| slug.clone()),
        kind: arguments.kind,
        publisher_id: publisher(edit, arguments.publisher.as_deref()).await?,
        ..product_list::Entity::blank(Status::Published, edit.now)
    };
    Ok(edit.insert::<product_list::Entity>(list).await?)
}

async fn publisher(edit: &Edit, name: Option<&str>) -> Result<Option<Uuid>, Failure> {
    let Some(name) = name else {
        return Ok(None);
    };
    let found = party::Entity::find()
        .filter(party::Column::Name.eq(name))
        .filter(party::Column::Status.eq(Status::Published))
        .one(edit.connection())
        .await?;
    let missing = || Failure::new(format!("there is no party {name:?}; enter it first"));
    found.map(|party| Some(party.id)).ok_or_else(missing)
}
