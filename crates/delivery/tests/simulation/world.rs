//! What the nodes of a history share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gatewright_core::config::DeliveryConfig;
use gatewright_core::{Clock, Timestamp};
use tokio::time::Instant;

use crate::model::Model;
use crate::script::Mood;
use crate::watch::Watch;

/// Database, receivers, and who watches them.
pub(crate) struct World {
    pub(crate) clock: SimClock,
    pub(crate) config: DeliveryConfig,
    pub(crate) model: Arc<Mutex<Model>>,
    pub(crate) watch: Mutex<Watch>,
    pub(crate) weather: Mutex<Weather>,
}

/// What goes wrong.
pub(crate) struct Weather {
    /// Whether calls of the database are slow or fail now and then.
    pub(crate) rough: bool,
    /// Until when the database answers nobody.
    pub(crate) outage_until: Instant,
    /// How receivers answer, until when; else well.
    pub(crate) moods: BTreeMap<i64, (Mood, Instant)>,
    /// Deliveries that their receivers never digest.
    pub(crate) poison: BTreeSet<i64>,
}

impl World {
    pub(crate) fn mood(&self, receiver: i64) -> Mood {
        let weather = self.weather.lock().unwrap();
        let mood = weather.moods.get(&receiver);
        mood.filter(|(_, until)| Instant::now() < *until)
            .map_or(Mood::Well, |(mood, _)| *mood)
    }

    pub(crate) fn is_poison(&self, delivery: i64) -> bool {
        self.weather.lock().unwrap().poison.contains(&delivery)
    }
}

/// The runtime's time, as a wall clock that may be wrong.
#[derive(Clone, Copy)]
pub(crate) struct SimClock {
    begin: Instant,
    wrong_by_us: i64,
}

impl SimClock {
    pub(crate) fn start() -> Self {
        Self {
            begin: Instant::now(),
            wrong_by_us: 0,
        }
    }

    pub(crate) fn wrong_by(self, wrong_by_us: i64) -> Self {
        Self {
            wrong_by_us,
            ..self
        }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        const BEGIN: i64 = 1_768_900_502_113_000;
        let elapsed = i64::try_from(self.begin.elapsed().as_micros()).unwrap();
        Timestamp(BEGIN + elapsed + self.wrong_by_us)
    }
}
