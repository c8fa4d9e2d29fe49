//! Documents from an identity provider: small, soon here, and from where we asked.
use std::time::Duration;

use reqwest::{Client, Url, redirect::Policy};
use serde::de::DeserializeOwned;

const TIMEOUT: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 256 << 10;

pub fn client() -> Result<Client, String> {
    // A redirect could lead anywhere, even to servers that only we can reach.
    let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none());
    client.build().map_err(|error| error.to_string())
}

/// HTTPS; without it only on this machine, for tests and development.
pub fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err(format!("{text:?} must begin with https://")),
    }
}

pub async fn fetch<T: DeserializeOwned>(client: &Client, url: Url) -> Result<T, String> {
    let failed = |error: reqwest::Error| error.to_string();
    let mut response = client.get(url.clone()).send().await.map_err(failed)?;
    if response.status() != 200 {
        return Err(format!("{url} answers {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err(format!("{url} answers with more than {MOST_BYTES} bytes"));
        }
    }
    serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
}
