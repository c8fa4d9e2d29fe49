//! Who calls: the only code that reads credentials from headers.
use std::net::{IpAddr, Ipv4Addr};

use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION};

use super::{Shared, answer::Media};
use crate::{
    auth::{Credential, Refusal, Remote},
    kit::{access::Viewer, error::Error},
};

pub struct Caller {
    pub viewer: Viewer,
    pub credential: Credential,
    pub remote: Remote,
}

/// A bad credential answers for itself: nothing of the request is executed.
pub async fn of(shared: &Shared, media: Media, http: &HttpRequest) -> Result<Caller, HttpResponse> {
    let mut values = http.headers().get_all(AUTHORIZATION);
    let authorization = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => match value.to_str() {
            Ok(value) => Some(value),
            Err(_) => return Err(media.unauthenticated("Authorization must be plain ASCII")),
        },
        (Some(_), Some(_)) => {
            return Err(media.unauthenticated("send Authorization once, not several times"));
        }
    };
    let identified = shared.auth.identify(&shared.db, authorization).await;
    let (viewer, credential) = identified.map_err(|refusal| match refusal {
        Refusal::Bad(why) => media.unauthenticated(&why),
        Refusal::Unavailable(why) => media.unavailable(&why),
        Refusal::Failed(error) => {
            if let Error::Internal(cause) = error {
                tracing::error!(%cause, "who calls could not be found out");
            }
            media.unavailable("Something failed on our side. It is logged; try again later.")
        }
    })?;
    // Behind a proxy this is the proxy: then one caller's failures count for all behind it.
    let peer = http.peer_addr().map(|address| address.ip());
    let remote = Remote::new(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    Ok(Caller {
        viewer,
        credential,
        remote,
    })
}
