use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_store::entity::{deliveries, events, receivers};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    DeliveryFilter, DeliveryRecord, DeliveryState, DeliveryWithAttempts, Trace, record, trace,
};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{AccountId, DeliveryId, MessageId, ReceiverId};
use crate::kernel::Kernel;
use crate::outbox::Recorded;
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;

/// What administrators see of deliveries, and what they can do about them.
#[derive(Clone)]
pub struct Deliveries {
    kernel: Arc<Kernel>,
}

/// Deliveries per transaction of a range.
const BATCH: u64 = 100;

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
    /// It is marked as a replay and holds nothing up.
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
        self.requeue(caller.account_id(), &[id.get()]).await?;
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
            replayed += self.requeue(account, &ids).await?;
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

    /// Queues ended deliveries again. They are late from the start: what left its lane never
    /// returns to it. Messages that failed with them count as sent again.
    async fn requeue(&self, account: AccountId, ids: &[i64]) -> Result<u64> {
        use deliveries::Column;
        let ended = [DeliveryState::Delivered.code(), DeliveryState::Dead.code()];
        let unique: BTreeSet<i64> = ids.iter().copied().collect();
        let tx = self.kernel.db.begin_write().await?;
        let mut recorded = Recorded::default();
        // Conversations are locked before deliveries, as everywhere.
        for message_id in failed_messages(&tx, account, &unique).await? {
            recorded.merge(crate::message::replayed_in(&self.kernel, &tx, message_id).await?);
        }
        let result = deliveries::Entity::update_many()
            .col_expr(Column::State, Expr::value(DeliveryState::Queued.code()))
            .col_expr(Column::Late, Expr::value(true))
            .col_expr(Column::Attempts, Expr::value(0_i32))
            .col_expr(Column::DueAt, Expr::value(self.kernel.now().0))
            .col_expr(Column::FinishedAt, Expr::value(Option::<i64>::None))
            .col_expr(Column::Replays, Expr::col(Column::Replays).add(1))
            .filter(Column::AccountId.eq(account.get()))
            .filter(Column::Id.is_in(unique))
            .filter(Column::State.is_in(ended))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        recorded.publish(&self.kernel);
        Ok(result.rows_affected)
    }
}

/// The messages whose delivery to their own channel is among these dead letters, by id.
async fn failed_messages(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &BTreeSet<i64>,
) -> Result<Vec<MessageId>> {
    use deliveries::Column;
    let event = deliveries::Entity::belongs_to(events::Entity)
        .from(Column::EventId)
        .to(events::Column::Id)
        .into();
    let receiver = deliveries::Entity::belongs_to(receivers::Entity)
        .from(Column::ReceiverId)
        .to(receivers::Column::Id)
        .into();
    let found: Vec<Option<i64>> = deliveries::Entity::find()
        .join(JoinType::InnerJoin, event)
        .join(JoinType::InnerJoin, receiver)
        .select_only()
        .column(events::Column::MessageId)
        .filter(Column::AccountId.eq(account.get()))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(DeliveryState::Dead.code()))
        .filter(events::Column::Name.eq(EventName::MessageCreated.as_str()))
        .filter(receivers::Column::Kind.eq(ReceiverKind::Channel.code()))
        .order_by_asc(events::Column::MessageId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().flatten().map(MessageId).collect())
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
