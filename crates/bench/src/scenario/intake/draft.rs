//! Rows as the gateway writes them, to be written by hand.

use anyhow::{Context, Result};
use gatewright_store::Database;
use sea_orm::{ConnectionTrait, Statement};

use crate::bench::Bench;
use crate::clock::now_us;
use crate::database::{Scratch, Store};
use crate::load::{self, mix};
use crate::world::{Wish, World};

/// Ids by hand begin here, far above what the gateway has drawn.
const FIRST_ID: i64 = 1_000_000;

/// What the gateway wrote for its last message; every row by hand has texts of the same length.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) inbox_id: i64,
    pub(super) conversations: u64,
    pub(super) content: String,
    pub(super) origin: String,
    pub(super) message_snapshot: String,
    pub(super) contact_snapshot: String,
}

/// A database in the state in which the gateway finds it, and what the gateway writes.
pub(super) async fn prepare(bench: &Bench, store: Store) -> Result<(Scratch, Template)> {
    let wish = Wish::new(store);
    let world = World::make(bench, wish).await?;
    load::burst(&world.target(), 64, 8).await?;
    let inbox_id = world.inbox_id;
    let scratch = world.stop().await?;
    let db = scratch.open().await?;
    let template = Template {
        inbox_id,
        conversations: wish.conversations,
        content: newest(&db, "SELECT content FROM messages ORDER BY id DESC").await?,
        origin: newest(&db, "SELECT origin FROM events ORDER BY id DESC").await?,
        message_snapshot: snapshot(&db, "message_created").await?,
        contact_snapshot: snapshot(&db, "contact_updated").await?,
    };
    db.close().await?;
    Ok((scratch, template))
}

async fn snapshot(db: &Database, event: &str) -> Result<String> {
    let sql = format!("SELECT snapshot FROM events WHERE name = '{event}' ORDER BY id DESC");
    newest(db, &sql).await
}

async fn newest(db: &Database, sql: &str) -> Result<String> {
    let conn = db.read();
    let statement = Statement::from_string(conn.get_database_backend(), format!("{sql} LIMIT 1"));
    let row = conn.query_one_raw(statement).await?;
    Ok(row
        .context("the gateway wrote a row")?
        .try_get_by_index(0)?)
}

/// A message to write. Contact, contact inbox and conversation have the same id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) id: i64,
    pub(super) conversation_id: i64,
    pub(super) seq: i64,
    pub(super) message_event_id: i64,
    pub(super) contact_event_id: i64,
    pub(super) at: i64,
}

/// Gives out drafts; two of one parity never share a conversation.
#[derive(Debug)]
pub(super) struct Drafts {
    /// Of each conversation, far above what is there.
    seqs: Vec<i64>,
    next: u64,
    lane: u64,
    lanes: u64,
}

impl Drafts {
    /// Those of one lane of some.
    pub(super) fn new(template: &Template, lane: u64, lanes: u64) -> Self {
        let count = usize::try_from(template.conversations).unwrap_or_default();
        Self {
            seqs: vec![FIRST_ID; count],
            next: 0,
            lane,
            lanes,
        }
    }

    /// So many more.
    pub(super) fn take(&mut self, count: usize) -> Vec<Draft> {
        (0..count).map(|_| self.draft()).collect()
    }

    fn draft(&mut self) -> Draft {
        let number = self.next * self.lanes + self.lane;
        self.next += 1;
        let len = self.seqs.len();
        let random = usize::try_from(mix(number) >> 16).unwrap_or_default() % len;
        let lanes = usize::try_from(self.lanes).unwrap_or(1);
        let lane = usize::try_from(self.lane).unwrap_or_default();
        let index = (random - random % lanes + lane) % len;
        self.seqs[index] += 1;
        let id = FIRST_ID + i64::try_from(number).unwrap_or_default();
        Draft {
            id,
            conversation_id: i64::try_from(index).unwrap_or_default() + 1,
            seq: self.seqs[index],
            message_event_id: id * 2,
            contact_event_id: id * 2 + 1,
            at: i64::try_from(now_us()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_share_no_conversation_and_no_id() {
        let template = Template {
            inbox_id: 1,
            conversations: 1_000,
            content: String::new(),
            origin: String::new(),
            message_snapshot: String::new(),
            contact_snapshot: String::new(),
        };
        let [one, other] = [0, 1].map(|lane| Drafts::new(&template, lane, 2).take(2_000));
        let conversations = |drafts: &[Draft]| -> std::collections::BTreeSet<i64> {
            drafts.iter().map(|draft| draft.conversation_id).collect()
        };
        assert!(conversations(&one).is_disjoint(&conversations(&other)));
        assert!(conversations(&one).len() > 400);
        let ids: std::collections::BTreeSet<i64> =
            one.iter().chain(&other).map(|draft| draft.id).collect();
        assert_eq!(ids.len(), 4_000);
    }
}
