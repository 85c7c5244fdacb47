//! A figure beside its limit.

use serde::Serialize;

use crate::cpu::Spent;
use crate::database::Store;
use crate::histogram::{Quantiles, median};

/// What a measurement is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct About {
    /// The file in `scenario`.
    pub(crate) scenario: &'static str,
    /// What of it.
    pub(crate) name: String,
    /// On which database; `None` where none is touched.
    pub(crate) store: Option<Store>,
    /// What is written for a message, or done instead.
    pub(crate) writes: String,
    /// The key of the measurement that is its limit.
    pub(crate) limit: Option<String>,
    /// Whether this process did the work itself, instead of the gateway.
    pub(crate) ourselves: bool,
}

impl About {
    /// `scenario/name/store`.
    pub(crate) fn key(&self) -> String {
        key(self.scenario, &self.name, self.store)
    }
}

/// `scenario/name/store`.
pub(crate) fn key(scenario: &str, name: &str, store: Option<Store>) -> String {
    let store = store.map_or(String::new(), |store| format!("/{store}"));
    format!("{scenario}/{name}{store}")
}

/// One run of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    /// How many messages, requests or calls.
    pub(crate) operations: u64,
    /// How long it took; of a rate that was set from outside, the rate shows only that it held.
    pub(crate) seconds: f64,
    /// From the beginning of each operation to its end.
    pub(crate) latency: Option<Quantiles>,
    /// CPU.
    pub(crate) spent: Spent,
    /// The gateway's peak of resident memory.
    pub(crate) memory_mib: Option<f64>,
    /// Figures of its own.
    pub(crate) more: Vec<(&'static str, f64)>,
}

/// Medians over the repetitions.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) about: About,
    pub(crate) key: String,
    pub(crate) repetitions: usize,
    pub(crate) per_second: Option<f64>,
    /// This rate beside the limit's.
    pub(crate) of_limit: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) p999_ms: Option<f64>,
    pub(crate) max_ms: Option<f64>,
    /// CPU of the program that does the work, for one operation.
    pub(crate) program_us: Option<f64>,
    /// CPU of all processes of PostgreSQL, for one operation.
    pub(crate) database_us: Option<f64>,
    /// CPU of the load generator and of the receivers, for one operation.
    pub(crate) load_us: Option<f64>,
    pub(crate) memory_mib: Option<f64>,
    pub(crate) others_share: Option<f64>,
    pub(crate) steal_share: Option<f64>,
    pub(crate) more: Vec<(String, f64)>,
    /// The rate of each repetition, in order.
    pub(crate) rates: Vec<f64>,
    /// The CPU of program and database of each repetition, in order.
    pub(crate) cpu: Vec<f64>,
}

impl Row {
    /// Puts runs together.
    pub(crate) fn of(about: About, runs: &[Measured]) -> Self {
        let of = |figure: &dyn Fn(&Measured) -> Option<f64>| median(runs.iter().filter_map(figure));
        let each = |figure: &dyn Fn(&Measured) -> Option<f64>| -> Vec<f64> {
            runs.iter().filter_map(figure).collect()
        };
        let ourselves = about.ourselves;
        let rate = |run: &Measured| (run.seconds > 0.0).then(|| count(run) / run.seconds);
        let program = move |run: &Measured| per_operation(run, program_s(run, ourselves));
        let database = |run: &Measured| per_operation(run, run.spent.database_s);
        let load = move |run: &Measured| {
            let bench = if ourselves { 0.0 } else { run.spent.bench_s };
            per_operation(run, bench + run.spent.receiver_s)
        };
        let quantile =
            |of: fn(&Quantiles) -> f64| move |run: &Measured| run.latency.as_ref().map(of);
        Self {
            key: about.key(),
            repetitions: runs.len(),
            per_second: of(&rate),
            of_limit: None,
            p50_ms: of(&quantile(|latency| latency.p50_ms)),
            p99_ms: of(&quantile(|latency| latency.p99_ms)),
            p999_ms: of(&quantile(|latency| latency.p999_ms)),
            max_ms: of(&quantile(|latency| latency.max_ms)),
            program_us: of(&program),
            database_us: of(&database),
            load_us: of(&load),
            memory_mib: of(&|run| run.memory_mib),
            others_share: of(&|run| (run.operations > 0).then_some(run.spent.others_share)),
            steal_share: of(&|run| (run.operations > 0).then_some(run.spent.steal_share)),
            more: more(runs),
            rates: each(&rate),
            cpu: each(&|run| Some(program(run)? + database(run)?)),
            about,
        }
    }

    /// CPU of the program and of the database, for one operation.
    pub(crate) fn cpu_us(&self) -> Option<f64> {
        Some(self.program_us? + self.database_us?)
    }

    /// A figure of its own.
    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        let found = self.more.iter().find(|(known, _)| known == name);
        found.map(|(_, figure)| *figure)
    }
}

fn program_s(run: &Measured, ourselves: bool) -> f64 {
    if ourselves {
        run.spent.bench_s + run.spent.ended_children_s
    } else {
        run.spent.gateway_s
    }
}

fn per_operation(run: &Measured, seconds: f64) -> Option<f64> {
    (run.operations > 0).then(|| seconds * 1_000_000.0 / count(run))
}

fn count(run: &Measured) -> f64 {
    f64::from(u32::try_from(run.operations).unwrap_or(u32::MAX))
}

fn more(runs: &[Measured]) -> Vec<(String, f64)> {
    let names = runs.first().map_or(&[][..], |run| &run.more);
    names
        .iter()
        .filter_map(|(name, _)| {
            let of = |run: &Measured| Some(run.more.iter().find(|(known, _)| known == name)?.1);
            Some(((*name).to_owned(), median(runs.iter().filter_map(of))?))
        })
        .collect()
}

/// Sets each row beside its limit.
pub(crate) fn beside_limits(rows: &mut [Row]) {
    let rates: Vec<(String, f64)> = rows
        .iter()
        .filter_map(|row| Some((row.key.clone(), row.per_second?)))
        .collect();
    for row in rows {
        let limit = rates
            .iter()
            .find(|(key, _)| Some(key) == row.about.limit.as_ref());
        row.of_limit = limit.and_then(|(_, limit)| Some(row.per_second? / limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(operations: u64, seconds: f64) -> Measured {
        Measured {
            operations,
            seconds,
            spent: Spent {
                gateway_s: 0.1,
                database_s: 0.3,
                ..Spent::default()
            },
            ..Measured::default()
        }
    }

    fn about(name: &str, limit: Option<&str>) -> About {
        About {
            scenario: "intake",
            name: name.to_owned(),
            store: None,
            writes: String::new(),
            limit: limit.map(str::to_owned),
            ourselves: false,
        }
    }

    #[test]
    fn a_row_is_the_median_of_its_runs_beside_its_limit() {
        let runs = [run(1000, 1.0), run(1000, 4.0), run(1000, 2.0)];
        let mut rows = [
            Row::of(about("gateway", Some("intake/floor")), &runs),
            Row::of(about("floor", None), &[run(1000, 0.5)]),
        ];
        beside_limits(&mut rows);
        assert_eq!(rows[0].per_second, Some(500.0));
        assert_eq!(rows[0].of_limit, Some(0.25));
        assert_eq!(rows[0].cpu_us(), Some(400.0));
        assert_eq!(rows[1].of_limit, None);
    }
}
