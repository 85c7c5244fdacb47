//! Ended deliveries are sent again, one or many.

use std::collections::BTreeSet;

use gatewright_store::entity::{deliveries, events, receivers};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef,
};

use super::record::in_state;
use super::{Deliveries, DeliveryState, DeliveryWithAttempts, requeue};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{AccountId, DeliveryId, MessageId, ReceiverId};
use crate::outbox::Recorded;
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;
use crate::transaction::transact;

/// Deliveries per transaction.
const BATCH: u64 = 100;

/// Deliveries per call of [`Deliveries::replay_range`].
const CALL: u64 = 5_000;

/// Which ended deliveries to send again. What is not set does not matter, but one of receiver,
/// first id and earliest time must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplayRange {
    /// To this receiver.
    pub receiver_id: Option<ReceiverId>,
    /// How they ended: `Dead` when absent, or `Delivered`.
    pub state: Option<DeliveryState>,
    /// Ids from this one.
    pub from_id: Option<DeliveryId>,
    /// Ids up to this one, itself included.
    pub until_id: Option<DeliveryId>,
    /// Made at or after.
    pub since: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

/// What one call has queued again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many.
    pub queued: u64,
    /// First id of the next call; none when the range is done.
    pub next: Option<DeliveryId>,
}

impl Deliveries {
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
        self.queue_again(caller.account_id(), &[id.get()]).await?;
        self.kernel.dispatch().wake(&[found.receiver_id]);
        self.show(caller, id).await
    }

    /// Sends the deliveries of a range again, in the order of their ids and some per transaction,
    /// as [`Self::replay`] does. A long range takes several calls. What is for receivers that are
    /// not served is passed over.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::NotFound`] for an unknown receiver;
    /// [`Error::Unprocessable`] for one that is not served, for a range without a beginning, and
    /// for a state that is no end.
    pub async fn replay_range(&self, caller: &Caller, range: &ReplayRange) -> Result<Replayed> {
        caller.require_administrator()?;
        check(range)?;
        let account = caller.account_id();
        if let Some(receiver) = range.receiver_id {
            served(self.receiver_state(account, receiver).await?)?;
        }
        let mut rest = *range;
        let mut queued = 0;
        for _ in 0..CALL / BATCH {
            let batch = ended(self.kernel.db.read(), account, &rest).await?;
            let Some((last, _)) = batch.last() else {
                return Ok(Replayed { queued, next: None });
            };
            rest.from_id = Some(DeliveryId(last + 1));
            let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
            queued += self.queue_again(account, &ids).await?;
            let receivers: BTreeSet<_> = batch.iter().map(|(_, id)| ReceiverId(*id)).collect();
            let receivers: Vec<ReceiverId> = receivers.into_iter().collect();
            self.kernel.dispatch().wake(&receivers);
        }
        Ok(Replayed {
            queued,
            next: rest.from_id,
        })
    }

    pub(super) async fn receiver_state(
        &self,
        account: AccountId,
        receiver: ReceiverId,
    ) -> Result<ReceiverState> {
        let conn = self.kernel.db.read();
        let row = crate::receiver::repo::find(conn, account, receiver).await?;
        let row = row.ok_or(Error::NotFound)?;
        Ok(ReceiverState::from_code(row.state).unwrap_or(ReceiverState::Removed))
    }

    /// Messages that failed with these deliveries count as sent again.
    async fn queue_again(&self, account: AccountId, ids: &[i64]) -> Result<u64> {
        let kernel = &self.kernel;
        let (queued, recorded) =
            transact!(kernel, |tx| self.in_one(tx, account, ids).await).await?;
        recorded.publish(kernel);
        Ok(queued)
    }

    async fn in_one(
        &self,
        tx: &DatabaseTransaction,
        account: AccountId,
        ids: &[i64],
    ) -> Result<(u64, Recorded)> {
        // Conversations are locked before deliveries, as everywhere.
        let failed = failed_messages(tx, account, ids).await?;
        let recorded = crate::message::replayed_in(&self.kernel, tx, account, &failed).await?;
        let which = Condition::all()
            .add(deliveries::Column::AccountId.eq(account.get()))
            .add(deliveries::Column::Id.is_in(ids.iter().copied()));
        let queued = requeue(tx, which, self.kernel.steady()).await?;
        Ok((queued, recorded))
    }
}

fn check(range: &ReplayRange) -> Result<()> {
    let begins = range.receiver_id.is_some() || range.from_id.is_some() || range.since.is_some();
    if !begins {
        return Err(Error::Unprocessable(
            "one of receiver_id, from_id and since must be given".to_owned(),
        ));
    }
    match range.state {
        None | Some(DeliveryState::Dead | DeliveryState::Delivered) => Ok(()),
        Some(DeliveryState::Queued | DeliveryState::Leased) => Err(Error::Unprocessable(
            "state must be dead or delivered: what is open is on its way already".to_owned(),
        )),
    }
}

/// The next batch of a range: ids and receivers, by id.
async fn ended(
    conn: &impl ConnectionTrait,
    account: AccountId,
    range: &ReplayRange,
) -> Result<Vec<(i64, i64)>> {
    use deliveries::Column;
    let state = range.state.unwrap_or(DeliveryState::Dead);
    let served = [ReceiverState::Active.code(), ReceiverState::Probing.code()];
    let conditions = [
        range.receiver_id.map(|id| Column::ReceiverId.eq(id.get())),
        range.from_id.map(|id| Column::Id.gte(id.get())),
        range.until_id.map(|id| Column::Id.lte(id.get())),
        range.since.map(|time| Column::CreatedAt.gte(time.0)),
        range.until.map(|time| Column::CreatedAt.lt(time.0)),
    ];
    let mut query = deliveries::Entity::find()
        .join(JoinType::InnerJoin, receiver())
        .select_only()
        .columns([Column::Id, Column::ReceiverId])
        .filter(Column::AccountId.eq(account.get()))
        .filter(in_state(state))
        .filter(receivers::Column::State.is_in(served));
    for condition in conditions.into_iter().flatten() {
        query = query.filter(condition);
    }
    let found = query
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found)
}

/// The messages whose delivery to their own channel is among these dead letters, by id.
async fn failed_messages(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &[i64],
) -> Result<Vec<MessageId>> {
    use deliveries::Column;
    let event = deliveries::Entity::belongs_to(events::Entity)
        .from(Column::EventId)
        .to(events::Column::Id)
        .into();
    let found: Vec<Option<i64>> = deliveries::Entity::find()
        .join(JoinType::InnerJoin, event)
        .join(JoinType::InnerJoin, receiver())
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

fn receiver() -> RelationDef {
    deliveries::Entity::belongs_to(receivers::Entity)
        .from(deliveries::Column::ReceiverId)
        .to(receivers::Column::Id)
        .into()
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
