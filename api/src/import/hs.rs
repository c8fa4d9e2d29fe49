//! Nomenclatures of the Harmonized System.
use std::collections::{HashMap, HashSet};

use entity::{edition, import_batch::ImportFormat, product, product::ProductLevel, value::Status};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::{
    Importer,
    hs_code::{above, hs_code},
    report::{Refusal, Report},
    table::{Item, Layout, Record},
};
use crate::{
    cli::Failure,
    edition::edition_named,
    kit::{edit::Edit, record::Standing},
};

pub struct Hs {
    edition: edition::Model,
    /// Codes of the file so far: as many as the nomenclature has, however long the file is.
    seen: HashSet<String>,
}

impl Hs {
    pub async fn new(edit: &mut Edit, name: &str) -> Result<Self, Failure> {
        let found = edition::Entity::find()
            .filter(edition_named(name))
            .one(edit.connection())
            .await?;
        let edition = found.ok_or_else(|| {
            Failure::new(format!(
                "there is no edition {name}; HS1992, HS1996, HS2002, HS2007, HS2012, HS2017 and HS2022 are known"
            ))
        })?;
        Ok(Self {
            edition,
            seen: HashSet::new(),
        })
    }

    /// A file of another edition would be taken without a word, and be wrong throughout.
    fn check_edition(&self, row: &Record, description: &str) -> Result<(), Failure> {
        let ours = [&self.edition.code, &self.edition.comtrade_code];
        let words = description.split_whitespace();
        let other = words.into_iter().find(|word| {
            let is_comtrade_code = word.len() == 2
                && word.starts_with('H')
                && word.ends_with(|c: char| c.is_ascii_digit());
            let is_code =
                word.len() == 6 && word.starts_with("HS") && word[2..].parse::<u16>().is_ok();
            (is_comtrade_code || is_code) && !ours.iter().any(|code| code == word)
        });
        match other {
            Some(other) => Err(Failure::new(format!(
                "{} says that the file is of {other}, and --edition says {}",
                row.place(),
                self.edition.code
            ))),
            None => Ok(()),
        }
    }

    /// The products of the edition with these codes.
    async fn known(
        &self,
        edit: &Edit,
        codes: HashSet<&str>,
    ) -> Result<HashMap<String, product::Model>, DbErr> {
        let products = product::Entity::find()
            .filter(product::Column::EditionId.eq(self.edition.id))
            .filter(product::Column::Code.is_in(codes))
            .all(edit.connection())
            .await?;
        Ok(products
            .into_iter()
            .map(|product| (product.code.clone(), product))
            .collect())
    }

    fn row(&self, row: &Record) -> Result<(String, ProductLevel, String), Refusal> {
        let is_comtrade = row.has("aggrlevel");
        let (code, text, level) = if is_comtrade {
            ("id", "text", "aggrlevel")
        } else {
            ("hscode", "description", "level")
        };
        let code = hs_code(row, code, level)?;
        let Some(depth) = ProductLevel::of(&code) else {
            return Err(row.refuse("hscode", format!("{code:?} is not an HS code")));
        };
        // UN Comtrade writes the code before its text.
        let description = row.get(text);
        let description = description
            .strip_prefix(&format!("{code} - "))
            .unwrap_or(description);
        if description.is_empty() {
            return Err(row.refuse(text, "the description is empty"));
        }
        Ok((code, depth, description.to_owned()))
    }
}

impl Importer for Hs {
    type Row = Record;

    fn format(&self) -> ImportFormat {
        ImportFormat::Hs
    }

    fn layout(&self) -> Layout {
        Layout::csv("a nomenclature of the HS in CSV")
            .columns(&["hscode", "description", "parent", "level"])
            .columns(&["id", "text", "parent", "aggrlevel"])
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
            match self.row(&row) {
                Ok((code, level, description)) => {
                    if level == ProductLevel::Total {
                        self.check_edition(&row, &description)?;
                    }
                    read.push((row, code, level, description));
                }
                Err(refusal) => report.refuse(refusal),
            }
        }
        let codes = read
            .iter()
            .flat_map(|(_, code, ..)| std::iter::once(code.as_str()).chain(above(code)));
        let mut known = self.known(edit, codes.collect()).await?;
        // The shorter codes first: the longer ones hang below them.
        read.sort_by_key(|(_, code, ..)| if code == "TOTAL" { 0 } else { code.len() });
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (row, code, level, description) in read {
            let parent_id = above(&code)
                .find_map(|code| known.get(code))
                .map(|parent| parent.id);
            let held = known.get(&code);
            let field = |name: &str| Some(row.get(name)).filter(|text| !text.is_empty());
            let unit = field("standardUnitAbbr")
                .filter(|unit| *unit != "n/a")
                .map(str::to_owned);
            let section = field("section")
                .filter(|section| is_roman(section))
                .map(str::to_owned);
            let blank = || product::Entity::blank(Status::Published, edit.now);
            let product = product::Model {
                edition_id: self.edition.id,
                parent_id: parent_id.or(held.and_then(|held| held.parent_id)),
                code: code.clone(),
                level,
                description: Some(description),
                section: section.or(held.and_then(|held| held.section.clone())),
                unit: unit.or(held.and_then(|held| held.unit.clone())),
                ..held.cloned().unwrap_or_else(blank)
            };
            let again = !self.seen.insert(code.clone());
            match held {
                Some(held) if *held == product => report.unchanged += 1,
                Some(_) if again => report.refuse(Refusal {
                    place: row.place(),
                    column: None,
                    reason: format!("the code {code} stands further up with another text"),
                }),
                Some(held) => {
                    changed.push((held.clone(), product.clone()));
                    report.changed += 1;
                    known.insert(code, product);
                }
                None => {
                    new.push(product.clone());
                    report.new += 1;
                    known.insert(code, product);
                }
            }
        }
        if !new.is_empty() {
            edit.insert_batch::<product::Entity>(new).await?;
        }
        // After the inserts: what is changed may now hang below what is new.
        for (before, after) in changed {
            let after = product::Model {
                version: before.version + 1,
                updated_at: edit.now,
                ..after
            };
            edit.update::<product::Entity>(&before, after).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, edit: &mut Edit, _: &mut Report) -> Result<(), Failure> {
        let orphans = product::Entity::find()
            .filter(product::Column::EditionId.eq(self.edition.id))
            .filter(product::Column::ParentId.is_null())
            .filter(product::Column::Level.ne(ProductLevel::Total))
            .all(edit.connection())
            .await?;
        let codes = orphans
            .iter()
            .flat_map(|orphan| above(&orphan.code))
            .collect();
        let known = self.known(edit, codes).await?;
        for orphan in orphans {
            if let Some(parent) = above(&orphan.code).find_map(|code| known.get(code)) {
                let adopted = product::Model {
                    parent_id: Some(parent.id),
                    version: orphan.version + 1,
                    updated_at: edit.now,
                    ..orphan.clone()
                };
                edit.update::<product::Entity>(&orphan, adopted).await?;
            }
        }
        if self.edition.nomenclature_at.is_none() && !self.seen.is_empty() {
            let complete = edition::Model {
                nomenclature_at: Some(edit.now),
                ..self.edition.clone()
            };
            edit.update::<edition::Entity>(&self.edition, complete)
                .await?;
        }
        Ok(())
    }
}

fn is_roman(text: &str) -> bool {
    text.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
}
