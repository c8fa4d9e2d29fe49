//! Editions, their products and what became of each, in memory: all of them, or as many as a
//! question is about.
use std::collections::{BTreeMap, HashMap};

use entity::{
    concordance::{self, ConcordanceRelation},
    edition, product,
    value::Date,
};
use sea_orm::prelude::Uuid;

/// Digits of the finest codes that are the same in all countries.
pub const SUBHEADING: usize = 6;
/// Stands for all goods, in every edition.
pub const ALL_GOODS: &str = "TOTAL";

#[derive(Clone, Debug, Default)]
pub struct Nomenclature {
    editions: HashMap<Uuid, Edition>,
    products: HashMap<Uuid, Product>,
    by_code: BTreeMap<(Uuid, String), Uuid>,
    later: HashMap<Uuid, Vec<Link>>,
    earlier: HashMap<Uuid, Vec<Link>>,
}

#[derive(Clone, Copy, Debug)]
struct Edition {
    in_force_from: Date,
    is_whole: bool,
}

#[derive(Clone, Debug)]
struct Product {
    edition_id: Uuid,
    code: String,
}

/// What a product became, or came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub product_id: Uuid,
    pub relation: ConcordanceRelation,
}

impl Nomenclature {
    pub fn add_edition(&mut self, row: &edition::Model) {
        let edition = Edition {
            in_force_from: row.in_force_from,
            is_whole: row.nomenclature_at.is_some(),
        };
        self.editions.insert(row.id, edition);
    }

    pub fn add_product(&mut self, row: &product::Model) {
        self.add_code(row.id, row.edition_id, &row.code);
    }

    /// The same, by no more than it takes.
    pub fn add_code(&mut self, id: Uuid, edition_id: Uuid, code: &str) {
        let product = Product {
            edition_id,
            code: code.to_owned(),
        };
        self.by_code.insert((edition_id, code.to_owned()), id);
        self.products.insert(id, product);
    }

    pub fn add_concordance(&mut self, row: &concordance::Model) {
        let relation = row.relation;
        for (links, id, product_id) in [
            (&mut self.later, row.earlier_id, row.later_id),
            (&mut self.earlier, row.later_id, row.earlier_id),
        ] {
            let link = Link {
                product_id,
                relation,
            };
            let links = links.entry(id).or_default();
            if !links.contains(&link) {
                links.push(link);
            }
        }
    }

    /// The product's code; none of a product that is not here.
    pub fn code(&self, product_id: Uuid) -> Option<&str> {
        Some(&self.products.get(&product_id)?.code)
    }

    pub fn edition_of(&self, product_id: Uuid) -> Option<Uuid> {
        Some(self.products.get(&product_id)?.edition_id)
    }

    pub fn coded(&self, edition_id: Uuid, code: &str) -> Option<Uuid> {
        self.by_code.get(&(edition_id, code.to_owned())).copied()
    }

    /// Whether all codes of an edition are known, rather than those that records name.
    pub fn is_whole(&self, edition_id: Uuid) -> bool {
        self.editions
            .get(&edition_id)
            .is_some_and(|edition| edition.is_whole)
    }

    /// The subheadings of an edition whose codes begin so.
    pub fn below<'n>(
        &'n self,
        edition_id: Uuid,
        prefix: &'n str,
    ) -> impl Iterator<Item = Uuid> + 'n {
        let from = (edition_id, prefix.to_owned());
        let codes = self.by_code.range(from..);
        let codes = codes.take_while(move |((edition, code), _)| {
            *edition == edition_id && code.starts_with(prefix)
        });
        codes
            .filter(|((_, code), _)| code.len() == SUBHEADING)
            .map(|(_, id)| *id)
    }

    /// What a product became in later editions, or came from in earlier ones.
    pub fn links(&self, product_id: Uuid, towards_later: bool) -> &[Link] {
        let links = match towards_later {
            true => &self.later,
            false => &self.earlier,
        };
        links.get(&product_id).map_or(&[], Vec::as_slice)
    }

    /// Whether the way from one edition to another goes forward in time.
    pub fn is_later(&self, edition_id: Uuid, than: Uuid) -> bool {
        self.since(edition_id) > self.since(than)
    }

    /// Whether an edition lies on the way from one to another, beyond the first of them.
    pub fn is_on_way(&self, edition_id: Uuid, from: Uuid, to: Uuid) -> bool {
        let [here, from, to] = [edition_id, from, to].map(|id| self.since(id));
        (from < here && here <= to) || (from > here && here >= to)
    }

    pub fn since(&self, edition_id: Uuid) -> Option<Date> {
        let edition = self.editions.get(&edition_id);
        edition.map(|edition| edition.in_force_from)
    }
}
