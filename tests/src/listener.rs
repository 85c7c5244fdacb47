use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// One request that a listener got.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body bytes.
    pub body: Bytes,
    /// What it was answered.
    pub answered: u16,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// The body's `event`.
    pub fn event(&self) -> String {
        self.json()["event"].as_str().unwrap_or_default().to_owned()
    }

    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<u16>>,
    standing: Mutex<u16>,
    by_path: Mutex<HashMap<String, u16>>,
}

/// A webhook receiver that records what it gets, over real HTTP.
pub struct Listener {
    url: String,
    shared: Arc<Shared>,
    count: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Listens on a free port and answers 200.
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", socket.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            standing: Mutex::new(200),
            ..Shared::default()
        });
        let (sender, count) = watch::channel(0);
        let state = (Arc::clone(&shared), Arc::new(sender));
        let router = Router::new().fallback(record).with_state(state);
        let task = tokio::spawn(async move {
            axum::serve(socket, router)
                .await
                .expect("the listener serves");
        });
        Self {
            url,
            shared,
            count,
            task,
        }
    }

    /// Stands for a status: the request is taken and never answered.
    pub const SILENT: u16 = 0;

    /// A URL of the listener.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What is answered from now on, after the answers of [`Self::then`] are used up.
    pub fn answer(&self, status: u16) {
        *self.shared.standing.lock().unwrap() = status;
    }

    /// What is answered at one path from now on.
    pub fn answer_at(&self, path: &str, status: u16) {
        let mut by_path = self.shared.by_path.lock().unwrap();
        by_path.insert(path.to_owned(), status);
    }

    /// What the next requests are answered, in order.
    pub fn then(&self, statuses: &[u16]) {
        self.shared.answers.lock().unwrap().extend(statuses);
    }

    /// What came so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// What came so far and was answered with success.
    pub fn accepted(&self) -> Vec<Received> {
        let mut all = self.received();
        all.retain(|received| (200..300).contains(&received.answered));
        all
    }

    /// The events that were accepted so far, in order.
    pub fn events(&self) -> Vec<String> {
        self.accepted().iter().map(Received::event).collect()
    }

    /// Waits until so many requests came.
    pub async fn wait(&self, count: usize) -> Vec<Received> {
        self.wait_until(|listener| listener.received().len() >= count)
            .await;
        self.received()
    }

    /// Waits until what came satisfies a condition.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let mut changes = self.count.clone();
        let waiting = async {
            while !condition(self) {
                changes.changed().await.expect("the listener lives");
            }
        };
        if tokio::time::timeout(Duration::from_mins(1), waiting)
            .await
            .is_err()
        {
            panic!(
                "the listener waited for a minute; it got {:?}",
                self.events()
            );
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn record(
    State((shared, count)): State<(Arc<Shared>, Arc<watch::Sender<usize>>)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let next = shared.answers.lock().unwrap().pop_front();
    let at_path = shared.by_path.lock().unwrap().get(uri.path()).copied();
    let answered = next
        .or(at_path)
        .unwrap_or_else(|| *shared.standing.lock().unwrap());
    let received = Received {
        path: uri.path().to_owned(),
        headers,
        body,
        answered,
    };
    shared.received.lock().unwrap().push(received);
    count.send_modify(|count| *count += 1);
    if answered == Listener::SILENT {
        return std::future::pending().await;
    }
    StatusCode::from_u16(answered)
        .expect("a status")
        .into_response()
}
