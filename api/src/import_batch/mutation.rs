//! How imports over the API are asked for, and called off.
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, OneofObject, SimpleObject};
use chrono::Utc;
use entity::{
    import_batch::{self, ErrorPolicy, ImportPhase},
    value::Timestamp,
};
use sea_orm::prelude::Uuid;

use super::ImportBatch;
use crate::{
    import::{
        mapping::sent,
        underway::{Imports, Stop},
    },
    kit::{
        access::{Curating, Permission, permission, viewer},
        check::{Check, UserError, UserErrorCode},
        curate::{Asked, Meta, answered, ask, form},
        db::Db,
        edit::{Author, Edit},
        error::{Error, Result},
        fields::fields,
        id,
        record::Record,
        rows,
    },
};

/// In bytes.
const LONGEST_FILE_NAME: usize = 255;
const LONGEST_MAPPING: usize = 100_000;

/// A file of shipments that is about to come.
#[derive(InputObject)]
pub struct ImportShipmentsInput {
    /// The dataset that the records belong to, by its slug; made when there is none of this name.
    dataset: String,
    /// How the file is read.
    mapping: MappingInput,
    /// Name of the file, without its folder, for whoever looks at the import later.
    #[graphql(default_with = "String::from(\"upload\")")]
    file_name: String,
    /// Read and check everything, tell what would happen, and write nothing.
    #[graphql(default)]
    dry_run: bool,
    /// What becomes of the good rows when others are refused.
    #[graphql(default)]
    error_policy: ErrorPolicy,
    #[graphql(flatten)]
    meta: Meta,
}

/// How the rows of a file become shipments.
#[derive(OneofObject)]
pub enum MappingInput {
    /// A mapping that comes with Waybill, by its name: `comtrade`.
    Name(String),
    /// A mapping of one's own, as TOML.
    Text(String),
}

/// An import to call off.
#[derive(InputObject)]
pub struct CancelImportInput {
    /// Which import.
    id: ID,
}

/// What came of asking for an import.
#[derive(SimpleObject, Default)]
pub struct ImportShipmentsPayload {
    /// The import, which waits for its file; null when it was refused.
    import_batch: Option<ImportBatch>,
    /// Where to send the file, on this server: `PUT` it as the body, with the same `Authorization`.
    /// Null when the import was refused.
    upload_path: Option<String>,
    /// All that is wrong with the input.
    user_errors: Vec<UserError>,
}

/// What came of calling an import off.
#[derive(SimpleObject, Default)]
pub struct CancelImportPayload {
    /// The import as it stands; null when there is none that you may call off. One that runs takes
    /// a moment to end.
    import_batch: Option<ImportBatch>,
    /// What was wrong; empty when it was called off.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ImportBatchMutation;

fields! {
    #[Object]
    impl ImportBatchMutation {
        mutations;

        /// Asks for a file of shipments to be brought in, as one revision. The file is sent to
        /// `uploadPath` afterwards, and read once it is there. For curators.
        async fn import_shipments(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "What is to come in, and how.")] input: ImportShipmentsInput,
        ) -> Result<ImportShipmentsPayload> {
            let mut check = Check::default();
            let said = input.meta.comment.clone();
            let asked = ask(ctx, input.meta, &mut check)?;
            if let Err(expected) = form::slug(&input.dataset) {
                let message = format!("{:?} is not {expected}", input.dataset);
                check.refuse("dataset", UserErrorCode::Invalid, message);
            }
            let length = input.file_name.len();
            check.require(
                (1..=LONGEST_FILE_NAME).contains(&length) && !input.file_name.contains('/'),
                "fileName",
                "a file's name has from 1 to 255 bytes, and no folder",
            );
            let format = mapping(input.mapping, &mut check);
            let Some((format, mapping)) = format.filter(|_| check.is_clean()) else {
                return Ok(refused(check));
            };
            let now = Timestamp::from(Utc::now());
            let row = import_batch::Model {
                id: Uuid::now_v7(),
                format,
                mapping,
                file_name: input.file_name,
                dataset_slug: Some(input.dataset),
                comment: said,
                dry_run: input.dry_run,
                error_policy: input.error_policy,
                curator_id: Some(asked.permit.curator_id()),
                phase: ImportPhase::Uploading,
                refusals: serde_json::json!([]),
                started_at: now,
                seen_at: now,
                ..import_batch::Model::default()
            };
            Box::pin(register(ctx, asked, row)).await
        }

        /// Calls an import off that waits for its file or runs: nothing of it is kept. For its author
        /// and for admins.
        async fn cancel_import(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which import.")] input: CancelImportInput,
        ) -> Result<CancelImportPayload> {
            permission::<Curating>(ctx)?;
            let key = id::key(&input.id, import_batch::Entity::NAME)?;
            let mut check = Check::default();
            let found: Option<ImportBatch> = rows::shown::<_, import_batch::Entity>(ctx, Some(key)).await?;
            let Some(batch) = found.filter(|batch| viewer(ctx).owns(batch.row.curator_id)) else {
                let message = "there is no import with this id that you may call off";
                check.refuse("id", UserErrorCode::NotFound, message);
                return Ok(CancelImportPayload { import_batch: None, user_errors: check.into_errors() });
            };
            let is_here = ctx
                .data_opt::<Arc<Imports>>()
                .is_some_and(|imports| imports.stop(key, Stop::Cancelled));
            let is_over = !is_here && !cancel(ctx, batch.row).await?;
            if is_over {
                check.refuse("id", UserErrorCode::NotAllowed, "this import has ended already");
            }
            rows::forget(ctx);
            Ok(CancelImportPayload {
                import_batch: rows::shown::<_, import_batch::Entity>(ctx, Some(key)).await?,
                user_errors: check.into_errors(),
            })
        }
    }
}

/// By which format and mapping the file will be read; nothing, and a problem, when there is none.
fn mapping(
    input: MappingInput,
    check: &mut Check,
) -> Option<(import_batch::ImportFormat, Option<String>)> {
    let (field, read) = match input {
        MappingInput::Name(name) => ("name", sent::named(&name)),
        MappingInput::Text(text) if text.len() > LONGEST_MAPPING => (
            "text",
            Err("must not be longer than 100,000 bytes".to_owned()),
        ),
        MappingInput::Text(text) => ("text", sent::written(&text)),
    };
    check.enter("mapping");
    let read = read.map_err(|why| check.refuse(field, UserErrorCode::Invalid, why));
    check.leave();
    let mapping = read.ok()?;
    Some((sent::format(&mapping), Some(mapping.text)))
}

async fn register(
    ctx: &Context<'_>,
    asked: Asked,
    row: import_batch::Model,
) -> Result<ImportShipmentsPayload> {
    let db = ctx.data_unchecked::<Db>();
    let mut check = Check::default();
    let mut edit = Edit::begin(db, Author::from(&asked.permit), asked.comment).await?;
    let mut id = row.id;
    let before = match &asked.key {
        Some(key) => answered::<Uuid>(ctx, &mut edit, key, &mut check).await?,
        None => None,
    };
    if !check.is_clean() {
        return Ok(refused(check));
    }
    match before {
        Some(before) => id = before,
        None => {
            edit.open_batch(row).await?;
            let answer = serde_json::to_string(&id).map_err(Error::internal)?;
            edit.answer(answer).await?;
            edit.commit().await?;
        }
    }
    rows::forget(ctx);
    let batch: ImportBatch = rows::parent::<_, import_batch::Entity>(ctx, id).await?;
    let global = id::encode(import_batch::Entity::NAME, id);
    Ok(ImportShipmentsPayload {
        import_batch: Some(batch),
        upload_path: Some(format!("/imports/{}", global.as_str())),
        user_errors: Vec::new(),
    })
}

fn refused(check: Check) -> ImportShipmentsPayload {
    ImportShipmentsPayload {
        user_errors: check.into_errors(),
        ..ImportShipmentsPayload::default()
    }
}

/// Calls off what no server has in hand here: another hears of it within a second. False when it
/// has ended.
async fn cancel(ctx: &Context<'_>, row: import_batch::Model) -> Result<bool> {
    let db = ctx.data_unchecked::<Db>();
    let mut edit = Edit::begin(db, Author::Command, "").await?;
    let ended = import_batch::Model {
        phase: ImportPhase::Cancelled,
        finished_at: Some(edit.now),
        ..row
    };
    let done = edit.end_batch(ended).await?;
    edit.commit().await?;
    Ok(done)
}
