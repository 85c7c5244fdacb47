//! What happens in a history from outside: a list that follows from a seed.

use std::time::Duration;

use gatewright_core::config::DeliveryConfig;

use crate::chance::Chance;

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Slow,
    Failing,
    Flapping,
    /// Asks for all to wait.
    Limited,
    Gone,
    /// Looks at deliveries and will never take them.
    Refusing,
    /// Refuses for no known reason.
    Odd,
    Hanging,
    /// Hangs, and its host forgets the deadline.
    Deaf,
    Resetting,
    /// Fails, hangs or is well, from one attempt to the next.
    Moody,
}

/// What is done to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// An event for some receivers, written through a node.
    Event {
        node: usize,
        receivers: u8,
        lane: Option<i64>,
        poison: bool,
    },
    Typing {
        node: usize,
        receiver: i64,
    },
    Poke {
        node: usize,
    },
    Crash {
        node: usize,
    },
    Drain {
        node: usize,
        ms: u64,
    },
    /// Starts a node that is down.
    Start {
        node: usize,
    },
    Stall {
        node: usize,
        ms: u64,
    },
    /// Answers to one kind of call take this long from now on.
    Slow {
        node: usize,
        call: &'static str,
        ms: u64,
    },
    Outage {
        ms: u64,
    },
    Mood {
        receiver: i64,
        mood: Mood,
        ms: u64,
    },
    /// Sends one of the ended deliveries again.
    Replay {
        node: usize,
        which: u64,
    },
    Purge {
        receiver: i64,
    },
    Disable {
        receiver: i64,
    },
    Enable {
        node: usize,
        receiver: i64,
    },
}

/// A history, as far as it is decided beforehand.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) seed: u64,
    pub(crate) nodes: usize,
    /// For each receiver whether it may be sent the same event twice; ids from 1.
    pub(crate) receivers: Vec<bool>,
    pub(crate) config: DeliveryConfig,
    /// Whether calls of the database are slow or fail now and then.
    pub(crate) rough: bool,
    /// With the millisecond at which each is done, in its order.
    pub(crate) actions: Vec<(u64, Action)>,
}

impl Script {
    pub(crate) fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let nodes = chance.pick(&[1, 2, 2, 2, 3]);
        let receivers = (0..chance.between(1, 3))
            .map(|_| chance.percent(75))
            .collect();
        let mut script = Self {
            seed,
            nodes,
            receivers,
            config: config(&mut chance),
            rough: chance.percent(70),
            actions: Vec::new(),
        };
        let length = chance.between(2_000, 12_000);
        script.events(&mut chance, length);
        if chance.percent(20) {
            let (receiver, mood) = (script.receiver(&mut chance), Mood::Moody);
            let ms = length;
            script
                .actions
                .push((0, Action::Mood { receiver, mood, ms }));
        }
        for _ in 0..chance.between(0, 7) {
            script.trouble(&mut chance, length);
        }
        script.actions.sort_by_key(|(at, _)| *at);
        script
    }

    fn events(&mut self, chance: &mut Chance, length: u64) {
        let lanes = chance.between(1, 3);
        let in_order = chance.pick(&[100, 100, 80]);
        let poisoned = chance.pick(&[0, 0, 0, 4, 15]);
        let mut left = chance.between(3, 18);
        while left > 0 {
            let at = chance.between(0, length);
            let burst = chance.pick(&[1, 1, 2, 4]).min(left);
            left -= burst;
            for _ in 0..burst {
                let lane = i64::try_from(chance.between(1, lanes)).unwrap();
                let action = Action::Event {
                    node: self.node(chance),
                    receivers: chance.pick(&[1, 1, 2, 4, 3, 7]),
                    lane: chance.percent(in_order).then_some(lane),
                    poison: chance.percent(poisoned),
                };
                self.actions.push((at, action));
            }
        }
    }

    fn trouble(&mut self, chance: &mut Chance, length: u64) {
        let at = chance.between(0, length);
        let later = at + chance.between(10, 6_000);
        let (node, receiver) = (self.node(chance), self.receiver(chance));
        let ms = chance.pick(&[300, 2_000, 8_000, 15_000]);
        let ms = chance.between(1, ms);
        let mut add = |at, action| self.actions.push((at, action));
        match chance.between(0, 16) {
            0..3 => {
                add(at, Action::Crash { node });
                add(later, Action::Start { node });
            }
            3 => {
                add(at, Action::Drain { node, ms });
                add(later, Action::Start { node });
            }
            4 | 5 => add(at, Action::Stall { node, ms }),
            6 => add(at, Action::Outage { ms }),
            15 => {
                let call = chance.pick(&["target", "start", "settle", "claim", "probe", "sweep"]);
                add(at, Action::Slow { node, call, ms });
            }
            7..12 => {
                let mood = mood(chance);
                add(at, Action::Mood { receiver, mood, ms });
            }
            12 => {
                let which = chance.next();
                add(at, Action::Replay { node, which });
            }
            13 => add(at, Action::Purge { receiver }),
            14 => {
                add(at, Action::Disable { receiver });
                add(later, Action::Enable { node, receiver });
            }
            _ => {
                add(at, Action::Typing { node, receiver });
                add(later, Action::Poke { node });
            }
        }
    }

    fn node(&self, chance: &mut Chance) -> usize {
        chance.index(self.nodes)
    }

    fn receiver(&self, chance: &mut Chance) -> i64 {
        i64::try_from(chance.index(self.receivers.len())).unwrap() + 1
    }
}

fn mood(chance: &mut Chance) -> Mood {
    chance.pick(&[
        Mood::Slow,
        Mood::Failing,
        Mood::Failing,
        Mood::Flapping,
        Mood::Flapping,
        Mood::Limited,
        Mood::Gone,
        Mood::Refusing,
        Mood::Odd,
        Mood::Hanging,
        Mood::Deaf,
        Mood::Resetting,
        Mood::Moody,
        Mood::Moody,
        Mood::Moody,
    ])
}

/// The usual settings with shorter times, so that a history is told in a minute or two.
fn config(chance: &mut Chance) -> DeliveryConfig {
    let per_receiver = chance.index(4) + 1;
    DeliveryConfig {
        schedule: [0, 400, 1_000, 2_000, 3_000, 4_000]
            .map(Duration::from_millis)
            .to_vec(),
        hold_attempts: 4,
        timeout: Duration::from_secs(3),
        lease_slack: Duration::from_secs(3),
        concurrency: per_receiver + chance.index(4),
        concurrency_per_receiver: per_receiver,
        probe_after: chance.pick(&[2, 5, 5]),
        probe_interval: Duration::from_millis(800),
        probe_interval_max: Duration::from_secs(3),
        disable_after: Duration::from_secs(chance.pick(&[10, 3_600, 3_600])),
        poll: chance.millis(1_000, 2_500),
        ..DeliveryConfig::default()
    }
}
