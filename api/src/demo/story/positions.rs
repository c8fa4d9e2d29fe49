//! Claims, and the statements that take a position on them.
use entity::{
    claim::{ChangeDirection, ClaimKind, Comparator, Measure},
    claim_subject,
    statement::{Certainty, Rank, Stance, StatementForm},
    statement_citation,
    statement_link::{self, StatementLinkKind},
};
use sea_orm::{DbErr, prelude::Uuid};

use super::{Place, Story, Trade, owned, read, whole};
use crate::kit::period::Period;

const LANGUAGE: &str = "en";

pub struct Claim<'a> {
    pub kind: ClaimKind,
    pub text: &'static str,
    pub trade: Option<Trade>,
    pub period: Option<&'static str>,
    /// The only sort of figure that the story has.
    pub dollars: Option<(Comparator, i64)>,
    /// Percent, and the period that they are counted from.
    pub change: Option<(i64, &'static str)>,
    /// Where the story says no more of a change than its direction.
    pub direction: Option<ChangeDirection>,
    /// Besides the two sides of the trade.
    pub subjects: &'a [Subject],
}

impl Claim<'_> {
    pub const fn new(kind: ClaimKind, text: &'static str) -> Self {
        Self {
            kind,
            text,
            trade: None,
            period: None,
            dollars: None,
            change: None,
            direction: None,
            subjects: &[],
        }
    }
}

#[derive(Clone, Copy)]
pub enum Subject {
    Country(Uuid),
    List(Uuid),
    Shipment(Uuid),
}

/// Retold in the publication's own voice, unless told otherwise.
pub struct Statement {
    pub claim: Uuid,
    pub speaker: Option<Uuid>,
    pub role: Option<&'static str>,
    pub stance: Stance,
    pub form: StatementForm,
    pub certainty: Option<Certainty>,
    /// Its words are the statement's text.
    pub place: Place,
    pub said_on: Option<&'static str>,
    /// Why it is the best of its kind.
    pub preferred: Option<&'static str>,
    pub note: Option<&'static str>,
}

pub const fn asserts(claim: Uuid, place: Place) -> Statement {
    takes(Stance::Asserts, claim, place)
}

pub const fn denies(claim: Uuid, place: Place) -> Statement {
    takes(Stance::Denies, claim, place)
}

pub const fn doubts(claim: Uuid, place: Place) -> Statement {
    takes(Stance::Doubts, claim, place)
}

const fn takes(stance: Stance, claim: Uuid, place: Place) -> Statement {
    Statement {
        claim,
        speaker: None,
        role: None,
        stance,
        form: StatementForm::Paraphrase,
        certainty: None,
        place,
        said_on: None,
        preferred: None,
        note: None,
    }
}

impl Story {
    pub async fn claim(&mut self, claim: Claim<'_>) -> Result<Uuid, DbErr> {
        let period: Option<Period> = claim.period.map(read).transpose()?;
        let base: Option<Period> = claim.change.map(|(_, base)| read(base)).transpose()?;
        let id = published!(
            self,
            claim {
                kind: claim.kind,
                text: claim.text.to_owned(),
                language: LANGUAGE.to_owned(),
                exporter_id: claim.trade.map(|trade| trade.exporter),
                importer_id: claim.trade.map(|trade| trade.importer),
                period_start: period.map(|period| period.start),
                period_end: period.map(|period| period.end),
                measure: claim.dollars.map(|_| Measure::Value),
                comparator: claim.dollars.map(|(comparator, _)| comparator),
                amount: claim.dollars.map(|(_, amount)| whole(amount)),
                currency: claim.dollars.map(|_| "USD".to_owned()),
                change_percent: claim.change.map(|(percent, _)| whole(percent)),
                change_direction: claim.direction,
                change_base_start: base.map(|base| base.start),
                change_base_end: base.map(|base| base.end),
            }
        )?;
        let subjects = claim.subjects.iter().zip(1..).map(|(subject, position)| {
            let row = claim_subject::Model {
                position,
                ..claim_subject::Model::default()
            };
            match *subject {
                Subject::Country(id) => claim_subject::Model {
                    country_id: Some(id),
                    ..row
                },
                Subject::List(id) => claim_subject::Model {
                    product_list_id: Some(id),
                    ..row
                },
                Subject::Shipment(id) => claim_subject::Model {
                    shipment_id: Some(id),
                    ..row
                },
            }
        });
        let subjects = subjects.collect();
        self.edit
            .set_parts::<claim_subject::Entity>(id, subjects)
            .await?;
        Ok(id)
    }

    pub async fn statement(&mut self, statement: Statement) -> Result<Uuid, DbErr> {
        let citation = self.citation(statement.place).await?;
        let id = published!(
            self,
            statement {
                claim_id: statement.claim,
                speaker_id: statement.speaker,
                speaker_role: owned(statement.role),
                stance: statement.stance,
                form: statement.form,
                certainty: statement.certainty,
                text: statement.place.words.to_owned(),
                language: LANGUAGE.to_owned(),
                said_on: statement.said_on.map(read).transpose()?,
                rank: statement
                    .preferred
                    .map_or(Rank::Normal, |_| Rank::Preferred),
                rank_reason: owned(statement.preferred),
                note: owned(statement.note),
            }
        )?;
        let cites = statement_citation::Model {
            citation_id: citation,
            position: 1,
            ..statement_citation::Model::default()
        };
        self.edit
            .set_parts::<statement_citation::Entity>(id, vec![cites])
            .await?;
        Ok(id)
    }

    pub async fn link_statements(
        &mut self,
        statement: Uuid,
        kind: StatementLinkKind,
        target: Uuid,
    ) -> Result<(), DbErr> {
        let link = statement_link::Model {
            target_id: target,
            kind,
            ..statement_link::Model::default()
        };
        self.edit
            .set_parts::<statement_link::Entity>(statement, vec![link])
            .await
            .map(drop)
    }
}
