//! The two totals that the article states.
use entity::claim::Comparator::{Exact, MoreThan};
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    countries::Countries,
    parties::Parties,
    product_lists::ProductLists,
    sources::Sources,
    story::{Dataset, Place, Story, Total},
};

/// The article says since the beginning of the year, and no last day: it cannot be after its own.
pub const THIS_YEAR: &str = "2023-01-01/2023-07-25";
pub const DRONES_WORDS: &str = "\
    Since the beginning of this year, Russia has imported drones from China worth more than \
    $100 million";
pub const CERAMICS_WORDS: &str = "\
    has spent $225 million buying ceramics used in the manufacture of body armor from Beijing, \
    up 69 percent from 2022";

pub struct Totals {
    pub drones: Uuid,
    pub ceramics: Uuid,
}

impl Totals {
    pub async fn enter(
        story: &mut Story,
        countries: &Countries,
        parties: &Parties,
        sources: &Sources,
        lists: &ProductLists,
    ) -> Result<Self, DbErr> {
        let dataset = story
            .dataset(Dataset {
                slug: "article-2023-07-25-totals",
                title: "Totals in the article of 25 July 2023",
                publisher: parties.pledge_times,
                source: sources.article,
                released_on: "2023-07-25",
                description: "What the article says that Russia bought from China in 2023. It \
                              names no last day: the periods end with its own day. It says \
                              “more than” of the drones and nothing of the kind of the ceramics: \
                              EXACT means as stated, without qualification. It names no HS codes: \
                              the product lists are a curator's reading of its words. Dollars are \
                              taken for those of the United States.",
            })
            .await?;
        Ok(Self {
            drones: story
                .total(Total {
                    dataset,
                    key: "drones-2023",
                    trade: countries.china_to_russia(),
                    product_list: lists.drones,
                    declared_description: "drones",
                    period: THIS_YEAR,
                    comparator: MoreThan,
                    dollars: 100_000_000,
                    place: Place::paragraph(sources.article, 2, DRONES_WORDS),
                })
                .await?,
            ceramics: story
                .total(Total {
                    dataset,
                    key: "ceramics-2023",
                    trade: countries.china_to_russia(),
                    product_list: lists.body_armor_ceramics,
                    declared_description: "ceramics used in the manufacture of body armor",
                    period: THIS_YEAR,
                    comparator: Exact,
                    dollars: 225_000_000,
                    place: Place::paragraph(sources.article, 2, CERAMICS_WORDS),
                })
                .await?,
        })
    }
}
