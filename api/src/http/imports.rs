//! Files that are uploaded: streamed to the disk, hashed on the way, and read once they are whole.
use std::{
    fs::File,
    io::{Seek, SeekFrom},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Path, Payload},
};
use async_graphql::ID;
use entity::{
    import_batch::{self, ImportPhase},
    value::Timestamp,
};
use futures_util::StreamExt;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};
use tokio::{io::AsyncWriteExt, time::Instant};

use super::{Shared, answer::Refusal, caller, media::Media};
use crate::{
    import::{
        background,
        underway::{Imports, NoPlace, Place, Stop},
    },
    kit::{
        access::{Curating, Permission},
        error::Error,
        id,
        record::Record,
    },
};

/// What an upload costs its caller, as a mutation does.
const EFFORT: u64 = 10;
/// In which forms a file may be sent. What a form of a page could send is none of them.
const TYPES: [&str; 4] = [
    "text/csv",
    "application/json",
    "application/octet-stream",
    "text/tab-separated-values",
];
/// A sender must bring so many bytes in the time that `--body-timeout` gives.
const SLOWEST: u64 = 1 << 16;

/// Why a file is not taken.
enum Refused {
    /// For the reasons of any request.
    Request(Refusal),
    /// For reasons of its own: the status, the code and the message.
    File(StatusCode, &'static str, String),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Request(refusal)
    }
}

/// Takes the file of an import that was asked for.
pub async fn put(
    http: HttpRequest,
    shared: Data<Shared>,
    id: Path<String>,
    payload: Payload,
) -> HttpResponse {
    match receive(&shared, &http, &ID(id.into_inner()), payload).await {
        Ok(row) => HttpResponse::Accepted().json(serde_json::json!({
            "id": id::encode(import_batch::Entity::NAME, row.id).as_str(),
            "bytes": row.bytes_received,
            "sha256": row.sha256,
        })),
        Err(Refused::Request(refusal)) => shared.refuse(Media::GraphQl, refusal),
        Err(Refused::File(status, code, message)) => {
            let mut response = HttpResponse::build(status);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.insert_header((header::RETRY_AFTER, "10"));
            }
            let error = serde_json::json!({ "message": message, "extensions": { "code": code } });
            // What is left of the body is not waited for.
            response
                .force_close()
                .json(serde_json::json!({ "errors": [error] }))
        }
    }
}

pub async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "PUT"))
        .finish()
}

async fn receive(
    shared: &Data<Shared>,
    http: &HttpRequest,
    id: &ID,
    payload: Payload,
) -> Result<import_batch::Model, Refused> {
    let caller = caller::of(shared, http).await?;
    let engine = &shared.engine;
    engine.rates.charge(&caller, EFFORT)?;
    Curating::of(&caller.viewer).map_err(|error| match error {
        Error::Unauthenticated(why) => Refused::Request(Refusal::Unauthenticated(why)),
        Error::Forbidden(why) => Refused::File(StatusCode::FORBIDDEN, "FORBIDDEN", why),
        _ => refuse_file(StatusCode::FORBIDDEN, "FORBIDDEN", "you may not write"),
    })?;
    let length = check_headers(http, engine.imports.options.max_import_bytes)?;
    let none = || {
        refuse_file(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "there is no such import: ask for one by the mutation importShipments",
        )
    };
    let key = id::key(id, import_batch::Entity::NAME).map_err(|_| none())?;
    let found = import_batch::Entity::find_by_id(key).one(&engine.db.read);
    let row = found.await.map_err(|error| {
        tracing::error!(%error, "an import could not be looked up");
        Refusal::Unavailable("the database does not answer; try again later".to_owned())
    })?;
    let row = row.ok_or_else(none)?;
    if !caller.viewer.owns(row.curator_id) {
        return Err(refuse_file(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "only the one who asked for an import, or an admin, may bring its file",
        ));
    }
    if row.phase != ImportPhase::Uploading {
        return Err(taken());
    }
    // What came of it before was not whole.
    let row = import_batch::Model {
        bytes_received: 0,
        ..row
    };
    let mut place = engine.imports.enter(row).map_err(|why| match why {
        NoPlace::Taken => taken(),
        NoPlace::Full => refuse_file(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            "this server has as many imports in hand as it takes at once: try again later",
        ),
    })?;
    background::tell(&engine.db, &place);
    let file = spool(shared, &mut place, payload, length).await?;
    let row = Arc::unwrap_or_clone(place.underway().row());
    background::run(engine.db.clone(), place, file);
    Ok(row)
}

/// The length that is announced, if it is.
fn check_headers(http: &HttpRequest, most: u64) -> Result<Option<u64>, Refused> {
    let header = |name| {
        http.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let said = header(header::CONTENT_TYPE).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim();
    let coding = header(header::CONTENT_ENCODING).unwrap_or("identity");
    let is_taken = TYPES
        .iter()
        .any(|taken| essence.eq_ignore_ascii_case(taken));
    if !is_taken || !coding.eq_ignore_ascii_case("identity") {
        let message = format!(
            "send the file itself as the body, not packed, as one of {}",
            TYPES.join(", ")
        );
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refused::File(status, "BAD_USER_INPUT", message));
    }
    let length = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    match length {
        Some(length) if length > most => Err(too_large(most)),
        length => Ok(length),
    }
}

/// Writes what comes into a file that has no name, and so is gone with whoever holds it.
async fn spool(
    shared: &Shared,
    place: &mut Place,
    mut payload: Payload,
    length: Option<u64>,
) -> Result<File, Refused> {
    let imports: Arc<Imports> = Arc::clone(place.imports());
    let most = imports.options.max_import_bytes;
    let folder = imports.options.spool_folder.clone();
    let folder = folder.unwrap_or_else(std::env::temp_dir);
    let file = tempfile::tempfile_in(folder).map_err(unwritable)?;
    let mut file = tokio::io::BufWriter::with_capacity(1 << 18, tokio::fs::File::from_std(file));
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut pace = Pace::new(shared.options.body_timeout);
    let underway = Arc::clone(place.underway());
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout_at(pace.until, payload.next()) => next,
            () = underway.stopping() => return Err(stopped(&underway.stopped())),
        };
        let piece = match next {
            Err(_) => return Err(Refusal::Slow.into()),
            Ok(None) => break,
            Ok(Some(Err(error))) => {
                let why = format!("the file did not arrive: {error}; send it again");
                return Err(Refusal::Malformed(why).into());
            }
            Ok(Some(Ok(piece))) => piece,
        };
        let came = piece.len() as u64;
        bytes += came;
        if bytes > most {
            return Err(too_large(most));
        }
        if !place.take(came) {
            return Err(refuse_file(
                StatusCode::INSUFFICIENT_STORAGE,
                "UNAVAILABLE",
                "files that wait on this server take all the room that they may: try again later",
            ));
        }
        pace.came(came);
        hash.update(&piece);
        file.write_all(&piece).await.map_err(unwritable)?;
    }
    if bytes == 0 || length.is_some_and(|length| length != bytes) {
        let why = "the file did not arrive whole; send it again".to_owned();
        return Err(Refusal::Malformed(why).into());
    }
    file.flush().await.map_err(unwritable)?;
    let mut file = file.into_inner().into_std().await;
    file.seek(SeekFrom::Start(0)).map_err(unwritable)?;
    underway.change(|row| {
        row.sha256 = Some(format!("{:x}", hash.finalize()));
        row.seen_at = Timestamp::from(chrono::Utc::now());
    });
    Ok(file)
}

/// How fast a sender is: whoever is too slow is cut off.
struct Pace {
    patience: Duration,
    until: Instant,
    came: u64,
}

impl Pace {
    fn new(patience: Duration) -> Self {
        Self {
            patience,
            until: Instant::now() + patience,
            came: 0,
        }
    }

    fn came(&mut self, bytes: u64) {
        self.came += bytes;
        if self.came >= SLOWEST {
            self.came = 0;
            self.until = Instant::now() + self.patience;
        }
    }
}

fn refuse_file(status: StatusCode, code: &'static str, message: &str) -> Refused {
    Refused::File(status, code, message.to_owned())
}

fn too_large(most: u64) -> Refused {
    let message =
        format!("the file has more than {most} bytes, the most that is taken (max-import-bytes)");
    Refused::File(StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", message)
}

fn taken() -> Refused {
    refuse_file(
        StatusCode::CONFLICT,
        "CONFLICT",
        "the import has its file already, or has ended: ask for another by importShipments",
    )
}

fn stopped(why: &Option<Stop>) -> Refused {
    match why {
        Some(Stop::Cancelled) => refuse_file(
            StatusCode::CONFLICT,
            "CONFLICT",
            "the import was called off",
        ),
        _ => refuse_file(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            "the server is about to stop: send the file again",
        ),
    }
}

fn unwritable(error: std::io::Error) -> Refused {
    tracing::error!(%error, "an uploaded file could not be written");
    let why = "the file cannot be kept on our side; it is logged, try again later";
    Refused::Request(Refusal::Unavailable(why.to_owned()))
}
