//! Measures what was asked for: in turn, again and again, and then the medians.

use anyhow::{Context, Result, bail};

use crate::bench::Bench;
use crate::machine::Machine;
use crate::options::Options;
use crate::report::{self, Report};
use crate::row::{Measured, Row, beside_limits};
use crate::scenario::{self, Case, Scenario};

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> Result<()> {
    let scenarios = chosen(&options)?;
    let bench = Bench::new(options).await?;
    let measured = all(&bench, scenarios).await;
    if let Some(server) = &bench.postgres {
        server.sweep().await?;
    }
    measured.with_context(|| format!("the gateway's log is {}", bench.log().display()))
}

async fn all(bench: &Bench, scenarios: Vec<&Scenario>) -> Result<()> {
    let machine = Machine::find(bench);
    report::say(&machine.to_string());
    let mut rows = Vec::new();
    for scenario in scenarios {
        let cases = wanted(bench, scenario);
        rows.extend(in_turn(bench, &cases).await?);
        beside_limits(&mut rows);
        Report::new(bench, &machine, &rows).write()?;
    }
    Report::new(bench, &machine, &rows).print();
    Ok(())
}

fn chosen(options: &Options) -> Result<Vec<&'static Scenario>> {
    if options.scenarios.iter().any(|name| name == "all") {
        return Ok(scenario::ALL.iter().collect());
    }
    let find = |name: &String| {
        let found = scenario::ALL.iter().find(|scenario| scenario.name == name);
        found.with_context(|| {
            let names: Vec<_> = scenario::ALL.iter().map(|scenario| scenario.name).collect();
            format!("no scenario {name}; there are all, {}", names.join(", "))
        })
    };
    options.scenarios.iter().map(find).collect()
}

fn wanted(bench: &Bench, scenario: &Scenario) -> Vec<Box<dyn Case>> {
    let only = bench.options.only.as_deref().unwrap_or_default();
    let mut cases = (scenario.cases)(bench);
    cases.retain(|case| case.about().key().contains(only));
    cases
}

/// Each case once, then each once more: what drifts, drifts for all of them.
async fn in_turn(bench: &Bench, cases: &[Box<dyn Case>]) -> Result<Vec<Row>> {
    let mut runs: Vec<Vec<Measured>> = cases.iter().map(|_| Vec::new()).collect();
    for repetition in 1..=bench.options.repetitions.max(1) {
        for (case, runs) in cases.iter().zip(&mut runs) {
            let key = case.about().key();
            if runs.len() >= case.most_repetitions() {
                continue;
            }
            let run = case.measure(bench).await.with_context(|| key.clone())?;
            let row = Row::of(case.about(), std::slice::from_ref(&run));
            report::say(&report::line(repetition, &row));
            runs.push(run);
        }
    }
    if runs.iter().any(Vec::is_empty) {
        bail!("a measurement has no run");
    }
    let rows = cases.iter().zip(&runs);
    Ok(rows
        .map(|(case, runs)| Row::of(case.about(), runs))
        .collect())
}
