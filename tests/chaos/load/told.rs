use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How a post is told from others in the database: by its source id, or by its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Wish {
    /// Unique among all posts.
    pub(crate) mark: String,
    /// Whether it is repeated until it is answered.
    pub(crate) repeated: bool,
}

/// What the clients were told.
#[derive(Default)]
pub(crate) struct Told(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    posted: HashSet<Wish>,
    /// Marks that were acknowledged, with the message's id.
    acknowledged: HashMap<String, i64>,
    statuses: BTreeMap<u16, usize>,
    /// Answers that no client should get.
    wrong: Vec<String>,
}

impl Told {
    pub(crate) fn post(&self, wish: Wish) {
        self.lock().posted.insert(wish);
    }

    pub(crate) fn acknowledge(&self, mark: &str, id: i64) {
        let mut inner = self.lock();
        let known = inner.acknowledged.insert(mark.to_owned(), id);
        if let Some(known) = known.filter(|known| *known != id) {
            inner
                .wrong
                .push(format!("{mark} was answered as {known} and as {id}"));
        }
    }

    pub(crate) fn status(&self, status: u16) {
        *self.lock().statuses.entry(status).or_default() += 1;
    }

    pub(crate) fn wrong(&self, what: String) {
        let mut inner = self.lock();
        if inner.wrong.len() < 10 {
            inner.wrong.push(what);
        }
    }

    pub(crate) fn posted(&self) -> HashSet<Wish> {
        self.lock().posted.clone()
    }

    pub(crate) fn acknowledged(&self) -> HashMap<String, i64> {
        self.lock().acknowledged.clone()
    }

    /// How many posts were acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.lock().acknowledged.len()
    }

    pub(crate) fn answers(&self, status: u16) -> usize {
        self.lock().statuses.get(&status).copied().unwrap_or(0)
    }

    pub(crate) fn wrongs(&self) -> Vec<String> {
        self.lock().wrong.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
