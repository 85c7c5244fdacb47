//! Taking connections from the listener, as many as there are slots.

use std::{
    io::{Error, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// After an error of our own side (no file descriptors, no memory), which would come again at once.
const PAUSE: Duration = Duration::from_millis(500);

/// The next connection and its slot. Waits for a slot first, so that clients over the limit wait
/// in the listener's queue. Dropping the future loses no connection.
pub(super) async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let slot = slots
        .clone()
        .acquire_owned()
        .await
        .expect("nobody closes this semaphore");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The client was gone before it was accepted; the next one may be fine.
fn is_the_clients(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_our_own_side_make_a_pause() {
        assert!(is_the_clients(&ErrorKind::ConnectionAborted.into()));
        assert!(!is_the_clients(&Error::from_raw_os_error(24)));
    }
}
