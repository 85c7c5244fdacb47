//! The log forgets. No index leads from a subject to its events, which would cost every message that
//! is stored; so the account's log is looked through, once for all that is to be erased in it.

use std::collections::{BTreeMap, HashMap, HashSet};

use gatewright_store::entity::{deliveries, erasures, events};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{CONTACT, CONVERSATION, contact_of_row};
use crate::delivery::DeliveryState;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::transaction::transact;

/// Subjects that are looked for together.
const SUBJECTS: u64 = 500;

/// Events that are looked at, per event that may be erased.
const LOOKED_AT: u64 = 5;

/// `(kind, id)` of a subject.
type Key = (i16, i64);

/// One window of one account's log; whether there is more to do now.
pub(super) async fn forget_some(kernel: &Kernel) -> Result<bool> {
    let due = due(kernel).await?;
    let Some((account, from)) = due
        .iter()
        .map(|row| (row.account_id, row.after_event))
        .min()
    else {
        return Ok(false);
    };
    let subjects: HashSet<Key> = due
        .iter()
        .filter(|row| row.account_id == account)
        .map(|row| (row.kind, row.subject_id))
        .collect();
    let window = Window::read(kernel, account, from, &subjects).await?;
    transact!(kernel, |tx| {
        let held = erase(tx, window.found.keys().copied().collect()).await?;
        window.advance(kernel, tx, &subjects, &held).await
    })
    .await?;
    Ok(true)
}

/// Subjects that are gone and whose turn it is.
async fn due(kernel: &Kernel) -> Result<Vec<erasures::Model>> {
    let gone = Condition::any()
        .add(erasures::Column::Kind.ne(CONTACT))
        .add(Expr::exists(contact_of_row()).not());
    Ok(erasures::Entity::find()
        .filter(erasures::Column::DueAt.lte(kernel.now().0))
        .filter(gone)
        .order_by_asc(erasures::Column::DueAt)
        .limit(SUBJECTS)
        .all(kernel.db.read())
        .await?)
}

/// A part of an account's log.
struct Window {
    /// Events of subjects, and whose they are.
    found: BTreeMap<i64, Vec<Key>>,
    /// The last event that was looked at; `None` at the end of the log.
    last: Option<i64>,
}

impl Window {
    /// As much of the log as is worth a transaction.
    async fn read(
        kernel: &Kernel,
        account: i64,
        from: i64,
        subjects: &HashSet<Key>,
    ) -> Result<Self> {
        let (batch, limit) = (kernel.batch(), kernel.batch() * LOOKED_AT);
        let rows: Vec<(i64, Option<i64>, Option<i64>)> = events::Entity::find()
            .select_only()
            .columns([
                events::Column::Id,
                events::Column::ContactId,
                events::Column::ConversationId,
            ])
            .filter(events::Column::AccountId.eq(account))
            .filter(events::Column::Id.gt(from))
            .order_by_asc(events::Column::Id)
            .limit(limit)
            .into_tuple()
            .all(kernel.db.read())
            .await?;
        let mut window = Self {
            found: BTreeMap::new(),
            last: None,
        };
        let whole = u64::try_from(rows.len()).is_ok_and(|len| len < limit);
        for (id, contact, conversation) in rows {
            let of_contact = contact.map(|id| (CONTACT, id));
            let of_conversation = conversation.map(|id| (CONVERSATION, id));
            let keys: Vec<Key> = of_contact
                .into_iter()
                .chain(of_conversation)
                .filter(|key| subjects.contains(key))
                .collect();
            if !keys.is_empty() {
                window.found.insert(id, keys);
            }
            window.last = Some(id);
            if u64::try_from(window.found.len()).is_ok_and(|len| len >= batch) {
                return Ok(window);
            }
        }
        if whole {
            window.last = None;
        }
        Ok(window)
    }

    /// Notes how far the subjects are. One that is held waits before its first held event.
    async fn advance(
        &self,
        kernel: &Kernel,
        tx: &DatabaseTransaction,
        subjects: &HashSet<Key>,
        held: &[i64],
    ) -> Result<()> {
        let mut waiting: HashMap<Key, i64> = HashMap::new();
        for id in held {
            for key in self.found.get(id).into_iter().flatten() {
                let first = waiting.entry(*key).or_insert(*id);
                *first = std::cmp::min(*first, *id);
            }
        }
        let again = kernel.now().plus(kernel.config.retention.interval).0;
        for ((kind, id), first) in &waiting {
            erasures::Entity::update_many()
                .col_expr(erasures::Column::AfterEvent, Expr::value(first - 1))
                .col_expr(erasures::Column::DueAt, Expr::value(again))
                .filter(erasures::Column::Kind.eq(*kind))
                .filter(erasures::Column::SubjectId.eq(*id))
                .exec(tx)
                .await?;
        }
        for kind in [CONTACT, CONVERSATION] {
            let done = subjects
                .iter()
                .filter(|key| key.0 == kind && !waiting.contains_key(*key))
                .map(|key| key.1);
            self.step(tx, kind, done.collect()).await?;
        }
        Ok(())
    }

    /// Moves subjects on that are not held; at the end of the log they are forgotten themselves.
    async fn step(&self, tx: &DatabaseTransaction, kind: i16, ids: Vec<i64>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        match self.last {
            Some(last) => {
                erasures::Entity::update_many()
                    .col_expr(erasures::Column::AfterEvent, Expr::value(last))
                    .filter(erasures::Column::Kind.eq(kind))
                    .filter(erasures::Column::SubjectId.is_in(ids))
                    .filter(erasures::Column::AfterEvent.lt(last))
                    .exec(tx)
                    .await?;
            }
            None => {
                erasures::Entity::delete_many()
                    .filter(erasures::Column::Kind.eq(kind))
                    .filter(erasures::Column::SubjectId.is_in(ids))
                    .exec(tx)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Removes events with their ended deliveries and attempts. Answers those that something is still to
/// be delivered of.
async fn erase(tx: &DatabaseTransaction, ids: Vec<i64>) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let ended = [DeliveryState::Delivered.code(), DeliveryState::Dead.code()];
    deliveries::Entity::delete_many()
        .filter(deliveries::Column::EventId.is_in(ids.iter().copied()))
        .filter(deliveries::Column::State.is_in(ended))
        .exec(tx)
        .await?;
    let open: Vec<i64> = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::EventId)
        .filter(deliveries::Column::EventId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    events::Entity::delete_many()
        .filter(events::Column::Id.is_in(ids))
        .filter(events::Column::Id.is_not_in(open.iter().copied()))
        .exec(tx)
        .await?;
    Ok(open)
}
