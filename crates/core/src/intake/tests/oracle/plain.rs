//! The plain form of the write.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_store::entity::{
    attachments, blobs, contacts, conversation_labels, conversations, deliveries, events, messages,
};
use gatewright_store::hot::intake::Batch;
use gatewright_store::hot::row::{
    AttachmentRow, BlobRow, ConversationUpdate, LabelGone, LabelRow, MessageRow,
};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::{
    ActiveValue::NotSet, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel,
};
use serde_json::Value;

use crate::intake::{Job, batch};
use crate::kernel::Kernel;

/// Runs one job as a transaction of its own and writes its rows one by one.
pub(super) async fn run_plain(kernel: &Kernel, job: &Job) {
    let tx = kernel.db.begin_write().await.unwrap();
    let jobs = std::slice::from_ref(job);
    let conversations = vec![job.conversation_id.get()];
    let wanted = batch::wanted(kernel, jobs, conversations);
    let loaded = gatewright_store::hot::intake::load(&tx, kernel.db.dialect(), &wanted)
        .await
        .unwrap();
    let around = batch::surroundings(kernel, jobs);
    let mut states = crate::intake::state::States::new(loaded, &around, &kernel.links()).unwrap();
    let (_, mut decided) = batch::decide_all(kernel, &mut states, jobs);
    let receivers = HashMap::from([(job.account.id, Arc::clone(&job.receivers))]);
    let mut plan = crate::outbox::Plan::new(&decided.events, &receivers);
    plan.reserve(kernel, Vec::new());
    let counts = [
        (Sequence::Messages, decided.messages.len()),
        (Sequence::Events, decided.events.len()),
        (Sequence::Deliveries, plan.len()),
        (Sequence::Attachments, decided.files.len()),
        (Sequence::Blobs, batch::uploaded(&decided).count()),
    ];
    let ids = sequence::draw(&tx, kernel.db.dialect(), &counts)
        .await
        .unwrap();
    let bound = crate::intake::bind::Bound {
        messages: &ids[0],
        attachments: &ids[3],
    };
    bound.decided(&mut decided);
    bound.states(&mut states);
    let mut rows = batch::rows_of(&states, &decided);
    batch::attach(&mut rows, &decided, &ids[4]);
    let recorded = plan
        .into_rows(kernel, decided.events, &ids[1], &ids[2], &mut rows)
        .unwrap();
    write_plain(&tx, rows).await;
    tx.commit().await.unwrap();
    recorded.publish(kernel);
}

async fn write_plain(tx: &DatabaseTransaction, rows: Batch) {
    write_messages(tx, rows.messages).await;
    write_files(tx, rows.blobs, rows.attachments).await;
    write_conversations(tx, rows.conversations).await;
    write_conversations(tx, rows.active).await;
    write_labels(tx, rows.labels, rows.labels_gone).await;
    for row in rows.contacts {
        let change = contacts::ActiveModel {
            id: Set(row.id),
            last_activity_at: Set(row.last_activity_at),
            updated_at: Set(row.updated_at),
            ..Default::default()
        };
        contacts::Entity::update(change).exec(tx).await.unwrap();
    }
    for row in rows.events {
        let row = events::Model {
            id: row.id,
            account_id: row.account_id,
            inbox_id: row.inbox_id,
            conversation_id: row.conversation_id,
            contact_id: row.contact_id,
            message_id: row.message_id,
            name: row.name.to_owned(),
            occurred_at: row.occurred_at,
            origin: row.origin,
            snapshot: row.snapshot.into_text(),
        };
        events::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
    for row in rows.deliveries {
        let row = deliveries::ActiveModel {
            id: Set(row.id),
            account_id: Set(row.account_id),
            event_id: Set(row.event_id),
            receiver_id: Set(row.receiver_id),
            lane: Set(row.lane),
            state: Set(row.state),
            due_at: Set(row.due_at),
            lease_token: Set(row.lease_token),
            lease_until: Set(row.lease_until.map(|end| end.time)),
            created_at: Set(row.created_at),
            ..Default::default()
        };
        deliveries::Entity::insert(row)
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_messages(tx: &DatabaseTransaction, rows: Vec<MessageRow>) {
    for row in rows {
        let json = |raw: &serde_json::value::RawValue| -> Value {
            serde_json::from_str(raw.get()).unwrap()
        };
        let row = messages::Model {
            id: row.id,
            account_id: row.account_id,
            inbox_id: row.inbox_id,
            conversation_id: row.conversation_id,
            contact_inbox_id: row.contact_inbox_id,
            seq: row.seq,
            message_type: row.message_type,
            content: row.content,
            content_type: row.content_type,
            content_attributes: json(&row.content_attributes),
            additional_attributes: json(&row.additional_attributes),
            private: row.private,
            status: row.status,
            source_id: row.source_id,
            sender_kind: row.sender_kind,
            sender_id: row.sender_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        messages::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_conversations(tx: &DatabaseTransaction, rows: Vec<ConversationUpdate>) {
    for row in rows {
        let change = conversations::ActiveModel {
            id: Set(row.id),
            status: Set(row.status),
            priority: Set(row.priority),
            assignee_id: Set(row.assignee_id),
            snoozed_until: Set(row.snoozed_until),
            custom_attributes: row
                .custom_attributes
                .as_deref()
                .map_or(NotSet, |raw| Set(serde_json::from_str(raw.get()).unwrap())),
            agent_last_seen_at: Set(row.agent_last_seen_at),
            assignee_last_seen_at: Set(row.assignee_last_seen_at),
            contact_last_seen_at: Set(row.contact_last_seen_at),
            first_reply_created_at: Set(row.first_reply_created_at),
            waiting_since: Set(row.waiting_since),
            last_activity_at: Set(row.last_activity_at),
            last_incoming_at: Set(row.last_incoming_at),
            last_seq: Set(row.last_seq),
            unread_count: Set(row.unread_count),
            last_public_message_id: Set(row.last_public_message_id),
            last_non_activity_message_id: Set(row.last_non_activity_message_id),
            updated_at: Set(row.updated_at),
            ..Default::default()
        };
        conversations::Entity::update(change)
            .exec(tx)
            .await
            .unwrap();
    }
}

async fn write_files(tx: &DatabaseTransaction, files: Vec<BlobRow>, attached: Vec<AttachmentRow>) {
    let json =
        |raw: &serde_json::value::RawValue| -> Value { serde_json::from_str(raw.get()).unwrap() };
    for row in files {
        let row = blobs::Model {
            id: row.id,
            account_id: row.account_id,
            key: row.key,
            filename: row.filename,
            content_type: row.content_type,
            byte_size: row.byte_size,
            checksum: row.checksum,
            metadata: json(&row.metadata),
            created_at: row.created_at,
        };
        blobs::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
    for row in attached {
        let row = attachments::Model {
            id: row.id,
            account_id: row.account_id,
            message_id: row.message_id,
            blob_id: row.blob_id,
            file_type: row.file_type,
            extension: row.extension,
            external_url: row.external_url,
            coordinates_lat: row.coordinates_lat,
            coordinates_long: row.coordinates_long,
            fallback_title: row.fallback_title,
            meta: json(&row.meta),
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        attachments::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

async fn write_labels(tx: &DatabaseTransaction, labels: Vec<LabelRow>, gone: Vec<LabelGone>) {
    for row in gone {
        conversation_labels::Entity::delete_by_id((row.conversation_id, row.title))
            .exec(tx)
            .await
            .unwrap();
    }
    for row in labels {
        let key = (row.conversation_id, row.title.clone());
        conversation_labels::Entity::delete_by_id(key)
            .exec(tx)
            .await
            .unwrap();
        let row = conversation_labels::Model {
            conversation_id: row.conversation_id,
            title: row.title,
            position: row.position,
        };
        conversation_labels::Entity::insert(row.into_active_model())
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}
