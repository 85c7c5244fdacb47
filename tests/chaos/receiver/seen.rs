//! What the receivers saw: which messages they took in which order, and which attempts of one lane
//! ran at the same time.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

/// What was accepted, by path and conversation: the messages' ids in the order in which each was
/// first accepted, and whether it was marked as late or replayed.
pub(crate) type Accepted = HashMap<(String, i64), Vec<(i64, bool)>>;

/// An attempt whose sender died is read to its end some moments later; for so long it may stand
/// beside the next one of its lane, if it is never answered.
const AFTERLIFE: Duration = Duration::from_millis(500);

/// What all receivers saw.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    accepted: Accepted,
    /// Messages that may have been taken for accepted, by path.
    perhaps: HashSet<(String, i64)>,
    next: u64,
    /// Attempts that run, by lane.
    running: HashMap<(String, i64), Vec<(u64, String)>>,
    beside: Vec<Beside>,
    wrong: Vec<String>,
}

/// Two attempts of a lane at the same time.
struct Beside {
    attempts: [u64; 2],
    /// How many of the two were answered.
    answered: usize,
    since: Instant,
    what: String,
}

/// An attempt as it comes in.
pub(crate) struct Attempt {
    pub(super) path: String,
    /// The conversation, or minus the contact.
    lane: i64,
    id: String,
    /// The message's id, with `message_created`.
    created: Option<i64>,
    /// The message's id, or 1.
    pub(super) message: i64,
    number: u32,
    late: bool,
    replay: bool,
}

/// How an attempt ended, as the receiver sees it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum End {
    Accepted,
    Refused,
    /// The answer said yes and broke off.
    Perhaps,
}

/// An attempt that runs.
pub(super) struct Visit {
    seen: Arc<Seen>,
    attempt: Attempt,
    number: u64,
    ended: bool,
}

impl Attempt {
    /// Reads a request of the gateway; none for anything else.
    pub(super) fn read(head: &Parts, body: &Bytes) -> Option<Self> {
        let text = |name| head.headers.get(name)?.to_str().ok();
        let value: Value = serde_json::from_slice(body).ok()?;
        let event = text("x-gatewright-event")?;
        let of = |value: &Value| value["id"].as_i64();
        let lane = if event.starts_with("message_") {
            of(&value["conversation"])
        } else if event.starts_with("conversation_") {
            of(&value)
        } else {
            of(&value).map(|id| -id)
        };
        let created = of(&value).filter(|_| event == "message_created");
        Some(Self {
            path: head.uri.path().to_owned(),
            lane: lane?,
            id: text("webhook-id")?.to_owned(),
            created,
            message: created.unwrap_or(1),
            number: text("x-gatewright-attempt")?.parse().ok()?,
            late: text("x-gatewright-late").is_some(),
            replay: text("x-gatewright-replay").is_some(),
        })
    }

    fn marked(&self) -> bool {
        self.late || self.replay
    }
}

impl Seen {
    pub(super) fn begin(seen: &Arc<Self>, attempt: Attempt) -> Visit {
        let mut inner = seen.lock();
        inner.next += 1;
        let number = inner.next;
        if !attempt.marked() {
            inner.stand_beside(number, &attempt);
        }
        drop(inner);
        Visit {
            seen: Arc::clone(seen),
            attempt,
            number,
            ended: false,
        }
    }

    /// A request that is no delivery.
    pub(super) fn stray(&self, path: &str) {
        self.lock().wrong(format!("a request to {path}"));
    }

    pub(crate) fn accepted(&self) -> Accepted {
        self.lock().accepted.clone()
    }

    /// Every message that a path may rightly be said to have.
    pub(crate) fn all(&self) -> HashSet<(String, i64)> {
        let inner = self.lock();
        let accepted = inner
            .accepted
            .iter()
            .flat_map(|((path, _), ids)| ids.iter().map(|(id, _)| (path.clone(), *id)));
        accepted.chain(inner.perhaps.iter().cloned()).collect()
    }

    /// What no receiver should see.
    pub(crate) fn wrongs(&self) -> Vec<String> {
        let inner = self.lock();
        let beside = inner.beside.iter().filter(|pair| pair.is_wrong());
        let beside = beside.map(|pair| pair.what.clone());
        inner.wrong.iter().cloned().chain(beside).collect()
    }

    fn end(&self, attempt: &Attempt, number: u64, end: Option<End>) {
        let mut inner = self.lock();
        let lane = (attempt.path.clone(), attempt.lane);
        if let Some(running) = inner.running.get_mut(&lane) {
            running.retain(|(known, _)| *known != number);
        }
        inner.part(number, end.is_some());
        let Some(id) = attempt.created else { return };
        match end {
            Some(End::Accepted) => {
                let marked = attempt.marked();
                let seen = inner.accepted.entry(lane).or_default();
                if !seen.iter().any(|(known, _)| *known == id) {
                    seen.push((id, marked));
                }
            }
            Some(End::Perhaps) => {
                inner.perhaps.insert((attempt.path.clone(), id));
            }
            Some(End::Refused) | None => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn stand_beside(&mut self, number: u64, attempt: &Attempt) {
        let lane = (attempt.path.clone(), attempt.lane);
        let shown = format!("{} attempt {}", attempt.id, attempt.number);
        let running = self.running.entry(lane).or_default();
        for (other, theirs) in running.iter() {
            self.beside.push(Beside {
                attempts: [*other, number],
                answered: 0,
                since: Instant::now(),
                what: format!(
                    "{}, lane {}: {theirs} and {shown} ran at the same time",
                    attempt.path, attempt.lane
                ),
            });
        }
        running.push((number, shown));
    }

    /// An attempt ended. Of a pair, one that was cut off soon was its dead sender's.
    fn part(&mut self, number: u64, answered: bool) {
        self.beside.retain_mut(|pair| {
            if !pair.attempts.contains(&number) {
                return true;
            }
            pair.answered += usize::from(answered);
            answered || pair.since.elapsed() >= AFTERLIFE
        });
    }

    fn wrong(&mut self, what: String) {
        if self.wrong.len() < 10 {
            self.wrong.push(what);
        }
    }
}

impl Beside {
    fn is_wrong(&self) -> bool {
        self.answered == 2 || self.since.elapsed() >= AFTERLIFE
    }
}

impl Visit {
    pub(super) fn end(mut self, end: End) {
        self.ended = true;
        self.seen.end(&self.attempt, self.number, Some(end));
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.ended {
            self.seen.end(&self.attempt, self.number, None);
        }
    }
}
