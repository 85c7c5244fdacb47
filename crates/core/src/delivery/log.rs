use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_store::Dialect;
use gatewright_store::entity::events;
use gatewright_store::hot::delivery::{self as hot, EventRow};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::claimed::event_of;
use crate::caller::Caller;
use crate::error::Result;
use crate::event::{Event, EventName};
use crate::ids::{AccountId, EventId};
use crate::kernel::Kernel;

/// Reads events in the order of their ids, so that a reader who remembers the last id misses none.
/// Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct EventLog {
    kernel: Arc<Kernel>,
    horizon: Arc<Mutex<Horizon>>,
}

/// Some events and where to go on.
#[derive(Debug, Clone)]
pub struct EventPage {
    /// The events, the oldest first.
    pub events: Vec<Event>,
    /// Cursor of the next page.
    pub next: EventId,
    /// Whether there may be more right now.
    pub more: bool,
}

/// Most events of a page.
const PAGE_MAX: u64 = 100;

/// Pairs remembered; more only make the horizon finer.
const PAIRS_MAX: usize = 64;

/// Up to which id no event can appear any more.
///
/// Transactions commit in another order than they draw ids. A pair (L, X) notes that ids up to L
/// were drawn by transactions below X. Whoever draws an id holds a row lock and so has a
/// transaction id already; when all transactions below X have ended, no id up to L is outstanding.
#[derive(Debug, Default)]
struct Horizon {
    safe: i64,
    pairs: VecDeque<(i64, u64)>,
}

impl Horizon {
    /// Whether a pair for this id tells more than those known.
    fn wants(&self, last: i64) -> bool {
        let known = self.pairs.back().map_or(self.safe, |(known, _)| *known);
        last > known && self.pairs.len() < PAIRS_MAX
    }

    /// Notes a pair, if it is wanted, and tells what is safe while `oldest` is the lowest
    /// transaction that runs.
    fn note(&mut self, last: i64, begun: Option<u64>, oldest: u64) -> i64 {
        if let Some(begun) = begun.filter(|_| self.wants(last)) {
            self.pairs.push_back((last, begun));
        }
        while let Some((known, _)) = self.pairs.front().filter(|(_, begun)| oldest >= *begun) {
            self.safe = self.safe.max(*known);
            self.pairs.pop_front();
        }
        self.safe
    }
}

impl EventLog {
    /// The log.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self {
            kernel,
            horizon: Arc::default(),
        }
    }

    /// Events of the caller's account after a cursor, for administrators. No names are all names.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for everybody but administrators.
    pub async fn events(
        &self,
        caller: &Caller,
        after: EventId,
        limit: u64,
        names: &[EventName],
    ) -> Result<EventPage> {
        caller.require_administrator()?;
        self.read(caller.account_id(), after, limit, names).await
    }

    /// Events of an account after a cursor.
    ///
    /// # Errors
    /// Database errors, and events that cannot be read.
    pub async fn read(
        &self,
        account: AccountId,
        after: EventId,
        limit: u64,
        names: &[EventName],
    ) -> Result<EventPage> {
        let safe = self.horizon().await?;
        let limit = Ord::min(limit, PAGE_MAX).max(1);
        let mut query = events::Entity::find()
            .filter(events::Column::AccountId.eq(account.get()))
            .filter(events::Column::Id.gt(after.get()))
            .filter(events::Column::Id.lte(safe.get()));
        if !names.is_empty() {
            query = query.filter(events::Column::Name.is_in(names.iter().map(|n| n.as_str())));
        }
        let rows = query
            .order_by_asc(events::Column::Id)
            .limit(limit)
            .all(self.kernel.db.read())
            .await?;
        let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) == limit;
        let events: Vec<Event> = rows
            .into_iter()
            .map(|row| event_of(&hot_row(row)))
            .collect::<Result<_>>()?;
        let next = match events.last() {
            Some(last) if more => last.id,
            _ => Ord::max(after, safe),
        };
        Ok(EventPage { events, next, more })
    }

    /// The highest id up to which every event is visible. It never goes back.
    ///
    /// # Errors
    /// Database errors.
    pub async fn horizon(&self) -> Result<EventId> {
        let conn = self.kernel.db.read();
        if self.kernel.db.dialect() == Dialect::Sqlite {
            // One writer draws and commits: what is visible is all there is below it.
            let newest = events::Entity::find()
                .select_only()
                .column(events::Column::Id)
                .order_by_desc(events::Column::Id)
                .limit(1)
                .into_tuple::<i64>()
                .one(conn)
                .await?;
            return Ok(EventId(newest.unwrap_or(0)));
        }
        // The order matters: ids first, then who has begun, then who is running.
        let last = hot::last_event(conn).await?;
        let wanted = self.known().wants(last);
        let begun = if wanted {
            Some(hot::begun(conn).await?)
        } else {
            None
        };
        let oldest = hot::oldest_running(conn).await?;
        Ok(EventId(self.known().note(last, begun, oldest)))
    }

    fn known(&self) -> MutexGuard<'_, Horizon> {
        self.horizon.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row of the entity as the hot statements give it.
pub(super) fn hot_row(row: events::Model) -> EventRow {
    EventRow {
        id: row.id,
        account_id: row.account_id,
        message_id: row.message_id,
        name: row.name,
        occurred_at: row.occurred_at,
        origin: row.origin,
        snapshot: row.snapshot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_handed_out_when_everybody_who_drew_them_has_ended() {
        let mut horizon = Horizon::default();
        assert_eq!(
            horizon.note(10, Some(105), 100),
            0,
            "100 to 104 may still write ids up to 10"
        );
        assert_eq!(horizon.note(20, Some(110), 104), 0);
        assert_eq!(horizon.note(30, Some(112), 105), 10);
        assert_eq!(horizon.note(30, None, 111), 20);
        assert_eq!(horizon.note(31, Some(113), 114), 31, "nobody is running");
    }

    #[test]
    fn only_new_ids_are_worth_a_pair() {
        let mut horizon = Horizon::default();
        assert!(!horizon.wants(0));
        assert!(horizon.wants(10));
        horizon.note(10, Some(105), 100);
        assert!(!horizon.wants(10));
        assert!(horizon.wants(11));
    }
}
