//! Answers that browsers and caches may keep, as long as they ask whether they still hold.
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH, VARY},
    },
};
use async_graphql::parser::types::OperationType;
use chrono::Utc;
use sha2::{Digest, Sha256};

use super::{Shared, caller::Caller, engine::Prepared};

/// What an answer depends on, and nothing else: the data's revision, the document, the variables
/// and what its caller sees.
pub struct Validator {
    tag: String,
    is_public: bool,
}

impl Validator {
    /// For queries by `GET` of what changes with revisions alone. None for others.
    pub async fn of(
        shared: &Shared,
        http: &HttpRequest,
        prepared: &Prepared,
        caller: &Caller,
    ) -> Option<Self> {
        let is_kept = http.method() == Method::GET
            && prepared.kind == OperationType::Query
            && !shared.engine.is_volatile(prepared);
        if !is_kept {
            return None;
        }
        // Before anything else is read: what comes in meanwhile makes the tag old, never wrong.
        let db = shared.engine.database(prepared, caller);
        // Its hash tells it from one of the same number in a database that was restored.
        let last = db.latest.get().await.ok()?;
        let accept = http.headers().get(actix_web::http::header::ACCEPT);
        let variables = serde_json::to_vec(&prepared.variables).ok()?;
        let mut hash = Sha256::new();
        for part in [
            last.hash.as_bytes(),
            // Totals may mean the lists of today.
            Utc::now().date_naive().to_string().as_bytes(),
            &prepared.document,
            prepared.name.as_deref().unwrap_or_default().as_bytes(),
            &variables,
            format!("{:?}", caller.viewer.view()).as_bytes(),
            format!("{:?}", caller.viewer.curator_id()).as_bytes(),
            accept.map(HeaderValue::as_bytes).unwrap_or_default(),
            env!("CARGO_PKG_VERSION").as_bytes(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest = format!("{:x}", hash.finalize());
        let tag = format!("\"{}-{digest:.32}\"", last.number);
        Some(Self {
            tag,
            is_public: caller.viewer.curator_id().is_none(),
        })
    }

    /// Whether the one who asks has this very answer already.
    pub fn holds(&self, http: &HttpRequest) -> bool {
        let known = http.headers().get_all(IF_NONE_MATCH);
        let mut tags = known
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        tags.any(|tag| {
            let tag = tag.trim();
            tag == "*" || without_coding(tag.trim_start_matches("W/")) == self.tag
        })
    }

    pub fn not_modified(self) -> HttpResponse {
        let response = HttpResponse::NotModified().finish();
        self.mark(response)
    }

    /// The answer may be kept, but not be used without asking.
    pub fn mark(self, mut response: HttpResponse) -> HttpResponse {
        let control = match self.is_public {
            true => "public, no-cache",
            false => "private, no-cache",
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(control));
        headers.insert(VARY, HeaderValue::from_static("Accept, Authorization"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(ETAG, tag);
        }
        response
    }
}

/// A tag as it was before its answer was packed: other bytes have another strong tag.
fn without_coding(tag: &str) -> String {
    let bare = tag.trim_end_matches('"');
    let coding = ["-zstd", "-br", "-gzip"]
        .into_iter()
        .find_map(|coding| bare.strip_suffix(coding));
    format!("{}\"", coding.unwrap_or(bare))
}
