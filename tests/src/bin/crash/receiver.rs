//! A webhook receiver that remembers everything and is sometimes slow or unwilling.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;

/// What was accepted, by path and conversation: the messages' ids in the order in which each was
/// first accepted, and whether it was marked as late or replayed.
pub(crate) type Accepted = HashMap<(String, i64), Vec<(i64, bool)>>;

#[derive(Default)]
struct Shared {
    accepted: Mutex<Accepted>,
    posts: AtomicU64,
    quick: AtomicBool,
    seed: u64,
}

/// The receiver.
pub(crate) struct Receiver {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Receiver {
    pub(crate) async fn start(seed: u64) -> Result<Self> {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", socket.local_addr()?);
        let shared = Arc::new(Shared {
            seed,
            ..Shared::default()
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Ok(Self { url, shared })
    }

    /// From now on it neither waits nor refuses.
    pub(crate) fn be_quick(&self) {
        self.shared.quick.store(true, Ordering::SeqCst);
    }

    pub(crate) fn accepted(&self) -> Accepted {
        self.shared
            .accepted
            .lock()
            .map(|map| map.clone())
            .unwrap_or_default()
    }

    pub(crate) fn posts(&self) -> u64 {
        self.shared.posts.load(Ordering::SeqCst)
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let number = shared.posts.fetch_add(1, Ordering::SeqCst);
    if !shared.quick.load(Ordering::SeqCst) {
        let dice = mix(shared.seed.wrapping_add(number));
        tokio::time::sleep(Duration::from_millis(20 + dice % 60)).await;
        if dice.is_multiple_of(23) {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    }
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    if value["event"] == "message_created" {
        let marked = headers.contains_key("x-gatewright-late")
            || headers.contains_key("x-gatewright-replay");
        let conversation = value["conversation"]["id"].as_i64().unwrap_or_default();
        let id = value["id"].as_i64().unwrap_or_default();
        if let Ok(mut accepted) = shared.accepted.lock() {
            let seen = accepted
                .entry((uri.path().to_owned(), conversation))
                .or_default();
            if !seen.iter().any(|(known, _)| *known == id) {
                seen.push((id, marked));
            }
        }
    }
    StatusCode::OK
}

/// The generator `SplitMix64`.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
