//! Paragraphs 1 to 5: what the newspaper reports, and where China stands.
use sea_orm::{DbErr, prelude::Uuid};

use super::TODAY;
use crate::demo::{
    claims::Claims,
    parties::Parties,
    sources::Sources,
    story::{Place, Statement, Story, asserts, denies},
    totals::{CERAMICS_WORDS, DRONES_WORDS},
};

/// Answers with China's official position, to which paragraph 12 comes back.
pub async fn enter(
    story: &mut Story,
    parties: &Parties,
    sources: &Sources,
    claims: &Claims,
) -> Result<Uuid, DbErr> {
    let paragraph = |number, words| Place::paragraph(sources.article, number, words);
    for statement in [
        Statement {
            said_on: TODAY,
            note: Some("The newspaper is not named here; it is taken to be Politico."),
            ..asserts(
                claims.customs_records,
                paragraph(
                    1,
                    "The newspaper relied for its information on customs records",
                ),
            )
        },
        Statement {
            speaker: Some(parties.politico),
            note: Some(
                "The article says “the newspaper”, undated: that it is Politico, in its report of \
                 24 July 2023, is inferred from the last paragraph and from the same figures. It \
                 speaks of manufacturers and of military aid. “Thermal binoculars” are likely \
                 thermal sights, put wrongly in translation.",
            ),
            ..asserts(
                claims.military_equipment,
                paragraph(
                    1,
                    "customs records, which indicated that Chinese manufacturers provide large \
                     amounts of military aid to Russia, including drones, protective equipment \
                     and thermal binoculars through which targets can be monitored at night",
                ),
            )
        },
        Statement {
            said_on: TODAY,
            note: Some("In the article's own voice, without a source; see the source's chain."),
            ..asserts(claims.drones, paragraph(2, DRONES_WORDS))
        },
        Statement {
            said_on: TODAY,
            note: Some(
                "In the article's own voice, without a source; see the source's chain. Whether \
                 the change is measured from all of 2022 or from its same months is not stated.",
            ),
            ..asserts(claims.ceramics, paragraph(2, CERAMICS_WORDS))
        },
        Statement {
            said_on: TODAY,
            note: Some(
                "“Crosses the loophole” must mean that China makes use of it. “Such equipment” is \
                 what the paragraphs before name.",
            ),
            ..asserts(
                claims.loophole,
                paragraph(
                    3,
                    "China crosses the loophole that such equipment can be used for civilian \
                     purposes, not military ones only, to avoid entering into a clash with the \
                     West",
                ),
            )
        },
        Statement {
            speaker: Some(parties.china),
            note: Some(
                "Denied repeatedly, by a spokesperson and on days that the article does not name. \
                 The denials answer no report in particular, and tell of no goods; they speak \
                 for the state, where the newspaper speaks of manufacturers.",
            ),
            ..denies(
                claims.military_equipment,
                paragraph(
                    4,
                    "China has repeatedly denied sending military equipment to Russia since the \
                     start of the Ukrainian war in late February 2022",
                ),
            )
        },
    ] {
        story.statement(statement).await?;
    }
    let officially_neutral = story
        .statement(Statement {
            speaker: Some(parties.china),
            note: Some("A standing position since the war began, not words of one day."),
            ..asserts(
                claims.neutral,
                paragraph(
                    5,
                    "Officially, Beijing has adopted a neutral position since the start of the \
                     war in Ukraine",
                ),
            )
        })
        .await?;
    for statement in [
        Statement {
            said_on: TODAY,
            note: Some("The West is nobody in particular here."),
            ..asserts(
                claims.criticised,
                paragraph(
                    5,
                    "it has been criticized by the West for not condemning the Russian military \
                     operations",
                ),
            )
        },
        Statement {
            said_on: TODAY,
            ..asserts(
                claims.closer,
                paragraph(
                    5,
                    "its relationship with Moscow has grown closer in recent months",
                ),
            )
        },
        Statement {
            said_on: TODAY,
            note: Some("“Which” is the closer relationship with Moscow."),
            ..asserts(
                claims.fears,
                paragraph(
                    5,
                    "which has raised the West’s fears that it will provide military support to \
                     Russia",
                ),
            )
        },
    ] {
        story.statement(statement).await?;
    }
    Ok(officially_neutral)
}
