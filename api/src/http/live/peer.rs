//! Peers that are gone, or take nothing: the system ends their connections.
use std::{any::Any, time::Duration};

use actix_web::rt::net::TcpStream;

/// Bounds how long what is sent may wait to be acknowledged, or to be taken at all: a reader who
/// stopped would otherwise hold its connection for as long as it likes. On Linux alone.
pub fn bound(connection: &dyn Any, patience: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(patience))
    {
        tracing::debug!(%error, "a connection cannot be bounded");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection.downcast_ref::<TcpStream>(), patience);
}
