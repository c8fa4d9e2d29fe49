//! Who calls: the only code that reads credentials and addresses from headers.
use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use ipnet::IpNet;

use super::{Shared, answer::Refusal, engine::Engine};
use crate::{
    auth::{self, Authorization, Credential, Remote, Secret},
    kit::{access::Viewer, error::Error},
};

#[derive(Clone)]
pub struct Caller {
    pub authorization: Authorization,
    pub viewer: Viewer,
    pub credential: Credential,
    pub remote: Remote,
}

/// Whether nobody says who they are.
pub fn is_nobody(http: &HttpRequest) -> bool {
    !http.headers().contains_key(AUTHORIZATION)
}

/// A bad credential answers for itself: nothing of the request is executed.
pub async fn of(shared: &Shared, http: &HttpRequest) -> Result<Caller, Refusal> {
    let mut values = http.headers().get_all(AUTHORIZATION);
    let authorization = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => match value.to_str() {
            Ok(value) => Some(value),
            Err(_) => return Err(bad("Authorization must be plain ASCII")),
        },
        (Some(_), Some(_)) => return Err(bad("send Authorization once, not several times")),
    };
    identified(
        &shared.engine,
        Authorization(authorization.map(Secret::new)),
        remote(http, &shared.options.trusted_proxies),
    )
    .await
}

/// Whoever this credential belongs to; nobody in particular without one.
pub async fn identified(
    engine: &Engine,
    authorization: Authorization,
    remote: Remote,
) -> Result<Caller, Refusal> {
    let said = authorization.0.as_ref().map(Secret::expose);
    let identified = engine.auth.identify(&engine.db, said).await;
    let (viewer, credential) = identified.map_err(|refusal| match refusal {
        auth::Refusal::Bad(why) => Refusal::Unauthenticated(why),
        auth::Refusal::Unavailable(why) => Refusal::Unavailable(why),
        auth::Refusal::Failed(error) => {
            if let Error::Internal(cause) = error {
                tracing::error!(%cause, "who calls could not be found out");
            }
            let message = "Something failed on our side. It is logged; try again later.";
            Refusal::Unavailable(message.to_owned())
        }
    })?;
    Ok(Caller {
        authorization,
        viewer,
        credential,
        remote,
    })
}

fn bad(why: &str) -> Refusal {
    Refusal::Unauthenticated(why.to_owned())
}

/// Where the request comes from: the peer, or whom proxies that are trusted say they speak for.
/// Each adds the one before it to the right of `X-Forwarded-For`: what stands left of the first
/// that is not trusted may have been made up.
pub fn remote(http: &HttpRequest, trusted: &[IpNet]) -> Remote {
    let peer = http.peer_addr().map(|address| address.ip());
    let mut found = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let forwarded = http.headers().get_all("x-forwarded-for");
    let mut said: Vec<_> = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|address| address.trim().parse::<IpAddr>())
        .collect();
    let is_trusted = |address: &IpAddr| {
        trusted
            .iter()
            .any(|net| net.contains(&address.to_canonical()))
    };
    while is_trusted(&found) {
        match said.pop() {
            Some(Ok(before)) => found = before,
            _ => break,
        }
    }
    Remote::new(found)
}
