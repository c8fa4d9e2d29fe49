//! Who says what of the claims, in the article's words and order.
use sea_orm::DbErr;

use super::{claims::Claims, parties::Parties, sources::Sources, story::Story};

mod doubts;
mod report;

/// The day of the article, on which it says what it says in its own voice.
const TODAY: Option<&str> = Some("2023-07-25");

pub async fn enter(
    story: &mut Story,
    parties: &Parties,
    sources: &Sources,
    claims: &Claims,
) -> Result<(), DbErr> {
    let officially_neutral = report::enter(story, parties, sources, claims).await?;
    doubts::enter(story, parties, sources, claims, officially_neutral).await
}
