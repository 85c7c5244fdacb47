use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_store::entity::{deliveries, events, messages, receivers};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::{
    DeliveryFilter, DeliveryRecord, DeliveryState, DeliveryWithAttempts, Trace, record, trace,
};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::{EventName, Origin};
use crate::ids::{AccountId, DeliveryId, MessageId, ReceiverId};
use crate::kernel::Kernel;
use crate::model::MessageStatus;
use crate::outbox::Recorded;
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;
use crate::transaction::transact;

/// What administrators see of deliveries, and what they can do about them.
#[derive(Clone)]
pub struct Deliveries {
    kernel: Arc<Kernel>,
}

/// Deliveries per transaction of a range.
const BATCH: u64 = 500;

impl Deliveries {
    /// The service.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The deliveries that match, the newest first; the next page begins before the last id.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for everybody but administrators.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryRecord>> {
        caller.require_administrator()?;
        record::list(self.kernel.db.read(), caller.account_id(), filter).await
    }

    /// A delivery with its failed attempts.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for deliveries of other accounts.
    pub async fn show(&self, caller: &Caller, id: DeliveryId) -> Result<DeliveryWithAttempts> {
        caller.require_administrator()?;
        let conn = self.kernel.db.read();
        let found = record::find(conn, caller.account_id(), id).await?;
        let delivery = found.ok_or(Error::NotFound)?;
        let attempts = record::attempts_of(conn, id).await?;
        Ok(DeliveryWithAttempts { delivery, attempts })
    }

    /// Sends a delivery again that has ended, under the same `webhook-id` and with the same body.
    /// It is marked as a replay and holds nothing up. A message that failed with it is `sent` again.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Unprocessable`] for one that has not ended, or whose receiver
    /// is not served.
    pub async fn replay(&self, caller: &Caller, id: DeliveryId) -> Result<DeliveryWithAttempts> {
        let found = self.show(caller, id).await?.delivery;
        if !matches!(found.state, DeliveryState::Delivered | DeliveryState::Dead) {
            return Err(Error::Unprocessable(
                "Delivery is on its way already".to_owned(),
            ));
        }
        served(found.receiver_state)?;
        self.requeue(caller, &[id.get()]).await?;
        self.kernel.dispatch().wake(&[found.receiver_id]);
        self.show(caller, id).await
    }

    /// Replays every dead letter of a receiver that was made at or after `since`, and answers how
    /// many.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Unprocessable`] for a receiver that is not served.
    pub async fn replay_dead(
        &self,
        caller: &Caller,
        receiver_id: ReceiverId,
        since: Timestamp,
    ) -> Result<u64> {
        caller.require_administrator()?;
        let account = caller.account_id();
        let row = receivers::Entity::find_by_id(receiver_id.get())
            .filter(receivers::Column::AccountId.eq(account.get()))
            .one(self.kernel.db.read())
            .await?
            .ok_or(Error::NotFound)?;
        served(ReceiverState::from_code(row.state).unwrap_or(ReceiverState::Removed))?;
        let mut replayed = 0;
        loop {
            let ids: Vec<i64> = deliveries::Entity::find()
                .select_only()
                .column(deliveries::Column::Id)
                .filter(deliveries::Column::AccountId.eq(account.get()))
                .filter(deliveries::Column::State.eq(DeliveryState::Dead.code()))
                .filter(deliveries::Column::ReceiverId.eq(receiver_id.get()))
                .filter(deliveries::Column::CreatedAt.gte(since.0))
                .limit(BATCH)
                .into_tuple()
                .all(self.kernel.db.read())
                .await?;
            if ids.is_empty() {
                break;
            }
            replayed += self.requeue(caller, &ids).await?;
        }
        self.kernel.dispatch().wake(&[receiver_id]);
        Ok(replayed)
    }

    /// Every hop of a message: how it was stored, what was told of it, to whom, and how that went.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for messages of other accounts.
    pub async fn trace(&self, caller: &Caller, message_id: MessageId) -> Result<Trace> {
        caller.require_administrator()?;
        trace::of(self.kernel.db.read(), caller.account_id(), message_id).await
    }

    /// Queues ended deliveries again, and marks the messages as sent that failed with them.
    async fn requeue(&self, caller: &Caller, ids: &[i64]) -> Result<u64> {
        let (requeued, recorded) = transact!(self.kernel, |tx| {
            let failed = failed_with(tx, caller.account_id(), ids).await?;
            let requeued = queue(tx, caller.account_id(), ids, self.kernel.now()).await?;
            let mut recorded = Recorded::default();
            for message in failed {
                recorded.merge(self.restore(tx, caller.origin(None), message).await?);
            }
            Ok((requeued, recorded))
        })
        .await?;
        recorded.publish(&self.kernel);
        Ok(requeued)
    }

    async fn restore(
        &self,
        tx: &DatabaseTransaction,
        origin: Origin,
        message: i64,
    ) -> Result<Recorded> {
        crate::message::restore_in(&self.kernel, tx, origin, MessageId(message)).await
    }
}

/// Queues ended deliveries. They are late from the start: what left its lane never returns to it.
async fn queue(
    tx: &impl ConnectionTrait,
    account: AccountId,
    ids: &[i64],
    now: Timestamp,
) -> Result<u64> {
    use deliveries::Column;
    let ended = [DeliveryState::Delivered.code(), DeliveryState::Dead.code()];
    let unique: BTreeSet<i64> = ids.iter().copied().collect();
    let result = deliveries::Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Queued.code()))
        .col_expr(Column::Late, Expr::value(true))
        .col_expr(Column::Attempts, Expr::value(0_i32))
        .col_expr(Column::DueAt, Expr::value(now.0))
        .col_expr(Column::FinishedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Replays, Expr::col(Column::Replays).add(1))
        .filter(Column::AccountId.eq(account.get()))
        .filter(Column::Id.is_in(unique))
        .filter(Column::State.is_in(ended))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// The failed messages whose delivery to their own channel is among these and dead, by conversation.
async fn failed_with(
    tx: &impl ConnectionTrait,
    account: AccountId,
    ids: &[i64],
) -> Result<Vec<i64>> {
    let channels = receivers::Entity::find()
        .select_only()
        .column(receivers::Column::Id)
        .filter(receivers::Column::AccountId.eq(account.get()))
        .filter(receivers::Column::Kind.eq(ReceiverKind::Channel.code()))
        .into_query();
    let dead = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::EventId)
        .filter(deliveries::Column::Id.is_in(ids.iter().copied()))
        .filter(deliveries::Column::State.eq(DeliveryState::Dead.code()))
        .filter(deliveries::Column::ReceiverId.in_subquery(channels))
        .into_query();
    let told = events::Entity::find()
        .select_only()
        .column(events::Column::MessageId)
        .filter(events::Column::Id.in_subquery(dead))
        .filter(events::Column::Name.eq(EventName::MessageCreated.as_str()))
        .into_query();
    let failed = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::AccountId.eq(account.get()))
        .filter(messages::Column::Status.eq(MessageStatus::Failed.code()))
        .filter(messages::Column::Id.in_subquery(told))
        .order_by_asc(messages::Column::ConversationId)
        .order_by_asc(messages::Column::Id);
    Ok(failed.into_tuple().all(tx).await?)
}

fn served(state: ReceiverState) -> Result<()> {
    match state {
        ReceiverState::Active | ReceiverState::Probing => Ok(()),
        ReceiverState::Disabled | ReceiverState::Removed => Err(Error::Unprocessable(format!(
            "Receiver is {}",
            state.as_str()
        ))),
    }
}
