//! What is aimed at, and whether it was met.

use serde::Serialize;

use crate::database::Store;
use crate::row::{Row, key};
use crate::scenario::{build, end_to_end, growth, intake};
use crate::table::short;

/// A goal beside what was measured for it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Goal {
    text: &'static str,
    store: Option<Store>,
    bound: Bound,
    measured: f64,
    met: bool,
}

impl Goal {
    fn of(
        text: &'static str,
        store: Option<Store>,
        bound: Bound,
        measured: Option<f64>,
    ) -> Option<Self> {
        let measured = measured?;
        Some(Self {
            text,
            store,
            bound,
            measured,
            met: bound.is_met_by(measured),
        })
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }
}

/// The goals for which everything was measured.
pub(crate) fn goals(rows: &[Row]) -> Vec<Goal> {
    let found = Found(rows);
    let mut goals = Vec::new();
    for store in [Store::Sqlite, Store::Postgres] {
        let each = [
            messages(&found, store),
            beside_limits(&found, store),
            growing(&found, store),
            process(&found, store),
        ];
        let each = each.into_iter().flatten();
        goals.extend(
            each.filter_map(|(text, bound, measured)| Goal::of(text, Some(store), bound, measured)),
        );
    }
    let each = building(&found).into_iter();
    goals.extend(each.filter_map(|(text, bound, measured)| Goal::of(text, None, bound, measured)));
    goals
}

type Line = (&'static str, Bound, Option<f64>);

/// Rows by key.
struct Found<'a>(&'a [Row]);

impl Found<'_> {
    fn row(&self, scenario: &str, name: &str, store: Store) -> Option<&Row> {
        self.keyed(&key(scenario, name, Some(store)))
    }

    fn keyed(&self, key: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.key == key)
    }

    fn rate(&self, scenario: &str, name: &str, store: Store) -> Option<f64> {
        self.row(scenario, name, store)?.per_second
    }

    /// The best rate among rows whose name begins so.
    fn best(&self, start: &str, store: Store) -> Option<f64> {
        let rows = self.0.iter().filter(|row| row.about.store == Some(store));
        let rates = rows
            .filter(|row| row.about.name.starts_with(start))
            .filter_map(|row| row.per_second);
        rates.max_by(f64::total_cmp)
    }
}

fn messages(found: &Found<'_>, store: Store) -> Vec<Line> {
    let burst = found.row("end_to_end", end_to_end::BURST, store);
    let steady = found.keyed(&end_to_end::at_rate(store, 100));
    let beside = |name: &str| found.row("delivery", &format!("9 receivers beside {name}"), store);
    let p99 = |row: Option<&Row>| row?.p99_ms;
    let good = p99(beside("a good one"));
    let isolated = |name: &str| Some(p99(beside(name))? / good?);
    vec![
        (
            "POST to webhook, burst: CPU of gateway and database, µs a message",
            Bound::AtMost(120.0),
            burst.and_then(Row::cpu_us),
        ),
        (
            "POST to webhook, burst: messages a second",
            Bound::AtLeast(10_000.0),
            burst.and_then(|row| row.per_second),
        ),
        (
            "POST to webhook, 100 a second: p50 ms",
            Bound::AtMost(2.0),
            steady.and_then(|row| row.p50_ms),
        ),
        (
            "POST to webhook, 100 a second: p99 ms",
            Bound::AtMost(8.0),
            steady.and_then(|row| row.p99_ms),
        ),
        (
            "p99 of good receivers beside a dead one / beside a good one",
            Bound::AtMost(1.2),
            isolated("a dead one"),
        ),
        (
            "p99 of good receivers beside a slow one / beside a good one",
            Bound::AtMost(1.2),
            isolated("a slow one"),
        ),
    ]
}

fn beside_limits(found: &Found<'_>, store: Store) -> Vec<Line> {
    let rate = |name: &str| found.rate("intake", name, store);
    let over = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let gateway = [
        rate("gateway, 256 connections"),
        rate("gateway, 64 connections"),
    ];
    let gateway = gateway.into_iter().flatten().max_by(f64::total_cmp);
    let p50 = |name: &str| found.row("intake", name, store)?.p50_ms;
    let tail = found.row("intake", "gateway, 64 connections", store);
    let tail = tail.and_then(|row| Some(row.p99_ms? / row.p50_ms?));
    let cpu = found.row("intake", "gateway, 256 connections", store);
    let backlog = found.row("delivery", "from a backlog", store);
    let naive = over(gateway, rate("entities, 64 tasks"));
    let alone = over(p50("gateway, 1 connections"), p50("entities, 1 tasks"));
    let [naive_least, tail_most, cpu_most, backlog_least] = match store {
        Store::Sqlite => [8.0, 3.5, 80.0, 0.65],
        Store::Postgres => [5.0, 3.0, 60.0, 0.45],
    };
    let mut lines = vec![
        (
            "G4/G5 POST over HTTP / entities without HTTP",
            Bound::AtLeast(naive_least),
            naive,
        ),
        (
            "G9 one at a time: p50 of POST over HTTP / p50 of entities without HTTP",
            Bound::AtMost(1.0),
            alone,
        ),
        (
            "G10 64 connections: p99 / p50",
            Bound::AtMost(tail_most),
            tail,
        ),
        (
            "G11 delivery from a backlog / posts by hand without a store",
            Bound::AtLeast(backlog_least),
            backlog.and_then(|row| row.of_limit),
        ),
        (
            "G12 CPU of gateway and database, µs a POST",
            Bound::AtMost(cpu_most),
            cpu.and_then(Row::cpu_us),
        ),
    ];
    match store {
        Store::Sqlite => lines.extend([
            (
                "G8 by hand, batches of 256: waiting for the disk / not waiting",
                Bound::AtLeast(0.95),
                over(rate(intake::BATCH_NAME), rate(intake::UNSYNCED_NAME)),
            ),
            (
                "G6 POST over HTTP / by hand, batches of 256",
                Bound::AtLeast(0.4),
                over(gateway, rate(intake::BATCH_NAME)),
            ),
            (
                "G7 POST over HTTP / by hand, one by one",
                Bound::AtLeast(2.0),
                over(gateway, rate("by hand, one by one")),
            ),
        ]),
        Store::Postgres => {
            let own = rate(intake::IN_PROCESS);
            lines.extend([
                (
                    "G1 the gateway without HTTP / pgbench, naive",
                    Bound::AtLeast(5.0),
                    over(own, found.best("pgbench naive", store)),
                ),
                (
                    "G2 the gateway without HTTP / pgbench, a function",
                    Bound::AtLeast(2.5),
                    over(own, found.best("pgbench function", store)),
                ),
                (
                    "G3 POST over HTTP / pgbench, naive",
                    Bound::AtLeast(4.0),
                    over(gateway, found.best("pgbench naive", store)),
                ),
            ]);
        }
    }
    lines
}

fn growing(found: &Found<'_>, store: Store) -> Vec<Line> {
    let cpu = |messages| found.keyed(&growth::of_size(store, messages))?.cpu_us();
    let over = |messages| Some(cpu(messages)? / cpu(10_000)?);
    vec![
        (
            "CPU of a POST with 1 million messages stored / with 10 thousand",
            Bound::AtMost(1.2),
            over(1_000_000),
        ),
        (
            "CPU of a POST with 10 million messages stored / with 10 thousand",
            Bound::AtMost(1.2),
            over(10_000_000),
        ),
    ]
}

fn process(found: &Found<'_>, store: Store) -> Vec<Line> {
    let start = found.row("start", "first answer", store);
    let figure = |name: &str| start.and_then(|row| row.figure(name));
    let burst = found.row("end_to_end", end_to_end::BURST, store);
    vec![
        (
            "from start to the first answer, ms",
            Bound::AtMost(100.0),
            figure("again ms"),
        ),
        ("idle memory, MiB", Bound::AtMost(25.0), figure("idle MiB")),
        (
            "memory in the burst, MiB",
            Bound::AtMost(120.0),
            burst.and_then(|row| row.memory_mib),
        ),
        ("binary, MiB", Bound::AtMost(25.0), figure("binary MiB")),
    ]
}

fn building(found: &Found<'_>) -> Vec<Line> {
    let built = found.keyed(&key(build::NAME, build::WHOLE, None));
    let seconds = |name: &str| built.and_then(|row| row.figure(name));
    vec![
        (
            "G13 dev build from nothing, s",
            Bound::AtMost(150.0),
            seconds("dev s"),
        ),
        (
            "G13 release build from nothing, s",
            Bound::AtMost(360.0),
            seconds("release s"),
        ),
        (
            "G13 from a change to the binary, s",
            Bound::AtMost(5.0),
            seconds("after a change s"),
        ),
    ]
}

/// The goals as a Markdown table.
pub(crate) fn table(goals: &[Goal]) -> String {
    let lines = goals.iter().map(|goal| {
        let store = goal.store.map_or(String::new(), |store| store.to_string());
        let bound = match goal.bound {
            Bound::AtMost(most) => format!("≤ {}", short(most)),
            Bound::AtLeast(least) => format!("≥ {}", short(least)),
        };
        let met = if goal.met { "met" } else { "not met" };
        let measured = short(goal.measured);
        let text = goal.text;
        format!("| {text} | {store} | {bound} | {measured} | {met} |\n")
    });
    let head = "| goal | database | aimed at | measured | |\n|---|---|---:|---:|---|\n";
    std::iter::once(head.to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::Parser;

    use super::*;
    use crate::bench::Bench;
    use crate::histogram::Quantiles;
    use crate::options::Options;
    use crate::row::Measured;
    use crate::scenario;

    #[test]
    fn bounds_hold_at_themselves() {
        assert!(Bound::AtMost(2.0).is_met_by(2.0) && !Bound::AtMost(2.0).is_met_by(2.1));
        assert!(Bound::AtLeast(2.0).is_met_by(2.0) && !Bound::AtLeast(2.0).is_met_by(1.9));
    }

    /// A row for each measurement that there is without PostgreSQL, with every figure.
    fn rows() -> Vec<Row> {
        let bench = Bench {
            options: Options::parse_from(["gatewright-bench", "all"]),
            gateway: PathBuf::new(),
            postgres: None,
        };
        let figures = ["again ms", "idle MiB", "binary MiB"].into_iter();
        let figures = figures.chain(["dev s", "release s", "after a change s"]);
        let measured = Measured {
            operations: 1,
            seconds: 1.0,
            latency: Some(Quantiles {
                p50_ms: 1.0,
                p99_ms: 1.0,
                p999_ms: 1.0,
                max_ms: 1.0,
            }),
            memory_mib: Some(1.0),
            more: figures.map(|name| (name, 1.0)).collect(),
            ..Measured::default()
        };
        let cases = scenario::ALL.iter().flat_map(|it| (it.cases)(&bench));
        let row = |about| Row {
            of_limit: Some(1.0),
            ..Row::of(about, std::slice::from_ref(&measured))
        };
        cases.map(|case| row(case.about())).collect()
    }

    #[test]
    fn every_goal_is_of_a_measurement_that_there_is() {
        let rows = rows();
        let found = Found(&rows);
        let store = Store::Sqlite;
        let lines = [
            messages(&found, store),
            beside_limits(&found, store),
            growing(&found, store),
            process(&found, store),
            building(&found),
        ];
        for (text, _, measured) in lines.concat() {
            assert!(measured.is_some(), "{text}");
        }
    }

    #[test]
    fn nothing_is_told_of_what_was_not_measured() {
        assert!(goals(&[]).is_empty());
    }
}
