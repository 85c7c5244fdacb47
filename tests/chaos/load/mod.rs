//! Clients that post, and what they were told.

mod post;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::dice::mix;
use crate::http::Http;
use post::Kind;
pub(crate) use told::{Told, Wish};

const CLIENTS: u64 = 96;
/// Contacts of each inbox whose conversations exist before the load begins.
const CONTACTS: u64 = 16;
/// One in so many posts comes from a contact that nobody knows.
const STRANGERS: u64 = 40;

/// An inbox, and the numbers of its conversations.
pub(crate) struct Inbox {
    pub(crate) id: i64,
    conversations: Vec<i64>,
}

/// The load.
pub(crate) struct Load {
    /// Where the nodes listen.
    bases: Vec<String>,
    token: String,
    pub(crate) inboxes: Vec<Inbox>,
    seed: u64,
    next: AtomicU64,
    in_flight: AtomicUsize,
    stopping: AtomicBool,
    held: AtomicBool,
    pub(crate) told: Told,
}

impl Load {
    /// Makes inboxes and webhooks that post to `receiver`, and a conversation for every contact.
    pub(crate) async fn prepare(
        bases: Vec<String>,
        token: String,
        seed: u64,
        receivers: &Receivers<'_>,
    ) -> Result<Self> {
        let mut load = Self {
            bases,
            token,
            inboxes: Vec::new(),
            seed,
            next: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            held: AtomicBool::new(false),
            told: Told::default(),
        };
        let account = format!("{}/api/v1/accounts/1", load.bases[0]);
        for path in receivers.inboxes {
            let url = format!("{}{path}", receivers.url);
            let body = json!({ "name": path, "channel": { "type": "api", "webhook_url": url } });
            let id = load.make(&format!("{account}/inboxes"), &body).await?;
            load.inboxes.push(Inbox {
                id,
                conversations: Vec::new(),
            });
        }
        for path in receivers.webhooks {
            let url = format!("{}{path}", receivers.url);
            let body = json!({ "url": url, "subscriptions": ["message_created"] });
            load.make(&format!("{account}/webhooks"), &body).await?;
        }
        for index in 0..load.inboxes.len() {
            for contact in 0..CONTACTS {
                let number = load.take_number();
                let conversation = load.greet(number, index, contact).await?;
                load.inboxes[index].conversations.push(conversation);
            }
        }
        Ok(load)
    }

    /// Starts the clients; the handle ends when the load was told to stop.
    pub(crate) fn run(load: &Arc<Self>) -> JoinHandle<()> {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let load = Arc::clone(load);
                tokio::spawn(async move { load.client(client).await })
            })
            .collect();
        tokio::spawn(async move {
            for client in clients {
                drop(client.await);
            }
        })
    }

    /// No new messages.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// No new messages for now, or again.
    pub(crate) fn hold(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn http(&self) -> Http {
        Http::new(&self.token)
    }

    /// Where the first node says whether it is ready.
    pub(crate) fn readiness(&self) -> String {
        format!("{}/readyz", self.bases[0])
    }

    /// A page that reads, at the first node.
    pub(crate) fn readable(&self) -> String {
        format!("{}/api/v1/accounts/1/conversations", self.bases[0])
    }

    fn take_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }

    async fn client(&self, client: u64) {
        let http = self.http();
        while !self.stopping.load(Ordering::SeqCst) {
            if self.held.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            let number = self.take_number();
            let dice = mix(self.seed ^ number);
            let post = self.post_of(number, Kind::of(dice), dice >> 8);
            self.in_flight.fetch_add(1, Ordering::SeqCst);
            self.post(&http, client, &post).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
        }
    }

    async fn make(&self, url: &str, body: &serde_json::Value) -> Result<i64> {
        let answer = self.http().post(url, body).await?;
        if answer.status != 200 {
            bail!("{url}: {} {}", answer.status, answer.body);
        }
        let body = &answer.body;
        let id = body["id"].as_i64();
        id.or_else(|| body["payload"]["webhook"]["id"].as_i64())
            .with_context(|| format!("an id: {body}"))
    }
}

/// Where the gateway sends to.
pub(crate) struct Receivers<'a> {
    pub(crate) url: &'a str,
    /// Paths of the inboxes' own channels.
    pub(crate) inboxes: &'a [&'static str],
    /// Paths of the account's webhooks.
    pub(crate) webhooks: &'a [&'static str],
}
