use anyhow::Context;
use gatewright::Operations;
use gatewright::core::Timestamp;
use gatewright::core::delivery::{DeliveryFilter, DeliveryRecord, DeliveryState, ReplayRange};
use gatewright::core::ids::{AccountId, DeliveryId, ReceiverId};
use serde_json::{Value, json};

use crate::cli::{Deliveries, DeliveriesList, DeliveriesRange, DeliveriesReplay};
use crate::output;

const COLUMNS: [&str; 9] = [
    "id",
    "state",
    "event",
    "receiver_id",
    "attempts",
    "next_attempt_at",
    "last_status",
    "last_error",
    "created_at",
];

pub(crate) async fn run(operations: &Operations, command: &Deliveries) -> anyhow::Result<()> {
    match command {
        Deliveries::List(options) => list(operations, options).await,
        Deliveries::Replay(DeliveriesReplay {
            id: Some(id),
            range: _,
        }) => {
            let replayed = operations.replay(DeliveryId(*id)).await;
            replayed.with_context(|| format!("delivery {id}"))?;
            output::line(&format!("delivery {id} is queued again"))
        }
        Deliveries::Replay(DeliveriesReplay { id: None, range }) => {
            let account = range.account.map(AccountId);
            let queued = operations.replay_range(account, &wanted(range)).await?;
            output::line(&format!("{queued} deliveries are queued again"))
        }
        Deliveries::Purge { receiver } => {
            let dead = operations.purge(ReceiverId(*receiver)).await;
            let dead = dead.with_context(|| format!("receiver {receiver}"))?;
            output::line(&format!("{dead} deliveries are dead letters now"))
        }
    }
}

fn wanted(range: &DeliveriesRange) -> ReplayRange {
    ReplayRange {
        receiver_id: range.receiver.map(ReceiverId),
        state: DeliveryState::from_name(&range.state),
        from_id: range.from.map(DeliveryId),
        until_id: range.to.map(DeliveryId),
        since: range.since,
        until: range.until,
    }
}

async fn list(operations: &Operations, options: &DeliveriesList) -> anyhow::Result<()> {
    let filter = DeliveryFilter {
        state: options.state.as_deref().and_then(DeliveryState::from_name),
        before: options.before.map(DeliveryId),
        limit: options.limit,
        ..DeliveryFilter::default()
    };
    let account = options.account;
    let found = operations.deliveries(AccountId(account), &filter).await;
    let found = found.with_context(|| format!("account {account}"))?;
    let rows: Vec<_> = found.iter().map(row).collect();
    output::rows(&COLUMNS, &rows, options.list.json)
}

fn row(delivery: &DeliveryRecord) -> Vec<Value> {
    vec![
        json!(delivery.id),
        json!(delivery.state),
        json!(delivery.event.as_str()),
        json!(delivery.receiver_id),
        json!(delivery.attempts),
        json!(delivery.next_attempt_at.map(Timestamp::iso)),
        json!(delivery.last_status),
        json!(delivery.last_error),
        json!(delivery.created_at.iso()),
    ]
}
