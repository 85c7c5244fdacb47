//! Places: how many deliveries this node holds at a time, and which receivers wait to be looked at.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_core::dispatch::Slot;
use gatewright_core::ids::ReceiverId;
use tokio::sync::Notify;

/// The places of this node. A place is held from the claim until the outcome is written. None is
/// given while the events that are on their way hold too many bytes; they get known only after a
/// place was given, so the ceiling is passed by what one look takes.
///
/// A receiver that is quick gets more places than it has turns, so that the next exchanges can
/// begin while the outcomes of the last ones are being written and others are being claimed.
#[derive(Debug)]
pub(crate) struct Desk {
    state: Mutex<State>,
    limit: usize,
    /// Places of a receiver that has not shown yet how quick it is.
    narrow: usize,
    /// Places of a quick receiver.
    wide: usize,
    limit_bytes: usize,
    work: Notify,
    quiet: Notify,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    total: usize,
    /// Of the events that are on their way.
    bytes: usize,
    used: HashMap<ReceiverId, usize>,
    /// Places of receivers that have more than the narrow number.
    windows: HashMap<ReceiverId, usize>,
    paused: HashSet<ReceiverId>,
    /// To be looked at; true when this node queued something itself.
    wanted: BTreeMap<ReceiverId, bool>,
    /// Have more than there are places for.
    starved: HashSet<ReceiverId>,
    claiming: bool,
}

/// Places of all receivers, for each exchange at a time.
const AHEAD: usize = 8;

/// Places of a quick receiver, for each exchange at a time.
const AHEAD_PER_RECEIVER: usize = 64;

/// Who waits less than this for its turn, proves that its receiver is quick.
const QUICK: Duration = Duration::from_millis(100);

/// Who waits longer than this, proves that its receiver has too many places.
const SLOW: Duration = Duration::from_millis(500);

impl Desk {
    /// A desk for so many exchanges at a time, in all and per receiver.
    pub(crate) fn new(exchanges: usize, per_receiver: usize, limit_bytes: usize) -> Arc<Self> {
        let exchanges = exchanges.max(1);
        let limit = exchanges * AHEAD;
        let narrow = per_receiver.clamp(1, exchanges);
        Arc::new(Self {
            state: Mutex::default(),
            limit,
            narrow,
            wide: (narrow * AHEAD_PER_RECEIVER).min(limit / 2).max(narrow),
            limit_bytes: limit_bytes.max(1),
            work: Notify::new(),
            quiet: Notify::new(),
        })
    }

    /// A place for a delivery to this receiver, unless it is paused.
    pub(crate) fn take(self: &Arc<Self>, receiver: ReceiverId) -> Option<Slot> {
        let mut state = self.lock();
        if state.paused.contains(&receiver) {
            return None;
        }
        self.place(&mut state, receiver)
    }

    /// A place for what may be dropped: only while half of the receiver's places, and of all, are
    /// free, so that it never takes the last ones from what must arrive.
    pub(crate) fn take_spare(self: &Arc<Self>, receiver: ReceiverId) -> Option<Slot> {
        let mut state = self.lock();
        let used = state.used.get(&receiver).copied().unwrap_or(0);
        let scarce = used * 2 >= self.narrow || state.total * 2 >= self.limit;
        if scarce || state.paused.contains(&receiver) {
            return None;
        }
        self.place(&mut state, receiver)
    }

    /// A place for the probe of a paused receiver.
    pub(crate) fn take_for_probe(self: &Arc<Self>, receiver: ReceiverId) -> Option<Slot> {
        self.place(&mut self.lock(), receiver)
    }

    /// As many places as there are for this receiver.
    pub(crate) fn take_all(self: &Arc<Self>, receiver: ReceiverId) -> Vec<Slot> {
        let mut state = self.lock();
        std::iter::from_fn(|| self.place(&mut state, receiver)).collect()
    }

    fn place(self: &Arc<Self>, state: &mut State, receiver: ReceiverId) -> Option<Slot> {
        let used = state.used.get(&receiver).copied().unwrap_or(0);
        let window = self.window(state, receiver);
        if state.closed || self.is_full(state) || used >= window {
            return None;
        }
        state.total += 1;
        state.used.insert(receiver, used + 1);
        let desk = Arc::clone(self);
        Some(Slot::new(move || desk.release(receiver)))
    }

    fn window(&self, state: &State, receiver: ReceiverId) -> usize {
        state.windows.get(&receiver).copied().unwrap_or(self.narrow)
    }

    /// Notes how long a delivery waited for its turn: its receiver gets a place more or less.
    pub(crate) fn waited(&self, receiver: ReceiverId, wait: Duration) {
        let mut state = self.lock();
        let window = self.window(&state, receiver);
        let window = match wait {
            _ if wait < QUICK => (window + 1).min(self.wide),
            _ if wait > SLOW => window - 1,
            _ => return,
        };
        if window > self.narrow {
            state.windows.insert(receiver, window);
        } else {
            state.windows.remove(&receiver);
        }
    }

    /// Whether there is a place for nobody.
    fn is_full(&self, state: &State) -> bool {
        state.total >= self.limit || state.bytes >= self.limit_bytes
    }

    /// Notes the bytes of an event that is on its way, until the answer is dropped.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> HeldBytes {
        self.lock().bytes += bytes;
        let desk = Arc::clone(self);
        HeldBytes { desk, bytes }
    }

    fn release_bytes(&self, bytes: usize) {
        let mut state = self.lock();
        let full = self.is_full(&state);
        state.bytes = state.bytes.saturating_sub(bytes);
        if full && !self.is_full(&state) {
            Self::feed(&mut state);
            self.changed(&state);
        }
    }

    /// Has everybody looked at again who has more than there were places for.
    fn feed(state: &mut State) {
        for receiver in std::mem::take(&mut state.starved) {
            state.wanted.entry(receiver).or_insert(false);
        }
    }

    fn release(&self, receiver: ReceiverId) {
        let mut state = self.lock();
        let full = self.is_full(&state);
        state.total = state.total.saturating_sub(1);
        let left = state
            .used
            .get(&receiver)
            .map_or(0, |used| used.saturating_sub(1));
        if left == 0 {
            state.used.remove(&receiver);
        } else {
            state.used.insert(receiver, left);
        }
        if state.starved.remove(&receiver) {
            state.wanted.entry(receiver).or_insert(false);
        }
        if full {
            Self::feed(&mut state);
        }
        self.changed(&state);
    }

    /// Asks for these receivers to be looked at. `own`: this node queued something for them.
    pub(crate) fn want(&self, receivers: impl IntoIterator<Item = ReceiverId>, own: bool) {
        let mut state = self.lock();
        for receiver in receivers {
            *state.wanted.entry(receiver).or_insert(false) |= own;
        }
        self.changed(&state);
    }

    /// Notes that a receiver has more than there are places for; it is looked at again when one
    /// gets free.
    pub(crate) fn starve(&self, receiver: ReceiverId) {
        let mut state = self.lock();
        // The last place may have been freed meanwhile, and then nothing would free one later.
        let used = state.used.get(&receiver).copied().unwrap_or(0);
        if used < self.window(&state, receiver) && !self.is_full(&state) {
            state.wanted.entry(receiver).or_insert(false);
        } else {
            state.starved.insert(receiver);
        }
        self.changed(&state);
    }

    /// The receivers to look at now. Until [`Desk::claimed`] is called the node is not quiet.
    pub(crate) async fn work(&self) -> BTreeMap<ReceiverId, bool> {
        loop {
            let work = self.work.notified();
            {
                let mut state = self.lock();
                if !state.wanted.is_empty() {
                    state.claiming = true;
                    return std::mem::take(&mut state.wanted);
                }
            }
            work.await;
        }
    }

    /// Ends what [`Desk::work`] began.
    pub(crate) fn claimed(&self) {
        let mut state = self.lock();
        state.claiming = false;
        self.changed(&state);
    }

    /// No more births for this receiver until it is served again.
    pub(crate) fn pause(&self, receiver: ReceiverId) {
        self.lock().paused.insert(receiver);
    }

    /// Whether births are refused and what is leased waits for better times.
    pub(crate) fn is_paused(&self, receiver: ReceiverId) -> bool {
        self.lock().paused.contains(&receiver)
    }

    /// The receiver is served.
    pub(crate) fn resume(&self, receiver: ReceiverId) {
        self.lock().paused.remove(&receiver);
    }

    /// Gives no places any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    /// Whether places are given no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Places in use.
    pub(crate) fn in_use(&self) -> usize {
        self.lock().total
    }

    /// Resolves when no place is in use and no receiver waits to be looked at.
    pub(crate) async fn quiet(&self) {
        self.until(|state| state.total == 0 && state.wanted.is_empty() && !state.claiming)
            .await;
    }

    /// Resolves when no place is in use.
    pub(crate) async fn empty(&self) {
        self.until(|state| state.total == 0).await;
    }

    async fn until(&self, reached: impl Fn(&State) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.quiet.notified());
            changed.as_mut().enable();
            if reached(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn changed(&self, state: &State) {
        if !state.wanted.is_empty() {
            self.work.notify_one();
        }
        self.quiet.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of an event that is on its way.
pub(crate) struct HeldBytes {
    desk: Arc<Desk>,
    bytes: usize,
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.desk.release_bytes(self.bytes);
    }
}

#[cfg(test)]
mod tests;
