//! The contrast: the same rows in the plain form, entities and a transaction for each message.

use std::time::Instant;

use anyhow::{Context, Result};
use async_trait::async_trait;
use gatewright_store::entity::{
    contact_inboxes, contacts, conversations, events, inboxes, messages, receivers,
};
use gatewright_store::sequence::{self, Sequence};
use gatewright_store::{Database, Dialect};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use serde_json::json;

use super::super::Case;
use super::draft::{self, Template};
use super::tasks::{self, Work};
use super::{NAME, WRITES};
use crate::bench::Bench;
use crate::clock::now_us;
use crate::cpu::{Meter, Watched};
use crate::database::Store;
use crate::load::mix;
use crate::row::{About, Measured};

/// So many tasks, each with one message at a time.
pub(super) struct Entities {
    pub(super) store: Store,
    pub(super) tasks: u64,
}

#[async_trait]
impl Case for Entities {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: format!("entities, {} tasks", self.tasks),
            store: Some(self.store),
            writes: format!(
                "{WRITES}; entities one by one, a transaction for each message, no HTTP"
            ),
            limit: None,
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let (scratch, template) = draft::prepare(bench, self.store).await?;
        let db = scratch.open().await?;
        let count = match self.tasks {
            1 => bench.size(2_000, 500),
            _ => bench.size(10_000, 2_000),
        };
        let rows = Rows { db, template };
        tasks::run(&rows, self.tasks, count / 10).await?;
        let meter = Meter::start(Watched {
            postmaster: scratch.postmaster,
            ..Watched::default()
        })?;
        let begun = Instant::now();
        let mut latency = tasks::run(&rows, self.tasks, count).await?;
        let measured = Measured {
            operations: count,
            seconds: begun.elapsed().as_secs_f64(),
            latency: latency.quantiles(),
            spent: meter.stop()?,
            ..Measured::default()
        };
        rows.db.close().await?;
        scratch.drop().await?;
        Ok(measured)
    }
}

/// Where messages are written, and what of them is always the same.
#[derive(Clone)]
struct Rows {
    db: Database,
    template: Template,
}

impl Work for Rows {
    async fn one(&self, number: u64) -> Result<()> {
        let conversation = mix(number) % self.template.conversations + 1;
        one(&self.db, &self.template, i64::try_from(conversation)?).await
    }
}

/// Reads what the rules need, writes what they decide.
async fn one(db: &Database, template: &Template, id: i64) -> Result<()> {
    let tx = db.begin_write().await?;
    let locked = db.dialect() == Dialect::Postgres;
    let mut contact = contacts::Entity::find_by_id(id);
    let mut conversation = conversations::Entity::find_by_id(id);
    if locked {
        contact = contact.lock_exclusive();
        conversation = conversation.lock_exclusive();
    }
    let contact = contact.one(&tx).await?.context("a contact")?;
    let conversation = conversation.one(&tx).await?.context("a conversation")?;
    let presence = contact_inboxes::Entity::find_by_id(conversation.contact_inbox_id);
    presence.one(&tx).await?.context("a contact inbox")?;
    let inbox = inboxes::Entity::find_by_id(conversation.inbox_id);
    inbox.one(&tx).await?.context("an inbox")?;
    let account = receivers::Column::AccountId.eq(conversation.account_id);
    receivers::Entity::find().filter(account).all(&tx).await?;

    let wanted = [(Sequence::Messages, 1), (Sequence::Events, 2)];
    let ids = sequence::draw(&tx, db.dialect(), &wanted).await?;
    let at = i64::try_from(now_us()).unwrap_or_default();
    let message = message(template, &conversation, ids[0][0], at);
    write_events(&tx, template, &message, &ids[1]).await?;
    let mut change = conversation.clone().into_active_model();
    change.last_activity_at = Set(at);
    change.last_incoming_at = Set(Some(at));
    change.last_seq = Set(message.seq);
    change.unread_count = Set(10);
    change.last_public_message_id = Set(Some(message.id));
    change.last_non_activity_message_id = Set(Some(message.id));
    messages::Entity::insert(message.into_active_model())
        .exec_without_returning(&tx)
        .await?;
    conversations::Entity::update(change).exec(&tx).await?;
    let mut change = contact.into_active_model();
    change.last_activity_at = Set(Some(at));
    change.updated_at = Set(at);
    contacts::Entity::update(change).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

fn message(
    template: &Template,
    conversation: &conversations::Model,
    id: i64,
    at: i64,
) -> messages::Model {
    messages::Model {
        id,
        account_id: conversation.account_id,
        inbox_id: conversation.inbox_id,
        conversation_id: conversation.id,
        contact_inbox_id: conversation.contact_inbox_id,
        seq: conversation.last_seq + 1,
        message_type: 0,
        content: Some(template.content.clone()),
        content_type: "text".to_owned(),
        content_attributes: json!({}),
        additional_attributes: json!({}),
        private: false,
        status: 0,
        source_id: None,
        sender_kind: Some(0),
        sender_id: Some(conversation.contact_id),
        created_at: at,
        updated_at: at,
    }
}

async fn write_events(
    tx: &DatabaseTransaction,
    template: &Template,
    message: &messages::Model,
    ids: &[i64],
) -> Result<()> {
    let about_message = events::Model {
        id: ids[0],
        account_id: message.account_id,
        inbox_id: Some(message.inbox_id),
        conversation_id: Some(message.conversation_id),
        contact_id: None,
        message_id: Some(message.id),
        name: "message_created".to_owned(),
        occurred_at: message.created_at,
        origin: template.origin.clone(),
        snapshot: template.message_snapshot.clone(),
    };
    let about_contact = events::Model {
        id: ids[1],
        inbox_id: None,
        conversation_id: None,
        contact_id: message.sender_id,
        message_id: None,
        name: "contact_updated".to_owned(),
        snapshot: template.contact_snapshot.clone(),
        ..about_message.clone()
    };
    for event in [about_message, about_contact] {
        events::Entity::insert(event.into_active_model())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
