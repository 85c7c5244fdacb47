//! The delivery engine in thousands of histories: nodes that crash and stall, a database that is
//! slow, fails, and forgets to answer, receivers in all moods, people who replay and purge.
//!
//! The engine and its ledger are the real ones. What is not: the tables (`model`, which `equality`
//! holds against real databases), the receivers, and time. A history follows from its seed alone.
//!
//! ```sh
//! GATEWRIGHT_SIM_SEEDS=100000 cargo test -p gatewright-delivery --test simulation
//! GATEWRIGHT_SIM_SEED=4711 cargo test -p gatewright-delivery --test simulation
//! ```

#[cfg(test)]
mod chance;
#[cfg(test)]
#[path = "../delivery/support/databases.rs"]
mod databases;
#[cfg(test)]
mod equality;
#[cfg(test)]
mod history;
#[cfg(test)]
mod link;
#[cfg(test)]
mod model;
#[cfg(test)]
mod node;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod script;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod story;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use crate::history::{Told, play};
    use crate::script::{Action, Script};
    use crate::seeds::play_all;

    /// Histories of an ordinary run.
    const SEEDS: u64 = 2_000;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no configuration to read it from"
    )]
    fn given(name: &str) -> Option<u64> {
        std::env::var(name).ok()?.parse().ok()
    }

    #[test]
    fn every_history_keeps_the_promises_and_comes_to_rest() {
        let seeds = match given("GATEWRIGHT_SIM_SEED") {
            Some(seed) => seed..seed + 1,
            None => 0..given("GATEWRIGHT_SIM_SEEDS").unwrap_or(SEEDS),
        };
        let begin = std::time::Instant::now();
        let sum = play_all(seeds);
        println!(
            "{} histories with {} deliveries and {} attempts in {:?}; the longest came to rest after {} ms, mean {}",
            sum.histories,
            sum.deliveries,
            sum.attempts,
            begin.elapsed(),
            sum.longest_rest_ms,
            sum.rest_ms / sum.histories
        );
    }

    /// An event on its way through a node that gets answers of one kind when its lease has run out.
    fn told_late(call: &'static str, careful: bool) -> Told {
        let mut script = Script::of(0);
        (script.nodes, script.rough) = (1, false);
        script.receivers = vec![careful];
        let event = Action::Event {
            node: 0,
            receivers: 1,
            lane: Some(1),
            poison: false,
        };
        let ms = 7_000;
        let slow = Action::Slow { node: 0, call, ms };
        script.actions = vec![(0, slow), (10, event), (1_000, Action::Poke { node: 0 })];
        play(&script, true)
    }

    #[test]
    fn nothing_is_sent_when_the_target_is_known_too_late() {
        let told = told_late("target", true);
        assert_eq!(told.violation, None, "{:#?}", told.steps);
        assert_eq!((told.deliveries, told.attempts), (1, 1));
    }

    #[test]
    fn nothing_is_sent_when_the_start_is_noted_too_late() {
        let told = told_late("start", false);
        assert_eq!(told.violation, None, "{:#?}", told.steps);
        assert_eq!(
            (told.deliveries, told.attempts),
            (1, 1),
            "and once again under a new lease"
        );
    }

    #[test]
    fn a_seed_tells_the_same_history_every_time() {
        for seed in 0..20 {
            let script = Script::of(seed);
            let (first, again) = (play(&script, false), play(&script, true));
            assert_eq!(first.mark, again.mark, "seed {seed}");
            assert!(!again.steps.is_empty());
        }
    }
}
