//! From products of some editions to the codes of another one, and what is lost on the way.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Enum;
use entity::concordance::ConcordanceRelation::{self, ManyToMany, OneToOne};
use sea_orm::prelude::Uuid;

use super::nomenclature::{ALL_GOODS, Nomenclature, SUBHEADING};

/// How far a code of another edition covers the goods that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
pub enum Exactness {
    /// These goods and no others.
    #[default]
    Exact,
    /// The same code stands in both editions, and no concordance tells whether it means the same.
    Assumed,
    /// Other goods as well: figures of the code are at least as high as those of the goods.
    Wider,
}

/// Why goods have no code in another edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
pub enum LossReason {
    /// The edition has no such code, and by the concordance none that took its goods.
    NotInEdition,
    /// No concordance between the editions was imported, and the edition has no such code.
    NoConcordance,
    /// Its own edition's nomenclature was never imported: which codes it has besides those that
    /// records name is not known.
    NomenclatureUnknown,
}

/// What products are in another edition: codes without those below them, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    pub found: Vec<Found>,
    pub lost: Vec<Lost>,
}

/// A code of the edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub product_id: Uuid,
    /// The products that it was found for.
    pub from: BTreeSet<Uuid>,
    /// Along the whole way, from the earlier to the later; none where no concordance was needed.
    pub relation: Option<ConcordanceRelation>,
    pub exactness: Exactness,
}

/// A product without a code in the edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub product_id: Uuid,
    pub reason: LossReason,
}

impl Conversion {
    /// Whether figures of its codes are those of the goods, no more and no less.
    pub fn is_exact(&self) -> bool {
        let exact = |found: &Found| found.exactness == Exactness::Exact;
        self.lost.is_empty() && self.found.iter().all(exact)
    }
}

#[derive(Clone, Debug, Default)]
struct Trace {
    from: BTreeSet<Uuid>,
    relation: Option<ConcordanceRelation>,
    exactness: Exactness,
}

type Traces = BTreeMap<Uuid, Trace>;

impl Nomenclature {
    /// What these products are in an edition. Chapters and headings are taken for the subheadings
    /// below them, since concordances tell of those alone, and named again where all are found.
    pub fn convert(&self, asked: impl IntoIterator<Item = Uuid>, to: Uuid) -> Conversion {
        let mut by_edition: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
        for id in asked {
            if let Some(edition_id) = self.edition_of(id) {
                by_edition.entry(edition_id).or_default().insert(id);
            }
        }
        let mut found = Traces::new();
        let mut lost = Vec::new();
        for id in by_edition.remove(&to).unwrap_or_default() {
            found.insert(id, Trace::of(id));
        }
        for (edition_id, asked) in by_edition {
            for (id, trace) in self.walk(edition_id, asked, to, &mut lost) {
                // What was asked for itself is no wider for being reached from elsewhere too.
                found.entry(id).or_insert(trace);
            }
        }
        self.fold(&mut found, to);
        let found = found.into_iter().map(|(product_id, trace)| Found {
            product_id,
            from: trace.from,
            relation: trace.relation,
            exactness: trace.exactness,
        });
        let mut conversion = Conversion {
            found: found.collect(),
            lost,
        };
        let coded = |id| (self.code(id), id);
        conversion
            .found
            .sort_by_key(|found| coded(found.product_id));
        conversion.lost.sort_by_key(|lost| coded(lost.product_id));
        conversion.lost.dedup();
        conversion
    }

    /// Edition by edition, as far at a time as concordances go.
    fn walk(&self, from: Uuid, asked: BTreeSet<Uuid>, to: Uuid, lost: &mut Vec<Lost>) -> Traces {
        let mut found = Traces::new();
        let mut current = Traces::new();
        for id in asked {
            match self.coded(to, ALL_GOODS) {
                Some(all) if self.code(id) == Some(ALL_GOODS) => {
                    found.insert(all, Trace::of(id));
                }
                _ => self.descend(from, id, &mut current, lost),
            }
        }
        let mut here = from;
        while here != to && !current.is_empty() {
            let next = self.next(&current, here, to);
            let reason = next.map_or(LossReason::NoConcordance, |_| LossReason::NotInEdition);
            let next = next.unwrap_or(to);
            current = self.step(&current, here, next, reason, lost);
            here = next;
        }
        found.extend(current);
        found
    }

    /// The subheadings that a product stands for.
    fn descend(&self, edition_id: Uuid, id: Uuid, into: &mut Traces, lost: &mut Vec<Lost>) {
        let code = self.code(id).unwrap_or_default();
        if let Some(subheading) = code.get(..SUBHEADING).filter(|_| code.len() > SUBHEADING) {
            // A country's own line: all that others have is its subheading.
            match self.coded(edition_id, subheading) {
                Some(above) => into.entry(above).or_default().add(&Trace {
                    exactness: Exactness::Wider,
                    ..Trace::of(id)
                }),
                None => lost.push(Lost {
                    product_id: id,
                    reason: LossReason::NotInEdition,
                }),
            }
            return;
        }
        let is_group = code.len() < SUBHEADING;
        if is_group && !self.is_whole(edition_id) {
            lost.push(Lost {
                product_id: id,
                reason: LossReason::NomenclatureUnknown,
            });
        }
        let mut below: Vec<_> = match is_group {
            true => self.below(edition_id, code).collect(),
            false => vec![id],
        };
        if below.is_empty() {
            below.push(id);
        }
        for subheading in below {
            into.entry(subheading).or_default().add(&Trace::of(id));
        }
    }

    /// The edition nearest to the end that any of these codes has a concordance with.
    fn next(&self, current: &Traces, here: Uuid, to: Uuid) -> Option<Uuid> {
        let forward = self.is_later(to, here);
        let links = current.keys().flat_map(|id| self.links(*id, forward));
        let editions = links.filter_map(|link| self.edition_of(link.product_id));
        let on_way = editions.filter(|edition| self.is_on_way(*edition, here, to));
        on_way.reduce(|best, other| match self.is_on_way(other, best, to) {
            true => other,
            false => best,
        })
    }

    fn step(
        &self,
        current: &Traces,
        here: Uuid,
        next: Uuid,
        reason: LossReason,
        lost: &mut Vec<Lost>,
    ) -> Traces {
        let forward = self.is_later(next, here);
        let mut found = Traces::new();
        for (id, trace) in current {
            let links = self.links(*id, forward).iter();
            let mut links = links
                .filter(|link| self.edition_of(link.product_id) == Some(next))
                .peekable();
            if links.peek().is_none() {
                match self.coded(next, self.code(*id).unwrap_or_default()) {
                    Some(same) => found.entry(same).or_default().add(&Trace {
                        exactness: trace.exactness.max(Exactness::Assumed),
                        ..trace.clone()
                    }),
                    None => lost.push(Lost {
                        product_id: *id,
                        reason,
                    }),
                }
            }
            for link in links {
                found.entry(link.product_id).or_default().add(&Trace {
                    relation: along(trace.relation, Some(link.relation)),
                    ..trace.clone()
                });
            }
        }
        for (id, trace) in &mut found {
            let mut sources = self.links(*id, !forward).iter();
            let is_covered = sources.all(|link| {
                self.edition_of(link.product_id) != Some(here)
                    || current.contains_key(&link.product_id)
            });
            if !is_covered {
                trace.exactness = Exactness::Wider;
            }
        }
        found
    }

    /// Where a chapter or heading was asked for, and all subheadings of one are found, names it.
    fn fold(&self, found: &mut Traces, to: Uuid) {
        if !self.is_whole(to) {
            return;
        }
        for digits in [2, 4] {
            let is_group = |id: &Uuid| self.code(*id).is_some_and(|code| code.len() <= digits);
            let asked = found
                .iter()
                .filter(|(_, trace)| trace.from.iter().any(is_group));
            let groups: BTreeSet<_> = asked
                .filter_map(|(id, _)| self.code(*id))
                .filter(|code| code.len() == SUBHEADING)
                .filter_map(|code| code.get(..digits).map(str::to_owned))
                .collect();
            for code in groups {
                let Some(group) = self.coded(to, &code) else {
                    continue;
                };
                let below: Vec<_> = self.below(to, &code).collect();
                let is_of_group = |id| {
                    let trace = found.get(id);
                    trace.is_some_and(|trace| {
                        trace.exactness != Exactness::Wider && trace.from.iter().any(is_group)
                    })
                };
                if below.iter().all(is_of_group) {
                    let mut whole = Trace::default();
                    for trace in below.iter().filter_map(|id| found.remove(id)) {
                        whole.add(&trace);
                    }
                    found.insert(group, whole);
                }
            }
        }
    }
}

impl Trace {
    fn of(id: Uuid) -> Self {
        Self {
            from: BTreeSet::from([id]),
            ..Self::default()
        }
    }

    /// Another way to the same code.
    fn add(&mut self, other: &Self) {
        self.from.extend(&other.from);
        self.exactness = self.exactness.max(other.exactness);
        self.relation = along(self.relation, other.relation);
    }
}

/// What two relations come to one after the other.
fn along(
    one: Option<ConcordanceRelation>,
    other: Option<ConcordanceRelation>,
) -> Option<ConcordanceRelation> {
    match (one, other) {
        (None | Some(OneToOne), other @ Some(_)) => other,
        (one, None | Some(OneToOne)) => one,
        (one, other) if one == other => one,
        _ => Some(ManyToMany),
    }
}
