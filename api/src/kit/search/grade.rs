//! How well a record fits, and how each database is asked for those that fit so well.
use async_graphql::Enum;
use sea_orm::{
    DbBackend,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    document::{NAME, WHOLE, whole},
    query::{Query, Sequence},
};

/// How well a record fits a search; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
#[graphql(name = "SearchGrade")]
pub enum Grade {
    /// The query is a name or code of the record, as a whole.
    Whole,
    /// All words stand in its names and codes.
    Name,
    /// Its names and codes have words that begin so, or are of the same kin.
    NameBeginning,
    /// The words stand side by side, in this order.
    Phrase,
    /// All words stand somewhere in it.
    Words,
    /// Words that begin so, or are of the same kin, stand somewhere in it.
    Beginning,
}

impl Grade {
    pub const ALL: [Self; 6] = [
        Self::Whole,
        Self::Name,
        Self::NameBeginning,
        Self::Phrase,
        Self::Words,
        Self::Beginning,
    ];
}

/// Where words are looked for.
#[derive(Clone, Copy)]
enum Place {
    Whole,
    Name,
    Anywhere,
}

/// What must hold of the words of a record.
enum Expression {
    Stands(Place, Sequence),
    All(Vec<Self>),
    But(Box<Self>, Vec<Self>),
}

impl Query {
    /// Holds for the records of a grade, and of no better one. None when there can be no such.
    pub fn of(&self, grade: Grade, backend: DbBackend) -> Option<SimpleExpr> {
        let own = self.at_least(grade)?;
        // Who fits by names fits by their beginnings as well, if there are such.
        let by_name = match self.at_least(Grade::NameBeginning) {
            Some(_) => Grade::NameBeginning,
            None => Grade::Name,
        };
        let better: &[Grade] = match grade {
            Grade::Whole => &[],
            Grade::Name => &[Grade::Whole],
            Grade::NameBeginning => &[Grade::Name],
            Grade::Phrase => &[by_name],
            Grade::Words => &[by_name, Grade::Phrase],
            Grade::Beginning => &[by_name, Grade::Words],
        };
        let better = better.iter().filter_map(|better| self.at_least(*better));
        let own = Expression::But(Box::new(own), better.collect());
        Some(own.on(backend))
    }

    /// Holds for the records of all grades together.
    pub fn any(&self, backend: DbBackend) -> SimpleExpr {
        let widest = self.loose(Place::Anywhere);
        let widest = widest.unwrap_or_else(|| self.exact(Place::Anywhere));
        widest.on(backend)
    }

    fn at_least(&self, grade: Grade) -> Option<Expression> {
        Some(match grade {
            Grade::Whole => {
                let tokens = vec![whole(self.tokens())?];
                let is_beginning = false;
                let sequence = Sequence {
                    tokens,
                    is_beginning,
                };
                Expression::Stands(Place::Whole, sequence)
            }
            Grade::Name => self.exact(Place::Name),
            Grade::NameBeginning => self.loose(Place::Name)?,
            Grade::Phrase => Expression::Stands(Place::Anywhere, self.side_by_side()?),
            Grade::Words => self.exact(Place::Anywhere),
            Grade::Beginning => self.loose(Place::Anywhere)?,
        })
    }

    fn exact(&self, place: Place) -> Expression {
        let terms = self.terms.iter();
        Expression::All(
            terms
                .map(|term| Expression::Stands(place, term.exact.clone()))
                .collect(),
        )
    }

    fn loose(&self, place: Place) -> Option<Expression> {
        if self.terms.iter().all(|term| term.loose.is_none()) {
            return None;
        }
        let sequences = self.terms.iter().flat_map(|term| match &term.loose {
            Some(loose) => loose.clone(),
            None => vec![term.exact.clone()],
        });
        let all = sequences.map(|sequence| Expression::Stands(place, sequence));
        Some(Expression::All(all.collect()))
    }
}

impl Expression {
    /// The condition on the index. What people type comes in as words of ours alone, between
    /// quotation marks, and is a parameter: it cannot be an operator of either language.
    fn on(&self, backend: DbBackend) -> SimpleExpr {
        match backend {
            DbBackend::Postgres => Expr::cust_with_values(
                r#""search_document"."words" @@ CAST($1 AS tsquery)"#,
                [self.tsquery()],
            ),
            _ => Expr::cust_with_values(
                r#""search_document"."number" IN (SELECT rowid FROM search_text WHERE search_text MATCH ?)"#,
                [self.fts5()],
            ),
        }
    }

    fn fts5(&self) -> String {
        match self {
            Self::Stands(place, sequence) => {
                let columns = match place {
                    Place::Whole => "whole",
                    Place::Name => "name",
                    Place::Anywhere => "{name text}",
                };
                let star = if sequence.is_beginning { " *" } else { "" };
                format!("{columns} : \"{}\"{star}", sequence.tokens.join(" "))
            }
            Self::All(all) => list(all, Self::fts5, " AND "),
            Self::But(own, others) if others.is_empty() => own.fts5(),
            Self::But(own, others) => {
                format!("({} NOT {})", own.fts5(), list(others, Self::fts5, " OR "))
            }
        }
    }

    fn tsquery(&self) -> String {
        match self {
            Self::Stands(place, sequence) => {
                let mark = match place {
                    Place::Whole => WHOLE,
                    Place::Name => NAME,
                    Place::Anywhere => "",
                };
                let tokens = sequence.tokens.iter();
                let tokens: Vec<_> = tokens.map(|token| format!("'{mark}{token}'")).collect();
                let star = if sequence.is_beginning { ":*" } else { "" };
                format!("({}{star})", tokens.join(" <-> "))
            }
            Self::All(all) => list(all, Self::tsquery, " & "),
            Self::But(own, others) if others.is_empty() => own.tsquery(),
            Self::But(own, others) => {
                let others = list(others, Self::tsquery, " | ");
                format!("({} & !{others})", own.tsquery())
            }
        }
    }
}

fn list(all: &[Expression], write: fn(&Expression) -> String, between: &str) -> String {
    let all: Vec<_> = all.iter().map(write).collect();
    format!("({})", all.join(between))
}
