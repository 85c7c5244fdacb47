//! Holds back what a parser would read ahead. The parser takes whatever is ready before it looks at
//! what it has, so a fast sender would have it hold a whole file in memory.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::Stream;

/// The head of a part may not be longer.
const HEAD_BYTES: usize = 64 * 1024;

/// So much the parser may have read ahead before it is asked to look at that first.
const AHEAD_BYTES: usize = 256 * 1024;

/// Tells the stream what its reader has done.
pub(super) struct Pace(Arc<State>);

#[derive(Default)]
struct State {
    /// Given and, as far as known, not yet taken.
    ahead: AtomicUsize,
    /// Given for what is asked for now.
    given: AtomicUsize,
    /// Whether what is asked for now was looked for among what is there.
    looked: AtomicBool,
}

/// The stream, and the way to tell it how its reader gets on.
pub(super) fn paced(body: BodyDataStream) -> (Paced, Pace) {
    let state = Arc::<State>::default();
    let paced = Paced {
        body,
        state: Arc::clone(&state),
        gave: false,
    };
    (paced, Pace(state))
}

impl Pace {
    /// The reader asks for the next part, or for more of one.
    pub(super) fn begin(&self) {
        self.0.given.store(0, Relaxed);
        self.0.looked.store(false, Relaxed);
    }

    /// The reader got so many bytes.
    pub(super) fn took(&self, bytes: usize) {
        let left = self.0.ahead.load(Relaxed).saturating_sub(bytes);
        self.0.ahead.store(left, Relaxed);
    }
}

/// A body that is given piece by piece.
pub(super) struct Paced {
    body: BodyDataStream,
    state: Arc<State>,
    gave: bool,
}

/// What ends a form whose head of a part does not end.
#[derive(Debug, thiserror::Error)]
#[error("the head of a part is longer than {HEAD_BYTES} bytes")]
pub(super) struct EndlessHead;

type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

impl Stream for Paced {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        let unseen = self.state.ahead.load(Relaxed) > AHEAD_BYTES;
        let pause = std::mem::take(&mut self.gave) || {
            let looked = self.state.looked.swap(true, Relaxed);
            unseen && !looked
        };
        if pause {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.state.given.load(Relaxed) > HEAD_BYTES {
            return Poll::Ready(Some(Err(Box::new(EndlessHead))));
        }
        Poll::Ready(match ready!(Pin::new(&mut self.body).poll_next(context)) {
            Some(Ok(bytes)) => {
                self.gave = true;
                self.state.given.fetch_add(bytes.len(), Relaxed);
                self.state.ahead.fetch_add(bytes.len(), Relaxed);
                Some(Ok(bytes))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use futures_util::{StreamExt, stream};
    use multer::Multipart;

    /// A sender that is always ready: a file of 16 MiB and a text, in pieces of 64 KiB.
    fn fast(sent: &Arc<AtomicUsize>) -> BodyDataStream {
        let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        let mut body = part.as_bytes().to_vec();
        body.resize(16 << 20, b'z');
        body.extend_from_slice(format!("\r\n{part}text\r\n--x--").as_bytes());
        let body = Bytes::from(body);
        let pieces = (0..body.len()).step_by(64 << 10);
        let pieces = pieces.map(move |at| body.slice(at..body.len().min(at + (64 << 10))));
        let sent = Arc::clone(sent);
        let counted = stream::iter(pieces).map(move |piece| {
            sent.fetch_add(piece.len(), Relaxed);
            Ok::<_, std::io::Error>(piece)
        });
        Body::from_stream(counted).into_data_stream()
    }

    #[tokio::test]
    async fn a_fast_sender_is_read_as_fast_as_it_is_taken() {
        let sent = Arc::<AtomicUsize>::default();
        let (stream, pace) = paced(fast(&sent));
        let mut parts = Multipart::new(stream, "x");
        let (mut taken, mut fields) = (0, 0);
        loop {
            pace.begin();
            let Some(mut field) = parts.next_field().await.unwrap() else {
                break;
            };
            fields += 1;
            loop {
                pace.begin();
                let chunk = field.chunk().await.unwrap();
                pace.took(chunk.as_ref().map_or(0, Bytes::len));
                let Some(chunk) = chunk else { break };
                taken += chunk.len();
                let ahead = sent.load(Relaxed) - taken;
                assert!(ahead <= AHEAD_BYTES + (128 << 10), "{ahead} bytes are held");
            }
        }
        assert_eq!((fields, taken > 16_000_000), (2, true));
    }
}
