//! The article, and the chain of reports and records behind it.
use entity::{
    source::SourceKind::{Article, DataRelease, OfficialDocument},
    source_link::SourceLinkKind::{BasedOn, Cites},
};
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    parties::Parties,
    story::{Source, Story},
};

pub struct Sources {
    pub article: Uuid,
    pub politico: Uuid,
}

impl Sources {
    pub async fn enter(story: &mut Story, parties: &Parties) -> Result<Self, DbErr> {
        let article = story
            .source(Source {
                publisher: Some(parties.pledge_times),
                published_on: Some("2023-07-25"),
                language: Some("en"),
                url: Some(
                    "https://pledgetimes.com/military-support-for-russia-in-civilian-clothes-\
                     how-does-china-evade-western-sanctions/",
                ),
                note: Some(
                    "Read in a stored copy, which begins in mid-story: “the newspaper” of its \
                     first words is not named there. It is taken to be Politico, which the last \
                     paragraph names and whose report has the same figures. The English is \
                     likely a machine translation: “crosses the loophole” must mean makes use of \
                     it, weapons that Ukraine “had signed up to” are weapons that it captured, \
                     and “thermal binoculars” are thermal sights. The title is read off the \
                     address, its punctuation is a guess.",
                ),
                ..Source::new(
                    Article,
                    "Military support for Russia in civilian clothes: how does China evade \
                     Western sanctions",
                )
            })
            .await?;
        let politico = story
            .source(Source {
                publisher: Some(parties.politico),
                published_on: Some("2023-07-24"),
                language: Some("en"),
                note: Some(
                    "Title, date and wording are known from reprints and retellings that agree; \
                     the page itself was not read.",
                ),
                ..Source::new(
                    Article,
                    "China secretly sends enough gear to Russia to equip an army",
                )
            })
            .await?;
        let washington_post = story
            .source(Source {
                publisher: Some(parties.washington_post),
                authors: &["Karen DeYoung", "Missy Ryan"],
                published_on: Some("2023-04-13"),
                language: Some("en"),
                note: Some(
                    "Known from a reprint and from retellings; the page itself was not read. The \
                     authors' names stand in one retelling alone. The article gives neither \
                     title nor day, only April.",
                ),
                ..Source::new(
                    Article,
                    "Russia says China agreed to secretly provide weapons, leaked documents show",
                )
            })
            .await?;
        // Whose records is left open: the article does not tell, and retellings differ by figure.
        let customs_records = story
            .source(Source {
                note: Some(
                    "The article says customs records and no more: neither whose, nor which \
                     months, nor which codes. Retellings of Politico's report name Chinese and \
                     Ukrainian customs data for the totals, and, for single companies, orders \
                     that Russian buyers declared.",
                ),
                ..Source::new(
                    DataRelease,
                    "Customs records that Politico relied on for its report of 24 July 2023",
                )
            })
            .await?;
        let watch_report = story
            .source(Source {
                publisher: Some(parties.us_intelligence),
                published_on: Some("2023-02-23"),
                language: Some("en"),
                note: Some(
                    "Top secret and leaked, never published by its makers: the date is the \
                     document's own. Title and date are those that The Washington Post gives; \
                     the article speaks of documents and names none. By the Post's account it \
                     passes on what Russia's foreign intelligence was overheard to say, from a \
                     source that is not known.",
                ),
                ..Source::new(OfficialDocument, "The Watch Report")
            })
            .await?;

        let links = [
            ((article, BasedOn, politico), "Goods and totals."),
            ((politico, BasedOn, customs_records), "Goods and totals."),
            ((article, Cites, washington_post), "The leaked documents."),
            ((washington_post, BasedOn, watch_report), "China's plan."),
        ];
        for ((source, kind, target), note) in links {
            story.link_sources(source, kind, target, note).await?;
        }
        Ok(Self { article, politico })
    }
}
