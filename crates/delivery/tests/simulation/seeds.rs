//! Many histories, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::history::{Told, play};
use crate::script::Script;

/// Steps that are shown of a history that breaks a promise.
const SHOWN: usize = 80;

/// Histories that are played to make a broken one shorter.
const SHORTENED: usize = 400;

/// What all histories came to.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) histories: u64,
    pub(crate) deliveries: u64,
    pub(crate) attempts: u64,
    pub(crate) longest_rest_ms: u64,
    pub(crate) rest_ms: u64,
}

/// Plays the histories of these seeds.
///
/// # Panics
/// When one breaks a promise: with the seed, a shorter script that breaks one, and its last steps.
pub(crate) fn play_all(seeds: std::ops::Range<u64>) -> Sum {
    let next = AtomicU64::new(seeds.start);
    let broken: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let sum = Mutex::new(Sum::default());
    let begin = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || broken.lock().unwrap().is_some() {
                        return;
                    }
                    let told = play(&Script::of(seed), false);
                    sum.lock().unwrap().add(&told);
                    if let Some(violation) = told.violation {
                        let mut broken = broken.lock().unwrap();
                        if broken.as_ref().is_none_or(|(known, _)| seed < *known) {
                            *broken = Some((seed, violation));
                        }
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap();
    if let Some((seed, violation)) = broken.into_inner().unwrap() {
        let (after, in_time) = (sum.histories, begin.elapsed());
        panic!(
            "after {after} histories in {in_time:?}: {}",
            report(seed, &violation)
        );
    }
    sum
}

impl Sum {
    fn add(&mut self, told: &Told) {
        self.histories += 1;
        self.deliveries += told.deliveries as u64;
        self.attempts += told.attempts;
        let rest = u64::try_from(told.rest.as_millis()).unwrap();
        self.rest_ms += rest;
        self.longest_rest_ms = self.longest_rest_ms.max(rest);
    }
}

fn report(seed: u64, violation: &str) -> String {
    let script = shorten(Script::of(seed));
    let told = play(&script, true);
    let mut lines = vec![
        format!("seed {seed} breaks a promise: {violation}"),
        format!("GATEWRIGHT_SIM_SEED={seed} plays it alone; it comes down to"),
        format!(
            "{} nodes, rough: {}, {:?}",
            script.nodes, script.rough, script.config
        ),
    ];
    let actions = script.actions.iter();
    lines.extend(actions.map(|(at, action)| format!("  {at} {action:?}")));
    lines.push("its last steps:".to_owned());
    let skipped = told.steps.len().saturating_sub(SHOWN);
    lines.extend(told.steps.into_iter().skip(skipped));
    lines.join("\n")
}

/// Leaves out what is not needed to break a promise.
fn shorten(mut script: Script) -> Script {
    let mut left = SHORTENED;
    let breaks = |script: &Script| play(script, false).violation.is_some();
    let calm = Script {
        rough: false,
        ..script.clone()
    };
    if breaks(&calm) {
        script = calm;
    }
    let mut size = script.actions.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < script.actions.len() && left > 0 {
            let mut shorter = script.clone();
            let to = (from + size).min(shorter.actions.len());
            shorter.actions.drain(from..to);
            left -= 1;
            if breaks(&shorter) {
                script = shorter;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    script
}
