//! More requests than can be answered at a time are refused at once, before memory grows.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refused;
use crate::error::ApiError;

/// The places of the requests that are being answered, over all routes.
pub(super) struct Shed(Arc<Semaphore>);

impl Shed {
    /// So many places.
    pub(super) fn new(max_in_flight: usize) -> Self {
        Self(Arc::new(Semaphore::new(
            max_in_flight.min(Semaphore::MAX_PERMITS),
        )))
    }

    /// Takes a place until the answer's head is ready: an event stream does not keep it.
    ///
    /// # Errors
    /// 503 when all are taken.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let full = |_| {
            refused("in_flight");
            ApiError::unavailable("Too many requests are in flight, try again", 1)
        };
        self.0.clone().try_acquire_owned().map_err(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_request_is_answered() {
        let shed = Shed::new(1);
        let place = shed.enter().unwrap();
        assert!(matches!(
            shed.enter(),
            Err(ApiError::Unavailable {
                retry_after_s: 1,
                ..
            })
        ));
        drop(place);
        assert!(shed.enter().is_ok());
    }
}
