//! Claims, statements and their sources for tests, entered through the door.
use entity::{
    citation, claim,
    claim::ClaimKind,
    claim_subject, party,
    party::PartyKind,
    product_list,
    product_list::ProductListKind,
    source::{self, SourceKind},
    source_link::{self, SourceLinkKind},
    statement::{self, Rank, Stance, StatementForm},
    statement_citation,
    statement_link::{self, StatementLinkKind},
    value::{Status, Texts},
};
use libtest_mimic::Failed;
use sea_orm::prelude::Uuid;
use waybill::kit::edit::{Author, Edit};

use super::App;

/// Whoever writes it all down: claims, and what is behind them.
pub struct Desk {
    pub edit: Edit,
}

impl Desk {
    pub async fn open(app: &App) -> Result<Self, Failed> {
        let edit = Edit::begin(&app.db, Author::Command, "test").await?;
        Ok(Self { edit })
    }

    pub async fn close(self) -> Result<(), Failed> {
        self.edit.commit().await?;
        Ok(())
    }

    pub async fn party(&mut self, name: &str) -> Result<Uuid, Failed> {
        let row = party::Model {
            id: Uuid::now_v7(),
            name: name.to_owned(),
            kind: PartyKind::Organisation,
            status: Status::Published,
            version: 1,
            ..party::Model::default()
        };
        Ok(self.edit.insert::<party::Entity>(row).await?.id)
    }

    pub async fn source(&mut self, title: &str, publisher: Option<Uuid>) -> Result<Uuid, Failed> {
        self.source_that_is(title, publisher, Status::Published)
            .await
    }

    pub async fn source_that_is(
        &mut self,
        title: &str,
        publisher_id: Option<Uuid>,
        status: Status,
    ) -> Result<Uuid, Failed> {
        let row = source::Model {
            id: Uuid::now_v7(),
            kind: SourceKind::Article,
            title: title.to_owned(),
            publisher_id,
            authors: Texts::default(),
            withdrawal_reason: (status == Status::Withdrawn).then(|| "Wrong".to_owned()),
            status,
            version: 1,
            created_at: self.edit.now,
            updated_at: self.edit.now,
            published_on: None,
            language: None,
            url: None,
            archived_url: None,
            retrieved_at: None,
            sha256: None,
            note: None,
        };
        Ok(self.edit.insert::<source::Entity>(row).await?.id)
    }

    pub async fn takes(
        &mut self,
        source_id: Uuid,
        kind: SourceLinkKind,
        target_id: Uuid,
    ) -> Result<(), Failed> {
        let row = source_link::Model {
            id: Uuid::now_v7(),
            source_id,
            target_id,
            kind,
            added_at: self.edit.now,
            ..source_link::Model::default()
        };
        self.edit
            .insert_part::<source_link::Entity>(source_id, row)
            .await?;
        Ok(())
    }

    pub async fn claim(&mut self, text: &str) -> Result<Uuid, Failed> {
        self.figure(text, claim::Model::default(), None).await
    }

    pub async fn figure(
        &mut self,
        text: &str,
        figure: claim::Model,
        list: Option<Uuid>,
    ) -> Result<Uuid, Failed> {
        let kind = match figure.amount {
            Some(_) => ClaimKind::Quantity,
            None => ClaimKind::Qualitative,
        };
        let row = claim::Model {
            id: Uuid::now_v7(),
            kind,
            text: text.to_owned(),
            language: "en".to_owned(),
            status: Status::Published,
            version: 1,
            ..figure
        };
        let id = self.edit.insert::<claim::Entity>(row).await?.id;
        let subjects = list.into_iter().map(|list| claim_subject::Model {
            position: 1,
            product_list_id: Some(list),
            ..claim_subject::Model::default()
        });
        let subjects = subjects.collect();
        self.edit
            .set_parts::<claim_subject::Entity>(id, subjects)
            .await?;
        Ok(id)
    }

    /// Makes a product what a claim is about, and nothing else.
    pub async fn about_product(&mut self, claim: Uuid, product: Uuid) -> Result<(), Failed> {
        let row = claim_subject::Model {
            position: 1,
            product_id: Some(product),
            ..claim_subject::Model::default()
        };
        self.edit
            .set_parts::<claim_subject::Entity>(claim, vec![row])
            .await?;
        Ok(())
    }

    pub async fn list(&mut self, slug: &str) -> Result<Uuid, Failed> {
        let row = product_list::Model {
            id: Uuid::now_v7(),
            slug: slug.to_owned(),
            title: slug.to_owned(),
            kind: ProductListKind::Topic,
            status: Status::Published,
            version: 1,
            ..product_list::Model::default()
        };
        Ok(self.edit.insert::<product_list::Entity>(row).await?.id)
    }

    pub async fn says(
        &mut self,
        claim_id: Uuid,
        stance: Stance,
        speaker_id: Option<Uuid>,
        source_id: Uuid,
    ) -> Result<Uuid, Failed> {
        let row = statement::Model {
            stance,
            speaker_id,
            ..statement::Model::default()
        };
        self.states(claim_id, row, source_id).await
    }

    pub async fn states(
        &mut self,
        claim_id: Uuid,
        row: statement::Model,
        source_id: Uuid,
    ) -> Result<Uuid, Failed> {
        let row = statement::Model {
            id: Uuid::now_v7(),
            claim_id,
            form: StatementForm::Paraphrase,
            text: "Invented".to_owned(),
            language: "en".to_owned(),
            rank_reason: (row.rank != Rank::Normal).then(|| "Invented".to_owned()),
            status: Status::Published,
            version: 1,
            created_at: self.edit.now,
            updated_at: self.edit.now,
            ..row
        };
        let id = self.edit.insert::<statement::Entity>(row).await?.id;
        let citation = citation::Model {
            id: Uuid::now_v7(),
            source_id,
            ..citation::Model::default()
        };
        let citation = self.edit.insert::<citation::Entity>(citation).await?;
        let cites = statement_citation::Model {
            citation_id: citation.id,
            position: 1,
            ..statement_citation::Model::default()
        };
        self.edit
            .set_parts::<statement_citation::Entity>(id, vec![cites])
            .await?;
        Ok(id)
    }

    pub async fn relates(
        &mut self,
        id: Uuid,
        kind: StatementLinkKind,
        target_id: Uuid,
    ) -> Result<(), Failed> {
        let link = statement_link::Model {
            target_id,
            kind,
            ..statement_link::Model::default()
        };
        self.edit
            .set_parts::<statement_link::Entity>(id, vec![link])
            .await?;
        Ok(())
    }
}
