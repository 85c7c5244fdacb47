//! Turns: how many exchanges run at a time, with one receiver and in all. Who holds a place waits
//! for a turn, first come, first served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gatewright_core::ids::ReceiverId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of this node.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    per_receiver: usize,
    receivers: Mutex<HashMap<ReceiverId, Arc<Semaphore>>>,
}

/// The right to one exchange; dropping it lets the next begin.
#[derive(Debug)]
pub(crate) struct Turn {
    _receiver: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// Receivers that are remembered before those that nobody uses are forgotten.
const REMEMBERED: usize = 1024;

impl Turns {
    pub(crate) fn new(limit: usize, per_receiver: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limit.max(1))),
            per_receiver: per_receiver.max(1),
            receivers: Mutex::default(),
        }
    }

    /// The next turn; none if turns are given no more.
    pub(crate) async fn take(&self, receiver: ReceiverId) -> Option<Turn> {
        let own = self.of(receiver).acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn {
            _receiver: own,
            _all: all,
        })
    }

    fn of(&self, receiver: ReceiverId) -> Arc<Semaphore> {
        let mut receivers = self
            .receivers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if receivers.len() >= REMEMBERED && !receivers.contains_key(&receiver) {
            receivers.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let turns = receivers
            .entry(receiver)
            .or_insert_with(|| Arc::new(Semaphore::new(self.per_receiver)));
        Arc::clone(turns)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const A: ReceiverId = ReceiverId(1);
    const B: ReceiverId = ReceiverId(2);

    async fn now(turns: &Turns, receiver: ReceiverId) -> Option<Turn> {
        let turn = timeout(Duration::from_millis(1), turns.take(receiver)).await;
        turn.ok().flatten()
    }

    #[tokio::test(start_paused = true)]
    async fn exchanges_are_limited_per_receiver_and_for_all() {
        let turns = Turns::new(3, 2);
        let first = now(&turns, A).await.unwrap();
        let second = now(&turns, A).await.unwrap();
        assert!(now(&turns, A).await.is_none(), "two with one receiver");
        let third = now(&turns, B).await.unwrap();
        assert!(now(&turns, B).await.is_none(), "three in all");
        drop(first);
        assert!(now(&turns, B).await.is_some());
        drop((second, third));
    }

    #[tokio::test(start_paused = true)]
    async fn receivers_without_exchanges_are_forgotten() {
        let turns = Turns::new(8, 2);
        let held = now(&turns, A).await.unwrap();
        for id in 2..=2 * i64::try_from(REMEMBERED).unwrap() {
            drop(now(&turns, ReceiverId(id)).await.unwrap());
        }
        let receivers = turns.receivers.lock().unwrap();
        assert!(receivers.len() <= REMEMBERED && receivers.contains_key(&A));
        drop(held);
    }
}
