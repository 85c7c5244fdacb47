//! How many bytes of requests' bodies are held in memory at a time: what comes beyond is refused
//! before memory grows.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::refused;
use crate::error::ApiError;

/// What a form with files counts at most for its files: they are written away as they come, and so
/// much is on its way.
const UPLOAD_BYTES: usize = 1 << 20;

/// The bytes that may be held, over all requests.
#[derive(Debug, Clone)]
pub(super) struct BodyMemory(Arc<State>);

#[derive(Debug)]
struct State {
    limit: usize,
    held: AtomicUsize,
}

/// What one request holds; free again when the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Held(Arc<Share>);

#[derive(Debug)]
struct Share {
    memory: BodyMemory,
    /// Bytes that may be held over all requests for this one to take more: forms with files leave
    /// half to the others, because they may take minutes.
    ceiling: usize,
    held: AtomicUsize,
}

/// There is no memory left for this body.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("too many bytes of request bodies are in memory")]
pub(crate) struct MemoryFull;

impl BodyMemory {
    pub(super) fn new(limit: usize) -> Self {
        let held = AtomicUsize::new(0);
        Self(Arc::new(State { limit, held }))
    }

    /// Counts the body of a request while it is read, and until the returned share is dropped; the
    /// request carries the share, too.
    ///
    /// # Errors
    /// 503 at once when the announced length finds no room.
    pub(super) fn count(
        &self,
        request: Request<Body>,
        announced: usize,
        upload: bool,
    ) -> Result<(Request<Body>, Held), ApiError> {
        let ceiling = self.0.limit / if upload { 2 } else { 1 };
        let most = if upload { UPLOAD_BYTES } else { usize::MAX };
        if self
            .0
            .held
            .load(Relaxed)
            .saturating_add(announced.min(most))
            > ceiling
        {
            return Err(full());
        }
        let held = Held(Arc::new(Share {
            memory: self.clone(),
            ceiling,
            held: AtomicUsize::new(0),
        }));
        let counting = held.clone();
        let mut request = request.map(|body| {
            Body::new(Counted {
                body,
                held: counting,
                left: most,
            })
        });
        request.extensions_mut().insert(held.clone());
        Ok((request, held))
    }
}

impl Held {
    /// Takes more bytes.
    ///
    /// # Errors
    /// [`MemoryFull`]; nothing was taken then.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), MemoryFull> {
        let share = &*self.0;
        let all = &share.memory.0.held;
        let fits = |held: usize| {
            let more = held.saturating_add(bytes);
            (more <= share.ceiling).then_some(more)
        };
        all.fetch_update(Relaxed, Relaxed, fits)
            .map_err(|_| MemoryFull)?;
        share.held.fetch_add(bytes, Relaxed);
        share.memory.show();
        Ok(())
    }
}

impl BodyMemory {
    fn show(&self) {
        let held = u32::try_from(self.0.held.load(Relaxed)).unwrap_or(u32::MAX);
        metrics::gauge!("gatewright_http_body_bytes").set(held);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let held = *self.held.get_mut();
        if held > 0 {
            self.memory.0.held.fetch_sub(held, Relaxed);
            self.memory.show();
        }
    }
}

/// 503 for a body that finds no room, however it was noticed.
pub(crate) fn full() -> ApiError {
    refused("body_memory");
    ApiError::unavailable(
        "Too many bytes of request bodies are in memory, try again (the setting \
         server.max_body_memory)",
        1,
    )
}

/// Whether reading a body ended for want of memory.
pub(crate) fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<MemoryFull>)
}

/// A body whose bytes are counted as they come.
struct Counted {
    body: Body,
    held: Held,
    left: usize,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            other => return Poll::Ready(other.map(|frame| frame.map_err(Into::into))),
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len).min(self.left);
        self.left -= bytes;
        Poll::Ready(Some(match self.held.take(bytes) {
            Ok(()) => Ok(frame),
            Err(full) => Err(full.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn request(bytes: usize) -> Request<Body> {
        Request::new(Body::from(vec![0; bytes]))
    }

    async fn read(request: Request<Body>) -> bool {
        match request.into_body().collect().await {
            Ok(_) => true,
            Err(error) => {
                assert!(is_full(&error), "{error}");
                false
            }
        }
    }

    #[tokio::test]
    async fn bytes_are_held_until_the_share_is_dropped() {
        let memory = BodyMemory::new(10);
        let (first, held) = memory.count(request(6), 0, false).unwrap();
        assert!(read(first).await);
        let (second, _) = memory.count(request(6), 0, false).unwrap();
        assert!(!read(second).await, "four are left");
        assert!(memory.count(request(6), 6, false).is_err(), "announced");
        drop(held);
        let (third, _) = memory.count(request(10), 10, false).unwrap();
        assert!(read(third).await);
        assert_eq!(memory.0.held.load(Relaxed), 0);
    }

    #[tokio::test]
    async fn forms_with_files_count_a_part_and_leave_half_to_the_others() {
        let memory = BodyMemory::new(4 * UPLOAD_BYTES);
        let bytes = 3 * UPLOAD_BYTES;
        let (first, _one) = memory.count(request(bytes), bytes, true).unwrap();
        let (second, _two) = memory.count(request(bytes), bytes, true).unwrap();
        assert!(read(first).await && read(second).await);
        assert_eq!(memory.0.held.load(Relaxed), 2 * UPLOAD_BYTES);
        assert!(memory.count(request(bytes), bytes, true).is_err());
        let (text, _) = memory.count(request(9), 9, false).unwrap();
        assert!(read(text).await);
    }
}
