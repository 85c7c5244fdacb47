//! The floor on PostgreSQL: the same rows by one constant statement over arrays, two connections.

use std::time::{Duration, Instant};

use anyhow::Result;
use async_trait::async_trait;
use gatewright_store::Database;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::super::Case;
use super::draft::{self, Draft, Drafts, Template};
use super::{BATCH, BATCH_NAME, NAME, WRITES};
use crate::bench::Bench;
use crate::cpu::{Meter, Watched};
use crate::database::Store;
use crate::histogram::Samples;
use crate::row::{About, Measured};

const LANES: u64 = 2;

const WRITE: &str = "
WITH r AS (
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
    $6::bigint[], $7::text[], $8::text[], $9::text[])
  AS r(id, conversation_id, seq, message_event_id, contact_event_id, at, content, message_snapshot,
    contact_snapshot)),
m AS (INSERT INTO messages (id, account_id, inbox_id, conversation_id, contact_inbox_id, seq,
    message_type, content, content_type, content_attributes, additional_attributes, private, status,
    source_id, sender_kind, sender_id, created_at, updated_at)
  SELECT id, 1, $10, conversation_id, conversation_id, seq, 0, content, 'text', '{}', '{}', false, 0,
    NULL, 0, conversation_id, at, at FROM r),
e AS (INSERT INTO events (id, account_id, inbox_id, conversation_id, message_id, name, occurred_at,
    origin, snapshot)
  SELECT message_event_id, 1, $10, conversation_id, id, 'message_created', at, $11, message_snapshot
  FROM r),
f AS (INSERT INTO events (id, account_id, contact_id, name, occurred_at, origin, snapshot)
  SELECT contact_event_id, 1, conversation_id, 'contact_updated', at, $11, contact_snapshot FROM r),
n AS (SELECT conversation_id, max(at) AS at, max(seq) AS seq, max(id) AS id
  FROM r GROUP BY conversation_id),
c AS (UPDATE conversations AS t SET last_activity_at = n.at, last_incoming_at = n.at,
    last_seq = n.seq, unread_count = 10, last_public_message_id = n.id,
    last_non_activity_message_id = n.id
  FROM n WHERE t.id = n.conversation_id AND t.id = ANY($2)),
k AS (UPDATE contacts AS t SET last_activity_at = n.at, updated_at = n.at
  FROM n WHERE t.id = n.conversation_id AND t.id = ANY($2))
SELECT 1";

/// Batches as large as the gateway's largest.
pub(super) struct ByHand;

#[async_trait]
impl Case for ByHand {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: BATCH_NAME.to_owned(),
            store: Some(Store::Postgres),
            writes: format!("{WRITES}; one statement over arrays, no HTTP, no reads"),
            limit: None,
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let (scratch, template) = draft::prepare(bench, Store::Postgres).await?;
        let db = scratch.open().await?;
        let batches = bench.size(200, 50);
        let mut lanes: Vec<Drafts> = (0..LANES)
            .map(|lane| Drafts::new(&template, lane, LANES))
            .collect();
        let mut latency = Samples::default();
        // Connections are open and the statement is prepared.
        both(&db, &template, &mut lanes, 5).await?;
        let meter = Meter::start(Watched {
            postmaster: scratch.postmaster,
            ..Watched::default()
        })?;
        let begun = Instant::now();
        for taken in both(&db, &template, &mut lanes, batches).await? {
            latency.add(taken);
        }
        let measured = Measured {
            operations: batches * LANES * u64::try_from(BATCH)?,
            seconds: begun.elapsed().as_secs_f64(),
            latency: latency.quantiles(),
            spent: meter.stop()?,
            ..Measured::default()
        };
        db.close().await?;
        scratch.drop().await?;
        Ok(measured)
    }
}

async fn both(
    db: &Database,
    template: &Template,
    lanes: &mut [Drafts],
    batches: u64,
) -> Result<Vec<Duration>> {
    let lanes = lanes.iter_mut().map(|drafts| async move {
        let mut taken = Vec::new();
        for _ in 0..batches {
            let sent = Instant::now();
            write(db, template, &drafts.take(BATCH)).await?;
            taken.push(sent.elapsed());
        }
        anyhow::Ok(taken)
    });
    let taken = futures_util::future::try_join_all(lanes).await?;
    Ok(taken.into_iter().flatten().collect())
}

async fn write(db: &Database, template: &Template, drafts: &[Draft]) -> Result<()> {
    let numbers = |of: fn(&Draft) -> i64| Value::from(drafts.iter().map(of).collect::<Vec<i64>>());
    let texts = |text: &String| Value::from(vec![text.clone(); drafts.len()]);
    let values = [
        numbers(|draft| draft.id),
        numbers(|draft| draft.conversation_id),
        numbers(|draft| draft.seq),
        numbers(|draft| draft.message_event_id),
        numbers(|draft| draft.contact_event_id),
        numbers(|draft| draft.at),
        texts(&template.content),
        texts(&template.message_snapshot),
        texts(&template.contact_snapshot),
        template.inbox_id.into(),
        template.origin.clone().into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, WRITE, values);
    db.write().execute_raw(statement).await?;
    Ok(())
}
