//! Clients that post until they are answered.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::gateway::Process;
use crate::receiver::{Receiver, mix};

type Http = Client<HttpConnector, Full<Bytes>>;

const CLIENTS: u64 = 96;
const CONTACTS: u64 = 48;

/// The load and what it was told.
pub(crate) struct Load {
    base: String,
    token: String,
    inbox: i64,
    seed: u64,
    next: AtomicU64,
    dice: AtomicU64,
    in_flight: AtomicUsize,
    stopping: AtomicBool,
    least: AtomicUsize,
    /// Source ids that were posted.
    posted: Mutex<Vec<String>>,
    /// Source ids that were acknowledged, with the message's id.
    acknowledged: Mutex<HashMap<String, i64>>,
}

impl Load {
    pub(crate) fn new(process: &Process, token: String, inbox: i64, seed: u64) -> Self {
        Self {
            base: process.base.clone(),
            token,
            inbox,
            seed,
            next: AtomicU64::new(0),
            dice: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            least: AtomicUsize::new(usize::MAX),
            posted: Mutex::default(),
            acknowledged: Mutex::default(),
        }
    }

    /// Starts the clients; the handle ends when the load was told to stop.
    pub(crate) fn run(load: &Arc<Self>) -> JoinHandle<()> {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let load = Arc::clone(load);
                tokio::spawn(async move { load.client().await })
            })
            .collect();
        tokio::spawn(async move {
            for client in clients {
                drop(client.await);
            }
        })
    }

    /// No new messages once this many were acknowledged.
    pub(crate) fn stop_at(&self, messages: usize) {
        self.least.store(messages, Ordering::SeqCst);
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// A number from the seed.
    pub(crate) fn chance(&self, from: u64, to: u64) -> u64 {
        let throw = self.dice.fetch_add(1, Ordering::SeqCst);
        from + mix(self.seed ^ throw.wrapping_mul(7919)) % (to - from)
    }

    pub(crate) fn posted(&self) -> Vec<String> {
        self.posted.lock().map(|list| list.clone()).unwrap_or_default()
    }

    pub(crate) fn acknowledged(&self) -> HashMap<String, i64> {
        self.acknowledged.lock().map(|map| map.clone()).unwrap_or_default()
    }

    async fn client(&self) {
        let http = client();
        while !self.done() {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let source = format!("m-{number}");
            if let Ok(mut posted) = self.posted.lock() {
                posted.push(source.clone());
            }
            self.in_flight.fetch_add(1, Ordering::SeqCst);
            let id = self.post_until_answered(&http, number, &source).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            if let Ok(mut acknowledged) = self.acknowledged.lock() {
                acknowledged.insert(source, id);
            }
        }
    }

    fn done(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
            && self.acknowledged.lock().is_ok_and(|map| {
                map.len() >= self.least.load(Ordering::SeqCst)
            })
    }

    async fn post_until_answered(&self, http: &Http, number: u64, source: &str) -> i64 {
        let contact = mix(self.seed ^ number) % CONTACTS;
        let body = json!({
            "inbox_id": self.inbox,
            "contact": { "identifier": format!("c-{contact}"), "name": format!("C {contact}") },
            "message": { "content": format!("message {number}"), "source_id": source },
        });
        let url = format!("{}/webhooks/api_channel", self.base);
        loop {
            match send(http, Method::POST, &url, &self.token, &body).await {
                Ok((200, answer)) => {
                    if let Some(id) = answer["id"].as_i64() {
                        return id;
                    }
                }
                Ok((status, answer)) if status != 503 => {
                    panic!("{status} for {source}: {answer}");
                }
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Makes an inbox and a webhook that both post to the receiver.
pub(crate) async fn prepare(
    process: &Process,
    token: &str,
    receiver: &Receiver,
) -> Result<i64> {
    let http = client();
    let account = format!("{}/api/v1/accounts/1", process.base);
    let channel = json!({ "type": "api", "webhook_url": format!("{}/channel", receiver.url) });
    let body = json!({ "name": "Crash", "channel": channel });
    let url = format!("{account}/inboxes");
    let (status, inbox) = send(&http, Method::POST, &url, token, &body).await?;
    let body = json!({
        "url": format!("{}/webhook", receiver.url),
        "subscriptions": ["message_created"],
    });
    let url = format!("{account}/webhooks");
    let (other, webhook) = send(&http, Method::POST, &url, token, &body).await?;
    if status != 200 || other != 200 {
        bail!("the inbox or webhook was refused: {inbox} {webhook}");
    }
    inbox["id"].as_i64().context("the inbox has an id")
}

/// Status of a GET.
pub(crate) async fn get(url: &str) -> Result<u16> {
    Ok(send(&client(), Method::GET, url, "", &Value::Null).await?.0)
}

fn client() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

async fn send(
    http: &Http,
    method: Method,
    url: &str,
    token: &str,
    body: &Value,
) -> Result<(u16, Value)> {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header("api_access_token", token)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?;
    let exchange = async {
        let response = http.request(request).await?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await?.to_bytes();
        anyhow::Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    };
    tokio::time::timeout(Duration::from_secs(20), exchange).await?
}
