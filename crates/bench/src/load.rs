//! Clients that post messages and time the answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::clock::now_us;
use crate::connection::Connection;
use crate::histogram::Samples;

/// The word before a message's number and the time at which it was to be sent.
pub(crate) const MARK: &str = "bench ";

/// Where messages go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) token: String,
    /// Conversations `1..=conversations`; each message goes to one of them at random.
    pub(crate) conversations: u64,
    /// What is asked for instead of posting messages.
    pub(crate) get: Option<&'static str>,
}

/// How it went.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    /// From the intended time of sending to the answer; in a burst that is the time of sending.
    pub(crate) latency: Samples,
    /// When the first was to be sent, in microseconds since 1970.
    pub(crate) begun_us: u64,
    /// From the first to the last answer.
    pub(crate) seconds: f64,
}

/// Posts as fast as `connections` are answered: each sends its next when it has its answer.
pub(crate) async fn burst(target: &Target, messages: u64, connections: u64) -> Result<Posted> {
    let next = Arc::new(AtomicU64::new(0));
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(&target.address, &target.token).await?);
    }
    let (begun, begun_us) = (Instant::now(), now_us());
    let mut clients = JoinSet::new();
    for mut connection in open {
        let (next, target) = (Arc::clone(&next), target.clone());
        clients.spawn(async move {
            let mut latency = Samples::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= messages {
                    return anyhow::Ok(latency);
                }
                let sent = Instant::now();
                shoot(&mut connection, &target, number, now_us()).await?;
                latency.add(sent.elapsed());
            }
        });
    }
    collect(clients, begun, begun_us).await
}

/// Posts `per_second`, whether or not the earlier ones are answered; latency counts from the time
/// at which each was to be sent, so a stall is not hidden by the messages that it kept from being
/// sent.
pub(crate) async fn steady(
    target: &Target,
    per_second: u64,
    messages: u64,
    connections: u64,
) -> Result<Posted> {
    let (due, queue) = mpsc::unbounded_channel();
    let queue = Arc::new(Mutex::new(queue));
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let mut connection = Connection::open(&target.address, &target.token).await?;
        let (queue, target) = (Arc::clone(&queue), target.clone());
        clients.spawn(async move {
            let mut latency = Samples::default();
            loop {
                let taken = queue.lock().await.recv().await;
                let Some(Due { number, at, at_us }) = taken else {
                    return anyhow::Ok(latency);
                };
                shoot(&mut connection, &target, number, at_us).await?;
                latency.add(at.elapsed());
            }
        });
    }
    let (begun, begun_us) = (Instant::now(), now_us());
    // A thread of its own: the runtime's timer has steps of a millisecond.
    std::thread::spawn(move || pace(&due, begun, begun_us, per_second, messages));
    collect(clients, begun, begun_us).await
}

/// A message that is to be sent at a time.
struct Due {
    number: u64,
    at: Instant,
    at_us: u64,
}

fn pace(
    due: &mpsc::UnboundedSender<Due>,
    begun: Instant,
    begun_us: u64,
    per_second: u64,
    messages: u64,
) {
    for number in 0..messages {
        let after_us = number * 1_000_000 / per_second.max(1);
        let at = begun + Duration::from_micros(after_us);
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        let at_us = begun_us + after_us;
        if due.send(Due { number, at, at_us }).is_err() {
            return;
        }
    }
}

async fn collect(
    mut clients: JoinSet<Result<Samples>>,
    begun: Instant,
    begun_us: u64,
) -> Result<Posted> {
    let mut posted = Posted {
        begun_us,
        ..Posted::default()
    };
    while let Some(done) = clients.join_next().await {
        posted.latency.merge(done.context("a client ended")??);
    }
    posted.seconds = begun.elapsed().as_secs_f64();
    Ok(posted)
}

async fn shoot(
    connection: &mut Connection,
    target: &Target,
    number: u64,
    at_us: u64,
) -> Result<()> {
    if let Some(path) = target.get {
        let (status, _) = connection.send(Method::GET, path, Bytes::new()).await?;
        return if status == 200 {
            Ok(())
        } else {
            bail!("{path}: {status}")
        };
    }
    let conversation = mix(number) % target.conversations + 1;
    let path = format!("/api/v1/accounts/1/conversations/{conversation}/messages");
    let body = body(number, at_us);
    let (status, answer) = connection.send(Method::POST, &path, body).await?;
    if status != 200 {
        bail!("{path}: {status} {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

fn body(number: u64, at_us: u64) -> Bytes {
    let content = content(number, at_us);
    let text = format!("{{\"content\":\"{content}\",\"message_type\":\"incoming\"}}");
    Bytes::from(text)
}

/// The text of a message.
pub(crate) fn content(number: u64, at_us: u64) -> String {
    format!("{MARK}{number} {at_us} Hello, is anybody there? It is about my order.")
}

/// The generator `SplitMix64`.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
