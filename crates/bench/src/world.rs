//! What a measurement runs on: a database, a gateway on it, an inbox with conversations, receivers.

mod fill;

use anyhow::{Context, Result};
use http::Method;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::cpu::{self, Meter, Watched};
use crate::database::{Scratch, Store};
use crate::gateway::{Gateway, Start};
use crate::load::Target;
use crate::receiver::{Group, Receiver};

/// What there is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) store: Store,
    /// Conversations, each with a contact of its own.
    pub(crate) conversations: u64,
    /// Messages that are stored before.
    pub(crate) messages: u64,
    /// Webhooks that want `message_created`, by how they answer.
    pub(crate) receivers: &'a [(Group, u64)],
    /// Whether the inbox has a callback, which its channel calls.
    pub(crate) callback: bool,
    /// Settings of the gateway.
    pub(crate) settings: &'a [(&'a str, &'a str)],
}

impl Wish<'_> {
    /// 1,000 conversations without messages and receivers.
    pub(crate) const fn new(store: Store) -> Self {
        Self {
            store,
            conversations: 1_000,
            messages: 0,
            receivers: &[],
            callback: false,
            settings: &[],
        }
    }
}

/// A gateway at work.
pub(crate) struct World {
    pub(crate) scratch: Scratch,
    pub(crate) gateway: Gateway,
    pub(crate) receiver: Option<Receiver>,
    pub(crate) inbox_id: i64,
    conversations: u64,
}

impl World {
    /// Makes it. What was written for it is on the disk when it is there.
    pub(crate) async fn make(bench: &Bench, wish: Wish<'_>) -> Result<Self> {
        let scratch = bench.scratch(wish.store).await?;
        let gateway = Gateway::start(Start {
            binary: &bench.gateway,
            database_url: &scratch.url,
            folder: scratch.folder(),
            log: &bench.log(),
            token: None,
            settings: wish.settings,
        })
        .await?;
        let receiver = if wish.receivers.is_empty() && !wish.callback {
            None
        } else {
            Some(Receiver::start().await?)
        };
        let callback = receiver
            .as_ref()
            .filter(|_| wish.callback)
            .map(|receiver| receiver.url(Group::Quick, 0));
        let inbox_id = inbox(&gateway, callback).await?;
        fill::fill(&scratch, inbox_id, wish.conversations, wish.messages).await?;
        if let Some(receiver) = &receiver {
            webhooks(&gateway, receiver, wish.receivers).await?;
        }
        let world = Self {
            scratch,
            gateway,
            receiver,
            inbox_id,
            conversations: wish.conversations,
        };
        fill::settle(&world.scratch).await?;
        Ok(world)
    }

    /// Where messages are posted.
    pub(crate) fn target(&self) -> Target {
        Target {
            address: self.gateway.address.clone(),
            token: self.gateway.token.clone(),
            conversations: self.conversations,
            get: None,
        }
    }

    /// The receiver, which was wished for.
    pub(crate) fn receiver(&self) -> Result<&Receiver> {
        self.receiver.as_ref().context("no receiver was wished for")
    }

    /// Counts from now on; the gateway's peak of memory begins again.
    pub(crate) fn meter(&self) -> Result<Meter> {
        if let Some(pid) = self.gateway.pid() {
            cpu::forget_peak(pid)?;
        }
        Meter::start(Watched {
            gateway: self.gateway.pid(),
            postmaster: self.scratch.postmaster,
            receiver: self.receiver.as_ref().and_then(Receiver::pid),
        })
    }

    /// The gateway's resident memory in MiB: now, and at most since [`Self::meter`].
    pub(crate) fn memory_mib(&self) -> Result<(f64, f64)> {
        cpu::memory_mib(self.gateway.pid().context("the gateway runs")?)
    }

    /// Ends the gateway and keeps its database.
    pub(crate) async fn stop(self) -> Result<Scratch> {
        self.gateway.stop().await?;
        Ok(self.scratch)
    }

    /// Ends everything.
    pub(crate) async fn end(self) -> Result<()> {
        self.gateway.kill().await?;
        self.scratch.drop().await
    }
}

async fn inbox(gateway: &Gateway, callback: Option<String>) -> Result<i64> {
    let channel = json!({ "type": "api", "webhook_url": callback });
    let body = json!({ "name": "Bench", "channel": channel });
    let mut connection = gateway.connect().await?;
    let path = "/api/v1/accounts/1/inboxes";
    let inbox: Value = connection.json(Method::POST, path, &body).await?;
    inbox["id"].as_i64().context("the inbox has an id")
}

async fn webhooks(gateway: &Gateway, receiver: &Receiver, wanted: &[(Group, u64)]) -> Result<()> {
    let mut connection = gateway.connect().await?;
    for (group, count) in wanted {
        for number in 0..*count {
            let body = json!({
                "url": receiver.url(*group, number),
                "subscriptions": ["message_created"],
            });
            let path = "/api/v1/accounts/1/webhooks";
            connection.json(Method::POST, path, &body).await?;
        }
    }
    Ok(())
}
