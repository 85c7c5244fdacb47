//! A backlog that a start of the gateway finds.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use gatewright_store::Dialect;
use sea_orm::ConnectionTrait;

use super::super::Case;
use super::{NAME, posts};
use crate::bench::Bench;
use crate::clock::now_us;
use crate::cpu::{Meter, Watched};
use crate::database::{Scratch, Store, text};
use crate::gateway::{Gateway, Start};
use crate::load;
use crate::receiver::{Group, Receiver, Report};
use crate::row::{About, Measured};
use crate::world::{Wish, World};

const PATIENCE: Duration = Duration::from_mins(5);

pub(super) struct Backlog {
    pub(super) store: Store,
}

#[async_trait]
impl Case for Backlog {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: "from a backlog".to_owned(),
            store: Some(self.store),
            writes: "for each webhook of one receiver: leased, posted, its row updated; 1,000 \
                     lanes. Counted from the start of the gateway"
                .to_owned(),
            limit: Some(posts::limit()),
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let deliveries = bench.size(20_000, 5_000);
        let wish = Wish {
            receivers: &[(Group::Quick, 1)],
            ..Wish::new(self.store)
        };
        let mut world = World::make(bench, wish).await?;
        load::burst(&world.target(), 1, 1).await?;
        world
            .receiver()?
            .wait(Group::Quick, 1, Duration::from_secs(10))
            .await?;
        let receiver = world.receiver.take().context("it was wished for")?;
        let token = world.gateway.token.clone();
        let scratch = world.stop().await?;
        queue(&scratch, deliveries).await?;
        receiver.reset().await?;
        let measured = drain(bench, &scratch, &receiver, &token, deliveries).await?;
        scratch.drop().await?;
        Ok(measured)
    }
}

async fn drain(
    bench: &Bench,
    scratch: &Scratch,
    receiver: &Receiver,
    token: &str,
    deliveries: u64,
) -> Result<Measured> {
    let watched = Watched {
        postmaster: scratch.postmaster,
        receiver: receiver.pid(),
        ..Watched::default()
    };
    let (meter, begun_us) = (Meter::start(watched)?, now_us());
    let gateway = Gateway::start(Start {
        binary: &bench.gateway,
        database_url: &scratch.url,
        folder: scratch.folder(),
        log: &bench.log(),
        token: Some(token),
        settings: &[],
    })
    .await?;
    let report = receiver.wait(Group::Quick, deliveries, PATIENCE).await?;
    // The gateway's process began after the meter: all of its CPU counts.
    let mut spent = meter.stop()?;
    let pid = gateway.pid().context("the gateway runs")?;
    spent.gateway_s = crate::cpu::spent_by(pid);
    if report.received != deliveries {
        bail!("{} of {deliveries} webhooks came", report.received);
    }
    let memory_mib = crate::cpu::memory_mib(pid)?.1;
    gateway.kill().await?;
    let last = Duration::from_micros(report.last_us.saturating_sub(begun_us));
    Ok(Measured {
        operations: deliveries,
        seconds: last.as_secs_f64(),
        latency: None,
        spent,
        memory_mib: Some(memory_mib),
        more: spread(&report, begun_us),
    })
}

/// When the webhooks came, counted from the start. All copies carry the time of one message.
fn spread(report: &Report, begun_us: u64) -> Vec<(&'static str, f64)> {
    let Some(latency) = report.latency else {
        return Vec::new();
    };
    let last_ms = Duration::from_micros(report.last_us.saturating_sub(begun_us));
    let before_ms = latency.max_ms - last_ms.as_secs_f64() * 1000.0;
    vec![
        ("half after s", (latency.p50_ms - before_ms) / 1000.0),
        ("99 % after s", (latency.p99_ms - before_ms) / 1000.0),
    ]
}

/// Multiplies the one delivered webhook: each copy its own event and number, spread over lanes.
async fn queue(scratch: &Scratch, deliveries: u64) -> Result<()> {
    let db = scratch.open().await?;
    let conn = db.write();
    let find = "SELECT CAST(max(event_id) AS text) FROM deliveries";
    let event = text(conn, find).await?.context("a delivery")?;
    let find = format!("SELECT snapshot FROM events WHERE id = {event}");
    let snapshot = text(conn, &find).await?.context("its event")?;
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {deliveries})"
    );
    let mark = load::MARK;
    let first = 1_000_000;
    let snapshot = snapshot.replace('\'', "''");
    let mut statements = vec![
        format!(
            "INSERT INTO events (id, account_id, inbox_id, conversation_id, contact_id, message_id, \
             name, occurred_at, origin, snapshot) {numbers} \
             SELECT {first} + n.i, account_id, inbox_id, conversation_id, contact_id, message_id, \
             name, occurred_at, origin, replace('{snapshot}', '{mark}0 ', '{mark}' || n.i || ' ') \
             FROM n, events WHERE id = {event}"
        ),
        format!(
            "INSERT INTO deliveries (id, account_id, event_id, receiver_id, lane, state, due_at, \
             created_at) {numbers} SELECT {first} + n.i, account_id, {first} + n.i, receiver_id, \
             n.i % 1000 + 1, 0, due_at, created_at FROM n, deliveries WHERE event_id = {event}"
        ),
    ];
    statements.push(
        match db.dialect() {
            Dialect::Sqlite => {
                "UPDATE sequences SET value = 2000000 WHERE name IN ('events', 'deliveries')"
            }
            Dialect::Postgres => {
                "SELECT setval('events_id_seq', 2000000), setval('deliveries_id_seq', 2000000)"
            }
        }
        .to_owned(),
    );
    if db.dialect() == Dialect::Postgres {
        statements.push("VACUUM ANALYZE".to_owned());
    }
    for statement in statements {
        conn.execute_unprepared(&statement).await?;
    }
    db.close().await?;
    Ok(())
}
