//! What is claimed in the story, said by nobody yet.
use entity::claim::{
    ChangeDirection::Decrease,
    ClaimKind::{Change, Event, Qualitative, Quantity, Relation},
    Comparator::{Exact, MoreThan},
};
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    countries::Countries,
    product_lists::ProductLists,
    story::{
        Claim, Story,
        Subject::{Country, List, Shipment},
    },
    totals::{THIS_YEAR, Totals},
};

pub struct Claims {
    pub military_equipment: Uuid,
    pub customs_records: Uuid,
    pub drones: Uuid,
    pub ceramics: Uuid,
    pub loophole: Uuid,
    pub neutral: Uuid,
    pub criticised: Uuid,
    pub closer: Uuid,
    pub fears: Uuid,
    pub parts_found: Uuid,
    pub disguised: Uuid,
    pub lethal: Uuid,
    pub dual_use: Uuid,
    pub reliable_partner: Uuid,
    pub supports_russia: Uuid,
    pub ukraine_buys: Uuid,
    pub ukraine_buys_less: Uuid,
}

impl Claims {
    pub async fn enter(
        story: &mut Story,
        countries: &Countries,
        lists: &ProductLists,
        totals: &Totals,
    ) -> Result<Self, DbErr> {
        let china = Country(countries.china);
        let russia = Country(countries.russia);
        let ukraine = Country(countries.ukraine);
        Ok(Self {
            military_equipment: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    subjects: &[
                        List(lists.drones),
                        List(lists.protective_equipment),
                        List(lists.thermal_optics),
                    ],
                    ..Claim::new(
                        Relation,
                        "Military equipment goes from China to Russia, drones, protective \
                         equipment and thermal optics among it.",
                    )
                })
                .await?,
            customs_records: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    ..Claim::new(
                        Relation,
                        "The newspaper's report on what China supplies to Russia rests on customs \
                         records.",
                    )
                })
                .await?,
            drones: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    period: Some(THIS_YEAR),
                    dollars: Some((MoreThan, 100_000_000)),
                    subjects: &[List(lists.drones), Shipment(totals.drones)],
                    ..Claim::new(
                        Quantity,
                        "Russia has imported drones worth more than 100 million dollars from \
                         China since the beginning of 2023.",
                    )
                })
                .await?,
            // One claim, since the article says amount and change in one breath.
            ceramics: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    period: Some(THIS_YEAR),
                    dollars: Some((Exact, 225_000_000)),
                    change: Some((69, "2022")),
                    subjects: &[List(lists.body_armor_ceramics), Shipment(totals.ceramics)],
                    ..Claim::new(
                        Change,
                        "Russia has spent 225 million dollars on ceramics for body armor from \
                         China since the beginning of 2023, up 69 percent from 2022.",
                    )
                })
                .await?,
            loophole: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    subjects: &[
                        List(lists.drones),
                        List(lists.protective_equipment),
                        List(lists.thermal_optics),
                        List(lists.body_armor_ceramics),
                    ],
                    ..Claim::new(
                        Qualitative,
                        "To avoid a clash with the West, China uses the loophole that such \
                         equipment can have civilian uses too.",
                    )
                })
                .await?,
            neutral: story
                .claim(Claim {
                    subjects: &[china, ukraine],
                    ..Claim::new(Qualitative, "China is neutral in the war in Ukraine.")
                })
                .await?,
            criticised: story
                .claim(Claim {
                    subjects: &[china, russia, ukraine],
                    ..Claim::new(
                        Event,
                        "The West has criticised China for not condemning the Russian military \
                         operations.",
                    )
                })
                .await?,
            closer: story
                .claim(Claim {
                    subjects: &[china, russia],
                    ..Claim::new(
                        Relation,
                        "China's relationship with Russia has grown closer in the months before \
                         the end of July 2023.",
                    )
                })
                .await?,
            fears: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    ..Claim::new(
                        Qualitative,
                        "The West fears that China will provide military support to Russia.",
                    )
                })
                .await?,
            // The drones and tanks here are Russian: no list of goods that China sold holds them.
            parts_found: story
                .claim(Claim {
                    subjects: &[china, russia, ukraine],
                    ..Claim::new(
                        Event,
                        "Chinese parts were found in Russian weapons, such as drones and tanks.",
                    )
                })
                .await?,
            disguised: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    ..Claim::new(
                        Event,
                        "China was planning to send Russia military equipment disguised as \
                         civilian goods.",
                    )
                })
                .await?,
            // Lethal aid, dual-use goods and military equipment are three claims: whoever denies
            // one has not denied the others.
            lethal: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    ..Claim::new(
                        Relation,
                        "China provided Russia with lethal weapons or aid.",
                    )
                })
                .await?,
            dual_use: story
                .claim(Claim {
                    trade: Some(countries.china_to_russia()),
                    subjects: &[ukraine],
                    ..Claim::new(
                        Relation,
                        "China provides Russia with equipment that could be used militarily in \
                         Ukraine.",
                    )
                })
                .await?,
            reliable_partner: story
                .claim(Claim {
                    subjects: &[china, ukraine],
                    ..Claim::new(
                        Qualitative,
                        "China is a reliable partner in the search for a solution to the conflict \
                         in Ukraine.",
                    )
                })
                .await?,
            supports_russia: story
                .claim(Claim {
                    subjects: &[china, russia, ukraine],
                    ..Claim::new(
                        Qualitative,
                        "China in fact supports Russia's positions in the war in Ukraine.",
                    )
                })
                .await?,
            ukraine_buys: story
                .claim(Claim {
                    trade: Some(countries.china_to_ukraine()),
                    ..Claim::new(Relation, "Ukraine is a buyer of Chinese weapons.")
                })
                .await?,
            // The article gives no percentage.
            ukraine_buys_less: story
                .claim(Claim {
                    trade: Some(countries.china_to_ukraine()),
                    period: Some("2023"),
                    direction: Some(Decrease),
                    ..Claim::new(
                        Change,
                        "Ukraine's imports of many types of Chinese equipment declined in 2023.",
                    )
                })
                .await?,
        })
    }
}
