//! Paragraphs 6 to 13, which the article heads “doubts”: what others say of it.
use entity::{
    statement::{
        Certainty::Likely,
        StatementForm::{DirectQuote, Document, PartialQuote},
    },
    statement_link::StatementLinkKind::{Repeats, RespondsTo},
};
use sea_orm::{DbErr, prelude::Uuid};

use super::TODAY;
use crate::demo::{
    claims::Claims,
    parties::Parties,
    sources::Sources,
    story::{Place, Statement, Story, asserts, denies, doubts},
};

const BONNE_ROLE: Option<&str> = Some("advisor to French President Emmanuel Macron");
const LEGARDA_ROLE: Option<&str> =
    Some("foreign policy expert at the German Mercator Institute for Chinese Studies");

pub async fn enter(
    story: &mut Story,
    parties: &Parties,
    sources: &Sources,
    claims: &Claims,
    officially_neutral: Uuid,
) -> Result<(), DbErr> {
    let paragraph = |number, words| Place::paragraph(sources.article, number, words);
    for statement in [
        Statement {
            speaker: Some(parties.ukraine),
            said_on: Some("2023"),
            note: Some(
                "“Signed up to” makes no sense; “captured” must be meant. The article names no \
                 person, and no day but “earlier this year”.",
            ),
            ..asserts(
                claims.parts_found,
                paragraph(
                    7,
                    "Ukraine said earlier this year that it had found Chinese parts in Russian \
                     weapons it had signed up to, such as drones and tanks",
                ),
            )
        },
        Statement {
            speaker: Some(parties.us_intelligence),
            form: Document,
            said_on: Some("2023-04"),
            note: Some(
                "April is when The Washington Post had the documents; the article does not date \
                 them. It leaves the recipient to the context. By the Post's account the words \
                 are not US intelligence's own: it passes on what Russian intelligence was \
                 overheard to say.",
            ),
            ..asserts(
                claims.disguised,
                paragraph(
                    8,
                    "US intelligence documents obtained by The Washington Post in April showed \
                     that China was planning to send military equipment disguised as civilian \
                     goods",
                ),
            )
        },
        Statement {
            speaker: Some(parties.united_states),
            note: Some(
                "To have seen no evidence is not to deny. It is said of lethal aid alone. The \
                 article names no person and no day, and does not say that it answers the \
                 documents of April.",
            ),
            ..doubts(
                claims.lethal,
                paragraph(
                    9,
                    "the United States said it had seen no evidence that China provided Russia \
                     with lethal weapons or aid",
                ),
            )
        },
        Statement {
            speaker: Some(parties.bonne),
            role: BONNE_ROLE,
            certainty: Some(Likely),
            said_on: Some("2023-07"),
            note: Some("He hinted, in the article's word, “a few days” before 25 July 2023."),
            ..asserts(
                claims.dual_use,
                paragraph(
                    10,
                    "A few days ago, Emmanuel Bonne, advisor to French President Emmanuel Macron, \
                     hinted that China was providing Russia with equipment that could be used \
                     militarily in Ukraine",
                ),
            )
        },
        Statement {
            speaker: Some(parties.bonne),
            role: BONNE_ROLE,
            form: PartialQuote,
            said_on: Some("2023-07"),
            note: Some(
                "The quoted words have likely been translated and back again: they need not be \
                 his.",
            ),
            ..doubts(
                claims.reliable_partner,
                paragraph(
                    11,
                    "Macron’s advisor stressed his desire for “China to show that it is a \
                     reliable partner” in the search for a solution to the conflict in Ukraine, \
                     but he regretted “not seeing evidence” of that",
                ),
            )
        },
    ] {
        story.statement(statement).await?;
    }
    let translated = story
        .statement(Statement {
            speaker: Some(parties.legarda),
            role: LEGARDA_ROLE,
            form: DirectQuote,
            note: Some(
                "The article quotes her word for word, yet the words have likely been translated \
                 and back again: hers, as Politico has them, stand beside these. Undated.",
            ),
            ..asserts(
                claims.supports_russia,
                paragraph(
                    12,
                    "It is very clear that China, despite its claims of being a neutral actor, is \
                     in fact supporting Russia’s positions in this war.",
                ),
            )
        })
        .await?;
    let only_claimed = story
        .statement(Statement {
            speaker: Some(parties.legarda),
            role: LEGARDA_ROLE,
            form: PartialQuote,
            note: Some("From the same sentence: to her, neutrality is a mere claim. Undated."),
            ..denies(
                claims.neutral,
                paragraph(12, "despite its claims of being a neutral actor"),
            )
        })
        .await?;
    for statement in [
        Statement {
            said_on: TODAY,
            note: Some(
                "By “weapons” equipment may be meant: that is the word of the same sentence for \
                 what Politico reported.",
            ),
            ..asserts(
                claims.ukraine_buys,
                paragraph(13, "Ukraine is also a buyer of Chinese weapons"),
            )
        },
        Statement {
            speaker: Some(parties.politico),
            note: Some("Undated in the article; Politico's report is of 24 July 2023."),
            ..asserts(
                claims.ukraine_buys_less,
                paragraph(
                    13,
                    "Politico reported that its imports of many types of Chinese equipment \
                     declined in 2023",
                ),
            )
        },
    ] {
        story.statement(statement).await?;
    }

    // The one record that is not cited to the article: its quote, before it was translated.
    let original = story
        .statement(Statement {
            speaker: Some(parties.legarda),
            role: Some(
                "lead analyst for Chinese defence and foreign policy at the Mercator Institute \
                 for China Studies",
            ),
            form: DirectQuote,
            preferred: Some("Her words as first published, before they were translated."),
            note: Some(
                "Read in retellings of the report, not on its page. The report is of 24 July 2023; \
                 on which day she spoke is not known.",
            ),
            ..asserts(
                claims.supports_russia,
                Place::somewhere(
                    sources.politico,
                    "What is very clear is that China, for all its claims that it is a neutral \
                     actor, is in fact supporting Russia’s positions in this war",
                ),
            )
        })
        .await?;
    story.link_statements(translated, Repeats, original).await?;
    story
        .link_statements(only_claimed, RespondsTo, officially_neutral)
        .await
}
