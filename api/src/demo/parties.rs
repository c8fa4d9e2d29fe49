//! Who speaks, writes and is named in the story.
use entity::party::PartyKind::{Government, Organisation, Person, Publisher};
use sea_orm::{DbErr, prelude::Uuid};

use super::{
    countries::Countries,
    story::{Party, Story},
};

pub struct Parties {
    pub pledge_times: Uuid,
    pub politico: Uuid,
    pub washington_post: Uuid,
    pub china: Uuid,
    pub ukraine: Uuid,
    pub united_states: Uuid,
    pub us_intelligence: Uuid,
    pub bonne: Uuid,
    pub legarda: Uuid,
}

impl Parties {
    pub async fn enter(story: &mut Story, countries: &Countries) -> Result<Self, DbErr> {
        let parties = Self {
            pledge_times: story
                .party(Party {
                    description: Some("Website that published the article of the story."),
                    url: Some("https://pledgetimes.com"),
                    ..Party::new(Publisher, "Pledge Times")
                })
                .await?,
            politico: story
                .party(Party {
                    description: Some("Newspaper on politics, in the United States and in Europe."),
                    ..Party::new(Publisher, "Politico")
                })
                .await?,
            washington_post: story
                .party(Party {
                    country: Some(countries.united_states),
                    description: Some("Daily newspaper."),
                    ..Party::new(Publisher, "The Washington Post")
                })
                .await?,
            china: story
                .party(Party {
                    country: Some(countries.china),
                    ..Party::new(Government, "Government of China")
                })
                .await?,
            ukraine: story
                .party(Party {
                    country: Some(countries.ukraine),
                    ..Party::new(Government, "Government of Ukraine")
                })
                .await?,
            united_states: story
                .party(Party {
                    country: Some(countries.united_states),
                    ..Party::new(Government, "Government of the United States")
                })
                .await?,
            us_intelligence: story
                .party(Party {
                    country: Some(countries.united_states),
                    description: Some(
                        "The intelligence services of the United States together; the article \
                         calls them US intelligence.",
                    ),
                    ..Party::new(Government, "United States Intelligence Community")
                })
                .await?,
            bonne: story
                .party(Party {
                    country: Some(countries.france),
                    description: Some("Diplomatic adviser to President Macron."),
                    ..Party::new(Person, "Emmanuel Bonne")
                })
                .await?,
            legarda: story
                .party(Party {
                    description: Some(
                        "Analyst of China's defence and foreign policy at the Mercator Institute \
                         for China Studies.",
                    ),
                    ..Party::new(Person, "Helena Legarda")
                })
                .await?,
        };
        // The article names these two beside their people; neither says anything in it.
        story
            .party(Party {
                country: Some(countries.france),
                description: Some("President of France."),
                ..Party::new(Person, "Emmanuel Macron")
            })
            .await?;
        story
            .party(Party {
                country: Some(countries.germany),
                description: Some(
                    "Institute in Berlin, MERICS for short; the article calls it the German \
                     Mercator Institute for Chinese Studies.",
                ),
                url: Some("https://merics.org"),
                ..Party::new(Organisation, "Mercator Institute for China Studies")
            })
            .await?;
        Ok(parties)
    }
}
