//! Taking connections from the listener, as many as there are places.

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

/// The places of connections.
pub(super) struct Slots {
    /// Of those that are served.
    served: Arc<Semaphore>,
    /// Of those beyond, which are told so.
    overflow: Arc<Semaphore>,
}

/// A connection's place.
pub(super) enum Slot {
    /// It is served.
    Served(OwnedSemaphorePermit),
    /// It is one too many.
    Overflow(OwnedSemaphorePermit),
}

impl Slots {
    pub(super) fn new(served: usize, overflow: usize) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self {
            served: places(served),
            overflow: places(overflow),
        }
    }

    /// A place of either kind; waits until there is one.
    async fn any(&self) -> Slot {
        let never = "nobody closes this semaphore";
        tokio::select! {
            biased;
            slot = self.served.clone().acquire_owned() => Slot::Served(slot.expect(never)),
            slot = self.overflow.clone().acquire_owned() => Slot::Overflow(slot.expect(never)),
        }
    }

    /// The better place that may have got free while the connection was waited for.
    fn settle(&self, slot: Slot) -> Slot {
        match slot {
            Slot::Overflow(overflow) => self
                .served
                .clone()
                .try_acquire_owned()
                .map_or(Slot::Overflow(overflow), Slot::Served),
            served @ Slot::Served(_) => served,
        }
    }
}

/// The next connection and its place. Waits for a place first, so that clients beyond all places
/// wait in the listener's queue. Dropping the future loses no connection.
pub(super) async fn next(listener: &TcpListener, slots: &Slots) -> (TcpStream, SocketAddr, Slot) {
    let slot = slots.any().await;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slots.settle(slot)),
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
