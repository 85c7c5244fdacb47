use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

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
/// were drawn before transaction X began. Whoever draws an id holds a row lock and so has a
/// transaction id already; when all transactions below X have ended, no id up to L is outstanding.
#[derive(Debug, Default)]
struct Horizon {
    safe: i64,
    pairs: VecDeque<(i64, u64)>,
}

impl Horizon {
    fn note(&mut self, last: i64, xmin: u64, xmax: u64) -> i64 {
        let newer = self
            .pairs
            .back()
            .map_or(last > self.safe, |(known, _)| last > *known);
        if newer && self.pairs.len() < PAIRS_MAX {
            self.pairs.push_back((last, xmax));
        }
        while let Some((known, _)) = self.pairs.front().filter(|(_, begun)| xmin >= *begun) {
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
        // The order matters: ids first, then who is running.
        let last = hot::last_event(conn).await?;
        let (xmin, xmax) = hot::running(conn).await?;
        let mut horizon = self.horizon.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(EventId(horizon.note(last, xmin, xmax)))
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
            horizon.note(10, 100, 105),
            0,
            "100 to 104 may still write ids up to 10"
        );
        assert_eq!(horizon.note(20, 104, 110), 0);
        assert_eq!(horizon.note(30, 105, 112), 10);
        assert_eq!(horizon.note(30, 111, 112), 20);
        assert_eq!(horizon.note(31, 113, 113), 31, "nobody is running");
    }
}
