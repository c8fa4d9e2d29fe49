//! Concordances: which codes of one edition of the HS became which of the next.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::{
    concordance::{self, ConcordanceRelation},
    edition,
    import_batch::ImportFormat,
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use super::{
    Importer,
    editions::Editions,
    hs_code::hs_code,
    products::{Named, Products},
    report::{Refusal, Report},
    table::{Item, Layout, Record},
};
use crate::{cli::Failure, kit::edit::Edit};

/// Years of the SITC, to whose revisions such files go back. It is another nomenclature.
const SITC: [&str; 4] = ["1988", "1976", "1962", "1950"];

pub struct Concordance {
    editions: Editions,
    products: Products,
    /// Pairs of the file so far: as many as two editions have, however long the file is.
    seen: HashSet<(Uuid, Uuid)>,
}

/// A row, understood.
struct Pair {
    earlier: Named,
    later: Named,
    relation: ConcordanceRelation,
}

impl Concordance {
    pub async fn new(edit: &Edit) -> Result<Self, DbErr> {
        Ok(Self {
            editions: Editions::read(edit).await?,
            products: Products::default(),
            seen: HashSet::new(),
        })
    }

    /// What a row says; none when it leads out of the HS.
    fn pair(&self, row: &Record) -> Result<Option<Pair>, Refusal> {
        let form = Form::of(row);
        let (earlier_edition, later_edition) = match form {
            Form::Adjustment => {
                let years = row.get("adjustment");
                let Some((later, earlier)) = years.split_once(" to ") else {
                    let reason = format!("{years:?} is not of the form 2022 to 2017");
                    return Err(row.refuse("adjustment", reason));
                };
                if SITC.contains(&earlier) || SITC.contains(&later) {
                    return Ok(None);
                }
                (
                    self.edition(row, "adjustment", earlier)?,
                    self.edition(row, "adjustment", later)?,
                )
            }
            Form::Editions => (
                self.edition(row, "earlier_edition", row.get("earlier_edition"))?,
                self.edition(row, "later_edition", row.get("later_edition"))?,
            ),
        };
        if earlier_edition.in_force_from >= later_edition.in_force_from {
            let reason = format!(
                "{} is not before {}",
                earlier_edition.code, later_edition.code
            );
            return Err(row.refuse(form.edition_column(), reason));
        }
        let [earlier_column, later_column, relation_column] = form.columns();
        Ok(Some(Pair {
            earlier: subheading(row, earlier_column, earlier_edition)?,
            later: subheading(row, later_column, later_edition)?,
            relation: form.relation(row.get(relation_column)).ok_or_else(|| {
                let reason = format!(
                    "{:?} is none of 1:1, 1:n, n:1 and n:n",
                    row.get(relation_column)
                );
                row.refuse(relation_column, reason)
            })?,
        }))
    }

    fn edition(
        &self,
        row: &Record,
        column: &str,
        name: &str,
    ) -> Result<&Arc<edition::Model>, Refusal> {
        self.editions.named(name).ok_or_else(|| {
            let known = self.editions.codes();
            let reason = format!("{name:?} is not an edition of the HS; {known} are known");
            row.refuse(column, reason)
        })
    }

    /// What the database holds of the earlier products.
    async fn held(
        &self,
        edit: &Edit,
        earlier: HashSet<Uuid>,
    ) -> Result<HashMap<(Uuid, Uuid), concordance::Model>, DbErr> {
        let rows = concordance::Entity::find()
            .filter(concordance::Column::EarlierId.is_in(earlier))
            .all(edit.connection())
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| ((row.earlier_id, row.later_id), row))
            .collect())
    }
}

impl Importer for Concordance {
    type Row = Record;

    fn format(&self) -> ImportFormat {
        ImportFormat::Concordance
    }

    fn layout(&self) -> Layout {
        Layout::csv("a concordance of editions of the HS in CSV")
            .columns(&["code.after", "code.before", "Relationship", "adjustment"])
            .columns(&[
                "earlier_edition",
                "earlier_code",
                "later_edition",
                "later_code",
                "relation",
            ])
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
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            match self.pair(&row) {
                Ok(Some(pair)) => read.push((row, pair)),
                Ok(None) => report.skipped += 1,
                Err(refusal) => report.refuse(refusal),
            }
        }
        let named = read
            .iter()
            .flat_map(|(_, pair)| [&pair.earlier, &pair.later]);
        self.products.meet(edit, named).await?;
        let mut found = Vec::with_capacity(read.len());
        for (row, pair) in read {
            let columns = Form::of(&row).columns();
            let id = |column, named: &Named| {
                let id = self.products.id(&named.edition, &named.code);
                id.map_err(|reason| row.refuse(column, reason))
            };
            let ids = id(columns[0], &pair.earlier)
                .and_then(|earlier| Ok((earlier, id(columns[1], &pair.later)?)));
            match ids {
                Ok(ids) => found.push((row, ids, pair.relation)),
                Err(refusal) => report.refuse(refusal),
            }
        }
        let earlier = found.iter().map(|(_, (earlier, _), _)| *earlier).collect();
        let mut held = self.held(edit, earlier).await?;
        let mut new = Vec::new();
        for (row, ids, relation) in found {
            let again = !self.seen.insert(ids);
            match held.get(&ids) {
                Some(held) if held.relation == relation => report.unchanged += 1,
                Some(_) if again => report.refuse(Refusal {
                    place: row.place(),
                    column: None,
                    reason: "the same two codes stand further up in another relation".to_owned(),
                }),
                Some(before) => {
                    let after = concordance::Model {
                        relation,
                        ..before.clone()
                    };
                    let after = edit.update::<concordance::Entity>(before, after).await?;
                    held.insert(ids, after);
                    report.changed += 1;
                }
                None => {
                    let row = concordance::Model {
                        id: Uuid::now_v7(),
                        earlier_id: ids.0,
                        later_id: ids.1,
                        relation,
                    };
                    held.insert(ids, row.clone());
                    new.push(row);
                    report.new += 1;
                }
            }
        }
        if !new.is_empty() {
            edit.insert_batch::<concordance::Entity>(new).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, _: &mut Edit, _: &mut Report) -> Result<(), Failure> {
        Ok(())
    }
}

/// The two ways to write a concordance.
#[derive(Clone, Copy)]
enum Form {
    /// From the later edition back to the earlier one: `2022 to 2017`.
    Adjustment,
    /// Both editions by name.
    Editions,
}

impl Form {
    fn of(row: &Record) -> Self {
        match row.has("adjustment") {
            true => Self::Adjustment,
            false => Self::Editions,
        }
    }

    /// The columns of the earlier code, the later one, and how they relate.
    const fn columns(self) -> [&'static str; 3] {
        match self {
            Self::Adjustment => ["code.before", "code.after", "Relationship"],
            Self::Editions => ["earlier_code", "later_code", "relation"],
        }
    }

    const fn edition_column(self) -> &'static str {
        match self {
            Self::Adjustment => "adjustment",
            Self::Editions => "later_edition",
        }
    }

    /// How many earlier codes are how many later ones. An adjustment goes back, and counts the
    /// later ones first.
    fn relation(self, text: &str) -> Option<ConcordanceRelation> {
        Some(match (text, self) {
            ("1:1", _) => ConcordanceRelation::OneToOne,
            ("n:n", _) => ConcordanceRelation::ManyToMany,
            ("1:n", Self::Editions) | ("n:1", Self::Adjustment) => ConcordanceRelation::OneToMany,
            ("n:1", Self::Editions) | ("1:n", Self::Adjustment) => ConcordanceRelation::ManyToOne,
            _ => return None,
        })
    }
}

/// A code of six digits, with the zero that it lost.
fn subheading(row: &Record, column: &str, edition: &Arc<edition::Model>) -> Result<Named, Refusal> {
    let code = hs_code(row, column, "")?;
    if code.len() != 6 {
        let reason = format!("{:?} is not a code of six digits", row.get(column));
        return Err(row.refuse(column, reason));
    }
    Ok(Named {
        edition: Arc::clone(edition),
        code,
        description: None,
    })
}
