//! Checks and sorts the events that a channel hands over.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_channel::InboundEvent;
use gatewright_core::cipher::sha256_hex;
use gatewright_core::error::Result;
use gatewright_core::model::Inbox;

use crate::ChannelHost;

/// Where events belong that name an inbox.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    /// The inboxes, by the key that events name them with.
    pub(crate) routed: BTreeMap<String, Arc<Inbox>>,
    /// Keys that no inbox of the channel and account has; their events were taken out.
    pub(crate) unknown: Vec<String>,
}

/// Whether events of a provider can be stored once and once only.
///
/// # Errors
/// The rule that is broken, for a person.
pub(crate) fn check(events: &[InboundEvent], max: usize) -> Result<(), String> {
    if events.len() > max {
        return Err(format!("more than {max} events at a time"));
    }
    let keyless = events.iter().any(|event| match event {
        InboundEvent::Message(message) => blank(message.dedup_key.as_ref()),
        InboundEvent::Status(status) => blank(status.dedup_key.as_ref()),
        InboundEvent::Unknown => false,
    });
    if keyless {
        Err("an event has no dedup_key".to_owned())
    } else {
        Ok(())
    }
}

/// Takes from a caller's events what only a provider's may say.
pub(crate) fn strip(events: &mut [InboundEvent]) {
    for event in events {
        match event {
            InboundEvent::Message(message) => {
                message.dedup_key = None;
                message.route_key = None;
            }
            InboundEvent::Status(status) => status.dedup_key = None,
            InboundEvent::Unknown => {}
        }
    }
}

/// Finds the inboxes that events name. A channel reaches only inboxes of its own kind in the
/// account of `home`; events for others are taken out.
///
/// # Errors
/// When the inboxes cannot be read now.
pub(crate) async fn sort(
    host: &ChannelHost,
    home: &Inbox,
    events: &mut Vec<InboundEvent>,
) -> Result<Sorted> {
    let mut sorted = Sorted::default();
    for event in events.iter_mut() {
        let InboundEvent::Message(message) = event else {
            continue;
        };
        message.route_key = message.route_key.take().filter(|key| !key.is_empty());
        let Some(key) = &message.route_key else {
            continue;
        };
        if sorted.routed.contains_key(key) || sorted.unknown.contains(key) {
            continue;
        }
        match find(host, home, key).await? {
            Some(inbox) => {
                sorted.routed.insert(key.clone(), inbox);
            }
            None => sorted.unknown.push(key.clone()),
        }
    }
    events.retain(|event| match event {
        InboundEvent::Message(message) => message
            .route_key
            .as_ref()
            .is_none_or(|key| sorted.routed.contains_key(key)),
        _ => true,
    });
    Ok(sorted)
}

async fn find(host: &ChannelHost, home: &Inbox, key: &str) -> Result<Option<Arc<Inbox>>> {
    let Some(id) = host
        .source
        .route(&home.channel, &sha256_hex(key.as_bytes()))
        .await?
    else {
        return Ok(None);
    };
    let inbox = host.load(id).await?.map(|open| Arc::clone(&open.inbox));
    Ok(inbox.filter(|inbox| inbox.account_id == home.account_id && inbox.channel == home.channel))
}

fn blank(key: Option<&String>) -> bool {
    key.is_none_or(String::is_empty)
}
