//! The receivers' side.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::{Group, Report};
use crate::clock::now_us;
use crate::histogram::Samples;
use crate::load::MARK;

/// How long a slow receiver takes.
const SLOW: Duration = Duration::from_secs(1);

/// What each group got.
#[derive(Default)]
struct Got {
    /// The path and the number of the message.
    seen: HashSet<u64>,
    again: u64,
    last_us: u64,
    latency: Samples,
}

#[derive(Default)]
struct Shared {
    groups: Mutex<HashMap<Group, Got>>,
    arrival: Notify,
}

impl Shared {
    fn with<T>(&self, of: impl FnOnce(&mut HashMap<Group, Got>) -> T) -> T {
        of(&mut self.groups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn report(&self, group: Group) -> Report {
        self.with(|groups| {
            let got = groups.entry(group).or_default();
            Report {
                received: u64::try_from(got.seen.len()).unwrap_or(u64::MAX),
                again: got.again,
                last_us: got.last_us,
                latency: got.latency.quantiles(),
            }
        })
    }

    fn received(&self, group: Group) -> u64 {
        let count = self.with(|groups| groups.get(&group).map_or(0, |got| got.seen.len()));
        u64::try_from(count).unwrap_or(u64::MAX)
    }
}

/// Serves until it is killed; says where on standard output.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let shared = Arc::new(Shared::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer(Arc::clone(&shared), request));
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(connection.await);
        });
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let words: Vec<&str> = path.split('/').skip(1).collect();
    if let ["-", command @ ..] = words.as_slice() {
        return Ok(control(&shared, command).await);
    }
    let Some(group) = words.first().and_then(|name| group(name)) else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    let Ok(body) = request.into_body().collect().await else {
        return Ok(status(StatusCode::BAD_REQUEST));
    };
    note(&shared, group, &path, &body.to_bytes());
    match group {
        Group::Quick => {}
        Group::Slow => tokio::time::sleep(SLOW).await,
        Group::Dead => std::future::pending().await,
    }
    Ok(status(StatusCode::OK))
}

fn group(name: &str) -> Option<Group> {
    Group::ALL
        .into_iter()
        .find(|group| group.to_string() == name)
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Notes the webhook of a message; others come, too, and are answered alike.
fn note(shared: &Shared, group: Group, path: &str, body: &[u8]) {
    let now = now_us();
    let Some((number, at_us)) = marked(body) else {
        return;
    };
    let mut hasher = DefaultHasher::new();
    (path, number).hash(&mut hasher);
    shared.with(|groups| {
        let got = groups.entry(group).or_default();
        if got.seen.insert(hasher.finish()) {
            got.last_us = now;
            got.latency.add_us(now.saturating_sub(at_us));
        } else {
            got.again += 1;
        }
    });
    shared.arrival.notify_waiters();
}

/// The number and the time that stand in a message.
fn marked(body: &[u8]) -> Option<(u64, u64)> {
    let mark = MARK.as_bytes();
    let at = body.windows(mark.len()).position(|word| word == mark)?;
    let rest = body.get(at + mark.len()..)?;
    let mut words = rest
        .split(|byte| *byte == b' ')
        .map(|word| std::str::from_utf8(word).ok());
    let mut number = || words.next()??.parse().ok();
    Some((number()?, number()?))
}

async fn control(shared: &Shared, command: &[&str]) -> Response<Full<Bytes>> {
    let answer = match command {
        ["reset"] => {
            shared.with(HashMap::clear);
            json!({})
        }
        ["wait", name, count, most_ms] => {
            let (Some(group), Ok(count), Ok(most_ms)) =
                (group(name), count.parse(), most_ms.parse())
            else {
                return status(StatusCode::BAD_REQUEST);
            };
            wait(shared, group, count, Duration::from_millis(most_ms)).await;
            json!(shared.report(group))
        }
        _ => return status(StatusCode::NOT_FOUND),
    };
    Response::new(Full::new(Bytes::from(answer.to_string())))
}

async fn wait(shared: &Shared, group: Group, count: u64, most: Duration) {
    let enough = async {
        loop {
            let arrival = shared.arrival.notified();
            if shared.received(group) >= count {
                return;
            }
            arrival.await;
        }
    };
    drop(tokio::time::timeout(most, enough).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_its_number_and_time() {
        let body = br#"{"id":1,"content":"bench 17 1768900000000000 Hello, is anybody there?"}"#;
        assert_eq!(marked(body), Some((17, 1_768_900_000_000_000)));
        assert_eq!(marked(br#"{"content":"Hello"}"#), None);
    }

    #[test]
    fn what_comes_again_is_counted_apart() {
        let shared = Shared::default();
        let body = br#"{"content":"bench 1 1768900000000000 Hello, is anybody there? Yes"}"#;
        for path in ["/quick/0", "/quick/1", "/quick/1"] {
            note(&shared, Group::Quick, path, body);
        }
        let report = shared.report(Group::Quick);
        assert_eq!((report.received, report.again), (2, 1));
        assert!(report.latency.is_some());
    }
}
