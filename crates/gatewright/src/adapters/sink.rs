use std::sync::{Arc, Weak};

use async_trait::async_trait;
use gatewright_channel::InboundEvent;
use gatewright_channel_host::{
    DeadInbound, InboundContext, InboundSink, RawRequest, StoredEvent, StoredMessage,
};
use gatewright_core::door::{self, Through};
use gatewright_core::error::Result;
use gatewright_core::event::{Origin, OriginKind};
use gatewright_core::message::Stored;
use gatewright_core::model::Inbox;
use serde_json::Value;

use super::Ports;
use super::ports::reach;

/// What channels receive, stored by the door.
pub(crate) struct CoreSink {
    ports: Weak<Ports>,
}

impl CoreSink {
    pub(crate) fn new(ports: &Arc<Ports>) -> Self {
        Self {
            ports: Arc::downgrade(ports),
        }
    }
}

#[async_trait]
impl InboundSink for CoreSink {
    /// Events of one inbox are one transaction. Where a request carries several inboxes, each is a
    /// transaction of its own: when a later one fails, the provider sends again, and the keys of
    /// the earlier ones' events keep them from being stored twice.
    async fn store(
        &self,
        mut context: InboundContext,
        events: Vec<InboundEvent>,
    ) -> Result<Vec<StoredEvent>> {
        let ports = reach(&self.ports)?;
        let raw = context.raw.take();
        let mut through = through(&ports, &context).await?;
        through.raw = raw.map(|raw| kept(&raw));
        let mut stored = Vec::with_capacity(events.len());
        for (inbox, events) in by_inbox(&context, events) {
            through.inbox = inbox;
            stored.extend(ports.door.receive(&through, events).await?);
            through.raw = None;
            through.claim = None;
        }
        Ok(stored.into_iter().map(answer).collect())
    }

    async fn dead(&self, letter: DeadInbound) -> Result<()> {
        let ports = reach(&self.ports)?;
        let through = Through {
            account: ports.account(letter.inbox.account_id).await?,
            inbox: letter.inbox,
            author: None,
            origin: Origin {
                kind: OriginKind::Channel,
                ..Origin::default()
            },
            raw: Some(kept(&letter.raw)),
            claim: None,
        };
        ports.door.keep_dead(&through, &letter.reason).await
    }
}

async fn through(ports: &Ports, context: &InboundContext) -> Result<Through> {
    let inbox = Arc::clone(&context.inbox);
    Ok(match &context.caller {
        Some(caller) => Through {
            account: caller.account.clone(),
            inbox,
            author: Some(caller.user.clone()),
            origin: caller.origin(None),
            raw: None,
            claim: caller.claim.clone(),
        },
        None => Through {
            account: ports.account(inbox.account_id).await?,
            inbox,
            author: None,
            origin: Origin {
                kind: OriginKind::Channel,
                ..Origin::default()
            },
            raw: None,
            claim: None,
        },
    })
}

/// The events of each inbox, in their order; the request's own inbox is there without events, too,
/// so that a request that says nothing is kept.
fn by_inbox(
    context: &InboundContext,
    events: Vec<InboundEvent>,
) -> Vec<(Arc<Inbox>, Vec<InboundEvent>)> {
    let mut groups: Vec<(Arc<Inbox>, Vec<InboundEvent>)> =
        vec![(Arc::clone(&context.inbox), Vec::new())];
    for event in events {
        let key = match &event {
            InboundEvent::Message(message) => message.route_key.as_ref(),
            _ => None,
        };
        let inbox = key
            .and_then(|key| context.routed.get(key))
            .unwrap_or(&context.inbox);
        match groups.iter_mut().find(|(known, _)| known.id == inbox.id) {
            Some((_, events)) => events.push(event),
            None => groups.push((Arc::clone(inbox), vec![event])),
        }
    }
    groups
}

fn kept(raw: &RawRequest) -> door::RawRequest {
    let path = match raw.query.as_str() {
        "" => raw.route.clone(),
        query => format!("{}?{query}", raw.route),
    };
    let headers: Vec<Value> = raw
        .headers
        .iter()
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| Value::from(vec![name.as_str(), value.as_str()]))
        .collect();
    door::RawRequest {
        method: raw.method.clone(),
        path,
        headers: Value::Array(headers).to_string(),
        body: raw.body.clone(),
    }
}

/// Credentials prove who sent a request that is verified by now; they are not kept.
fn is_secret(header: &str) -> bool {
    ["authorization", "cookie", "token", "secret", "api-key"]
        .iter()
        .any(|word| header.contains(word))
}

fn answer(stored: Stored) -> StoredEvent {
    StoredEvent::Message(Box::new(StoredMessage {
        message: stored.message,
        contact: stored.contact,
        replayed: stored.replayed,
        echo_id: stored.echo_id,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_kept_request_are_left_out() {
        let header = |name: &str| (name.to_owned(), "hush".to_owned());
        let raw = RawRequest {
            method: "POST".to_owned(),
            route: "/webhooks/x/{token}".to_owned(),
            query: "a=1".to_owned(),
            headers: vec![
                header("authorization"),
                header("x-hook-secret-token"),
                header("x-a"),
            ],
            body: b"{}".to_vec(),
            received_at: gatewright_core::Timestamp(0),
        };
        let kept = kept(&raw);
        assert_eq!(kept.headers, r#"[["x-a","hush"]]"#);
        assert_eq!(kept.path, "/webhooks/x/{token}?a=1");
    }
}
