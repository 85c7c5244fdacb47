//! A row of each table, with every column filled.

use gatewright_store::Database;
use gatewright_store::entity::*;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};
use serde_json::json;

/// Inserts row `n` of every table, parents first, and checks that it is read back as it was
/// written. Rows of one number point at each other and differ from those of another number in
/// every column that must be unique.
pub(crate) async fn insert_all(database: &Database, n: i64) {
    insert(database, installation(n)).await;
    insert(database, accounts(n)).await;
    insert(database, account_counters(n)).await;
    insert(database, users(n)).await;
    insert(database, account_users(n)).await;
    insert(database, labels(n)).await;
    insert(database, access_tokens(n)).await;
    insert(database, idempotency_records(n)).await;
    insert(database, receivers(n)).await;
    insert(database, inboxes(n)).await;
    insert(database, inbox_routes(n)).await;
    insert(database, inbox_members(n)).await;
    insert(database, webhooks(n)).await;
    insert(database, inbound_log(n)).await;
    insert(database, inbound_dedup(n)).await;
    insert(database, contacts(n)).await;
    insert(database, contact_inboxes(n)).await;
    insert(database, conversations(n)).await;
    insert(database, contact_labels(n)).await;
    insert(database, conversation_labels(n)).await;
    insert(database, messages(n)).await;
    insert(database, message_provider_ids(n)).await;
    insert(database, blobs(n)).await;
    insert(database, attachments(n)).await;
    insert(database, csat_survey_responses(n)).await;
    insert(database, events(n)).await;
    insert(database, deliveries(n)).await;
    insert(database, attempts(n)).await;
    insert(database, erasures(n)).await;
}

async fn insert<M, A>(database: &Database, row: M)
where
    M: ModelTrait + IntoActiveModel<A> + Clone + PartialEq,
    A: ActiveModelTrait<Entity = M::Entity>,
    M::Entity: EntityTrait<Model = M>,
{
    let all_set = row.clone().into_active_model().reset_all();
    M::Entity::insert(all_set)
        .exec_without_returning(database.write())
        .await
        .unwrap();
    let stored = M::Entity::find().all(database.read()).await.unwrap();
    assert!(stored.contains(&row), "{row:?} is not among {stored:?}");
}

pub(crate) fn installation(n: i64) -> installation::Model {
    installation::Model {
        name: format!("name {n}"),
        value: format!("value {n}"),
    }
}

pub(crate) fn accounts(n: i64) -> accounts::Model {
    accounts::Model {
        id: n,
        name: format!("name {n}"),
        locale: format!("locale {n}"),
        domain: Some(format!("domain {n}")),
        support_email: Some(format!("support_email {n}")),
        status: 1,
        settings: json!({ "n": n }),
        custom_attributes: json!({ "n": n }),
        labels_changed_at: Some(1_800_000_000_000_000 + n),
        inboxes_changed_at: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn account_counters(n: i64) -> account_counters::Model {
    account_counters::Model {
        account_id: n,
        conversations: n,
    }
}

pub(crate) fn users(n: i64) -> users::Model {
    users::Model {
        id: n,
        email: format!("email {n}"),
        name: format!("name {n}"),
        display_name: Some(format!("display_name {n}")),
        password_hash: Some(format!("password_hash {n}")),
        pubsub_token: format!("pubsub_token {n}"),
        message_signature: Some(format!("message_signature {n}")),
        ui_settings: json!({ "n": n }),
        custom_attributes: json!({ "n": n }),
        confirmed_at: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn account_users(n: i64) -> account_users::Model {
    account_users::Model {
        id: n,
        account_id: n,
        user_id: n,
        role: 1,
        inviter_id: Some(n),
        availability: 1,
        auto_offline: true,
        active_at: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn labels(n: i64) -> labels::Model {
    labels::Model {
        id: n,
        account_id: n,
        title: format!("title {n}"),
        description: Some(format!("description {n}")),
        color: format!("color {n}"),
        show_on_sidebar: Some(true),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn access_tokens(n: i64) -> access_tokens::Model {
    access_tokens::Model {
        id: n,
        owner_kind: 1,
        owner_id: n,
        token_hash: format!("token_hash {n}"),
        token_sealed: format!("token_sealed {n}"),
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn idempotency_records(n: i64) -> idempotency_records::Model {
    idempotency_records::Model {
        token_id: n,
        key: format!("key {n}"),
        request_hash: format!("request_hash {n}"),
        resource: format!("resource {n}"),
        answer: Some(format!("answer {n}")),
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn receivers(n: i64) -> receivers::Model {
    receivers::Model {
        id: n,
        account_id: n,
        kind: 1,
        inbox_id: Some(n),
        url: Some(format!("url {n}")),
        subscriptions: json!(["a", n]),
        secret_sealed: format!("secret_sealed {n}"),
        previous_secret_sealed: Some(format!("previous_secret_sealed {n}")),
        previous_secret_until: Some(1_800_000_000_000_000 + n),
        state: 1,
        state_reason: Some(format!("state_reason {n}")),
        failures: 1,
        first_failure_at: Some(1_800_000_000_000_000 + n),
        probe_due_at: Some(1_800_000_000_000_000 + n),
        probe_interval_ms: Some(1 + n),
        probe_lease_until: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn inboxes(n: i64) -> inboxes::Model {
    inboxes::Model {
        id: n,
        account_id: n,
        channel: format!("channel {n}"),
        name: format!("name {n}"),
        settings: json!({ "n": n }),
        secrets_sealed: Some(format!("secrets_sealed {n}")),
        settings_version: 1,
        preferences: json!({ "n": n }),
        lock_to_single_conversation: true,
        identifier: format!("identifier {n}"),
        hmac_token_sealed: format!("hmac_token_sealed {n}"),
        path_token: format!("path_token {n}"),
        receiver_id: Some(n),
        removed_at: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn inbox_routes(n: i64) -> inbox_routes::Model {
    inbox_routes::Model {
        id: n,
        channel: format!("channel {n}"),
        key_hash: format!("key_hash {n}"),
        inbox_id: n,
    }
}

pub(crate) fn inbox_members(n: i64) -> inbox_members::Model {
    inbox_members::Model {
        inbox_id: n,
        user_id: n,
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn webhooks(n: i64) -> webhooks::Model {
    webhooks::Model {
        id: n,
        account_id: n,
        receiver_id: n,
        url: format!("url {n}"),
        name: Some(format!("name {n}")),
        inbox_id: Some(n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn inbound_log(n: i64) -> inbound_log::Model {
    inbound_log::Model {
        id: n,
        account_id: n,
        inbox_id: n,
        channel: format!("channel {n}"),
        method: format!("method {n}"),
        path: format!("path {n}"),
        headers: format!("headers {n}"),
        body: vec![0, 255],
        state: 1,
        error: Some(format!("error {n}")),
        received_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn inbound_dedup(n: i64) -> inbound_dedup::Model {
    inbound_dedup::Model {
        inbox_id: n,
        dedup_key: format!("dedup_key {n}"),
        message_id: Some(n),
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn erasures(n: i64) -> erasures::Model {
    erasures::Model {
        kind: 1,
        subject_id: n,
        account_id: n,
        after_event: n,
        due_at: 1_800_000_000_000_000 + n,
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn contacts(n: i64) -> contacts::Model {
    contacts::Model {
        id: n,
        account_id: n,
        name: format!("name {n}"),
        email: Some(format!("email {n}")),
        phone_number: Some(format!("phone_number {n}")),
        identifier: Some(format!("identifier {n}")),
        blocked: true,
        contact_type: 1,
        additional_attributes: json!({ "n": n }),
        custom_attributes: json!({ "n": n }),
        last_activity_at: Some(1_800_000_000_000_000 + n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn contact_inboxes(n: i64) -> contact_inboxes::Model {
    contact_inboxes::Model {
        id: n,
        account_id: n,
        contact_id: n,
        inbox_id: n,
        source_id: format!("source_id {n}"),
        hmac_verified: true,
        pubsub_token: format!("pubsub_token {n}"),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn conversations(n: i64) -> conversations::Model {
    conversations::Model {
        id: n,
        account_id: n,
        inbox_id: n,
        contact_id: n,
        contact_inbox_id: n,
        display_id: n,
        uuid: format!("uuid {n}"),
        status: 1,
        priority: Some(1),
        assignee_id: Some(n),
        snoozed_until: Some(1_800_000_000_000_000 + n),
        additional_attributes: json!({ "n": n }),
        custom_attributes: json!({ "n": n }),
        agent_last_seen_at: Some(1_800_000_000_000_000 + n),
        assignee_last_seen_at: Some(1_800_000_000_000_000 + n),
        contact_last_seen_at: Some(1_800_000_000_000_000 + n),
        first_reply_created_at: Some(1_800_000_000_000_000 + n),
        waiting_since: Some(1_800_000_000_000_000 + n),
        last_activity_at: 1_800_000_000_000_000 + n,
        last_incoming_at: None,
        last_seq: n,
        unread_count: 1,
        last_public_message_id: Some(n),
        last_non_activity_message_id: Some(n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn contact_labels(n: i64) -> contact_labels::Model {
    contact_labels::Model {
        contact_id: n,
        title: format!("title {n}"),
        account_id: n,
        position: 1,
    }
}

pub(crate) fn conversation_labels(n: i64) -> conversation_labels::Model {
    conversation_labels::Model {
        conversation_id: n,
        title: format!("title {n}"),
        position: 1,
    }
}

pub(crate) fn messages(n: i64) -> messages::Model {
    messages::Model {
        id: n,
        account_id: n,
        inbox_id: n,
        conversation_id: n,
        contact_inbox_id: n,
        seq: n,
        message_type: 1,
        content: Some(format!("content {n}")),
        content_type: format!("content_type {n}"),
        content_attributes: json!({ "n": n }),
        additional_attributes: json!({ "n": n }),
        private: true,
        status: 1,
        source_id: Some(format!("source_id {n}")),
        sender_kind: Some(1),
        sender_id: Some(n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn message_provider_ids(n: i64) -> message_provider_ids::Model {
    message_provider_ids::Model {
        inbox_id: n,
        provider_id: format!("provider_id {n}"),
        message_id: n,
    }
}

pub(crate) fn blobs(n: i64) -> blobs::Model {
    blobs::Model {
        id: n,
        account_id: n,
        key: format!("key {n}"),
        filename: format!("filename {n}"),
        content_type: format!("content_type {n}"),
        byte_size: 1 + n,
        checksum: format!("checksum {n}"),
        metadata: json!({ "n": n }),
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn attachments(n: i64) -> attachments::Model {
    attachments::Model {
        id: n,
        account_id: n,
        message_id: n,
        blob_id: Some(n),
        file_type: 1,
        extension: Some(format!("extension {n}")),
        external_url: Some(format!("external_url {n}")),
        coordinates_lat: Some(0.5),
        coordinates_long: Some(0.5),
        fallback_title: Some(format!("fallback_title {n}")),
        meta: json!({ "n": n }),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn csat_survey_responses(n: i64) -> csat_survey_responses::Model {
    csat_survey_responses::Model {
        id: n,
        account_id: n,
        conversation_id: n,
        message_id: n,
        rating: 5,
        feedback_message: Some(format!("feedback_message {n}")),
        assigned_agent_id: Some(n),
        created_at: 1_800_000_000_000_000 + n,
        updated_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn events(n: i64) -> events::Model {
    events::Model {
        id: n,
        account_id: n,
        inbox_id: Some(n),
        conversation_id: Some(n),
        contact_id: Some(n),
        message_id: Some(n),
        name: format!("name {n}"),
        occurred_at: 1_800_000_000_000_000 + n,
        origin: format!("origin {n}"),
        snapshot: format!("snapshot {n}"),
    }
}

pub(crate) fn deliveries(n: i64) -> deliveries::Model {
    deliveries::Model {
        id: n,
        account_id: n,
        event_id: n,
        receiver_id: n,
        lane: Some(1_800_000_000_000_000 + n),
        state: 1,
        late: true,
        attempts: 1,
        due_at: 1_800_000_000_000_000 + n,
        lease_token: Some(1_800_000_000_000_000 + n),
        lease_until: Some(1_800_000_000_000_000 + n),
        started: true,
        last_status: Some(1),
        last_error: Some(format!("last_error {n}")),
        last_attempt_at: Some(1_800_000_000_000_000 + n),
        last_duration_ms: Some(1),
        finished_at: Some(1_800_000_000_000_000 + n),
        replays: 1,
        created_at: 1_800_000_000_000_000 + n,
    }
}

pub(crate) fn attempts(n: i64) -> attempts::Model {
    attempts::Model {
        id: n,
        delivery_id: n,
        number: 1,
        started_at: 1_800_000_000_000_000 + n,
        duration_ms: 1,
        outcome: format!("outcome {n}"),
        status: Some(1),
        error: Some(format!("error {n}")),
        response_excerpt: Some(format!("response_excerpt {n}")),
    }
}
