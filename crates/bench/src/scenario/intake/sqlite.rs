//! The floor on SQLite: the same rows through the driver alone, prepared statements, one thread.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use async_trait::async_trait;
use rusqlite::{Connection, TransactionBehavior, params};

use super::super::Case;
use super::draft::{self, Draft, Drafts, Template};
use super::{BATCH_NAME, NAME, UNSYNCED_NAME, WRITES};
use crate::bench::Bench;
use crate::cpu::{Meter, Watched};
use crate::database::Store;
use crate::histogram::Samples;
use crate::row::{About, Measured};

/// The settings of the gateway's own writer.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384";

const MESSAGE: &str = "INSERT INTO messages (id, account_id, inbox_id, conversation_id, \
    contact_inbox_id, seq, message_type, content, content_type, content_attributes, \
    additional_attributes, private, status, source_id, sender_kind, sender_id, created_at, \
    updated_at) VALUES (?1, 1, ?2, ?3, ?3, ?4, 0, ?5, 'text', '{}', '{}', 0, 0, NULL, 0, ?3, ?6, ?6)";
const MESSAGE_EVENT: &str = "INSERT INTO events (id, account_id, inbox_id, conversation_id, \
    contact_id, message_id, name, occurred_at, origin, snapshot) \
    VALUES (?1, 1, ?2, ?3, NULL, ?4, 'message_created', ?5, ?6, ?7)";
const CONTACT_EVENT: &str = "INSERT INTO events (id, account_id, inbox_id, conversation_id, \
    contact_id, message_id, name, occurred_at, origin, snapshot) \
    VALUES (?1, 1, NULL, NULL, ?2, NULL, 'contact_updated', ?3, ?4, ?5)";
const CONVERSATION: &str = "UPDATE conversations SET last_activity_at = ?2, last_incoming_at = ?2, \
    last_seq = ?3, unread_count = 10, last_public_message_id = ?4, \
    last_non_activity_message_id = ?4 WHERE id = ?1";
const CONTACT: &str = "UPDATE contacts SET last_activity_at = ?2, updated_at = ?2 WHERE id = ?1";
const SEQUENCES: &str = "UPDATE sequences SET value = value + CASE name WHEN 'messages' THEN ?1 \
    WHEN 'events' THEN 2 * ?1 ELSE 0 END";

/// Texts are indexed many at a time, as the gateway does.
const INDEX: &str = "INSERT INTO message_search (rowid, content) SELECT id, content FROM messages \
    WHERE id > coalesce((SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1), 0) ORDER BY id";
const INDEXED_AT_ONCE: usize = 2048;

/// Batches of so many messages, each a transaction.
pub(super) struct ByHand {
    pub(super) batch: usize,
    /// Whether a commit waits for the disk, as the gateway's does.
    pub(super) synced: bool,
}

#[async_trait]
impl Case for ByHand {
    fn about(&self) -> About {
        let name = match (self.batch, self.synced) {
            (1, _) => "by hand, one by one",
            (_, true) => BATCH_NAME,
            (_, false) => UNSYNCED_NAME,
        };
        About {
            scenario: NAME,
            name: name.to_owned(),
            store: Some(Store::Sqlite),
            writes: format!("{WRITES}; rusqlite, no HTTP, no reads"),
            limit: None,
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let (scratch, template) = draft::prepare(bench, Store::Sqlite).await?;
        let batches = match self.batch {
            1 => bench.size(10_000, 4_000),
            _ => bench.size(400, 100),
        };
        let (file, batch, synced) = (scratch.file(), self.batch, self.synced);
        let work = move || {
            let mut conn = Connection::open(&file)?;
            conn.execute_batch(PRAGMAS)?;
            let synchronous = if synced { "FULL" } else { "NORMAL" };
            conn.pragma_update(None, "synchronous", synchronous)?;
            write(&mut conn, &template, batch, batches)
        };
        let measured = tokio::task::spawn_blocking(work).await??;
        scratch.drop().await?;
        Ok(measured)
    }
}

fn write(
    conn: &mut Connection,
    template: &Template,
    batch: usize,
    batches: u64,
) -> Result<Measured> {
    let mut drafts = Drafts::new(template, 0, 1);
    let mut latency = Samples::default();
    one_batch(conn, template, &drafts.take(batch))?;
    let meter = Meter::start(Watched::default())?;
    let begun = Instant::now();
    let mut unindexed = 0;
    for _ in 0..batches {
        let sent = Instant::now();
        one_batch(conn, template, &drafts.take(batch))?;
        latency.add(sent.elapsed());
        unindexed += batch;
        if unindexed >= INDEXED_AT_ONCE {
            conn.execute(INDEX, [])?;
            unindexed = 0;
        }
    }
    conn.execute(INDEX, [])?;
    Ok(Measured {
        operations: batches * u64::try_from(batch)?,
        seconds: begun.elapsed().as_secs_f64(),
        latency: latency.quantiles(),
        spent: meter.stop()?,
        ..Measured::default()
    })
}

fn one_batch(conn: &mut Connection, template: &Template, drafts: &[Draft]) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        tx.prepare_cached(SEQUENCES)?
            .execute(params![i64::try_from(drafts.len())?])?;
        let mut message = tx.prepare_cached(MESSAGE)?;
        let mut message_event = tx.prepare_cached(MESSAGE_EVENT)?;
        let mut contact_event = tx.prepare_cached(CONTACT_EVENT)?;
        let Template {
            inbox_id, origin, ..
        } = template;
        let mut newest = BTreeMap::new();
        for draft in drafts {
            let Draft {
                id,
                conversation_id,
                at,
                ..
            } = draft;
            let content = &template.content;
            message.execute(params![
                id,
                inbox_id,
                conversation_id,
                draft.seq,
                content,
                at
            ])?;
            let snapshot = &template.message_snapshot;
            let event = draft.message_event_id;
            message_event.execute(params![
                event,
                inbox_id,
                conversation_id,
                id,
                at,
                origin,
                snapshot
            ])?;
            let snapshot = &template.contact_snapshot;
            let event = draft.contact_event_id;
            contact_event.execute(params![event, conversation_id, at, origin, snapshot])?;
            newest.insert(*conversation_id, *draft);
        }
        let mut conversation = tx.prepare_cached(CONVERSATION)?;
        let mut contact = tx.prepare_cached(CONTACT)?;
        for (conversation_id, draft) in newest {
            conversation.execute(params![conversation_id, draft.at, draft.seq, draft.id])?;
            contact.execute(params![conversation_id, draft.at])?;
        }
    }
    tx.commit()?;
    Ok(())
}
