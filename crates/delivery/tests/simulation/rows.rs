//! Rows as they are made.

use std::sync::OnceLock;

use gatewright_core::cipher::Cipher;
use gatewright_core::delivery::SECRET_CONTEXT;
use gatewright_core::event::Event;
use gatewright_store::entity::{deliveries, events, inboxes, receivers};
use serde_json::json;
use std::sync::Arc;

use crate::chance::Dice;

pub(crate) fn delivery(
    id: i64,
    event: &Event,
    receiver: i64,
    lane: Option<i64>,
) -> deliveries::Model {
    deliveries::Model {
        id,
        account_id: event.account_id.get(),
        event_id: event.id.get(),
        receiver_id: receiver,
        lane,
        state: 0,
        late: false,
        attempts: 0,
        due_at: event.occurred_at.0,
        lease_token: None,
        lease_until: None,
        started: false,
        last_status: None,
        last_error: None,
        last_attempt_at: None,
        last_duration_ms: None,
        finished_at: None,
        replays: 0,
        created_at: event.occurred_at.0,
    }
}

pub(crate) fn event(event: &Event) -> events::Model {
    events::Model {
        id: event.id.get(),
        account_id: event.account_id.get(),
        inbox_id: None,
        conversation_id: None,
        contact_id: None,
        message_id: None,
        name: event.name.as_str().to_owned(),
        occurred_at: event.occurred_at.0,
        origin: serde_json::to_string(&event.origin).unwrap(),
        snapshot: serde_json::to_string(&event.snapshot).unwrap(),
    }
}

/// A channel receiver; its inbox has the same id.
pub(crate) fn receiver(id: i64) -> receivers::Model {
    static SECRET: OnceLock<String> = OnceLock::new();
    let secret = SECRET.get_or_init(|| {
        let cipher = Cipher::new(&[7; 32], Arc::new(Dice::new(0)));
        cipher.seal(SECRET_CONTEXT, "whsec_c2VjcmV0")
    });
    receivers::Model {
        id,
        account_id: 1,
        kind: 0,
        inbox_id: Some(id),
        url: None,
        subscriptions: json!([]),
        secret_sealed: secret.clone(),
        previous_secret_sealed: None,
        previous_secret_until: None,
        state: 0,
        state_reason: None,
        failures: 0,
        first_failure_at: None,
        probe_due_at: None,
        probe_interval_ms: None,
        probe_lease_until: None,
        created_at: 1,
        updated_at: 1,
    }
}

pub(crate) fn inbox(id: i64, channel: &str) -> inboxes::Model {
    inboxes::Model {
        id,
        account_id: 1,
        channel: channel.to_owned(),
        name: "Shop".to_owned(),
        settings: json!({}),
        secrets_sealed: None,
        settings_version: 1,
        preferences: json!({}),
        lock_to_single_conversation: false,
        identifier: format!("i{id}"),
        hmac_token_sealed: String::new(),
        path_token: format!("p{id}"),
        receiver_id: Some(id),
        removed_at: None,
        created_at: 1,
        updated_at: 1,
    }
}
