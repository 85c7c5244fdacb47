//! What is printed and written.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::bench::Bench;
use crate::gateway::SETTINGS;
use crate::goals::{self, Goal, goals};
use crate::machine::Machine;
use crate::plot;
use crate::row::Row;
use crate::table::{legend, more, short, table};

const COLUMNS: &str = "CPU is that of the gateway, or of the program that stands in for it, for one \
    message; database is that of all processes of PostgreSQL, and load that of load generator and \
    receivers, for one message. Others' CPU is the share of the machine that everything else used, \
    the kernel's own threads among it. Figures are medians.";

/// Told beside the goals; not measured here.
const PEER: &str = "For comparison only, measured elsewhere on a machine of this kind, a gateway for \
    the same purpose: 1,230 messages a second from POST to webhook in a burst of 20,000, 1,330 µs of \
    CPU a message; p50 2.7 and p99 19 ms at 100 a second; 42 MiB idle.";

/// All rows of a run.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    #[serde(skip)]
    bench: &'a Bench,
    machine: &'a Machine,
    quick: bool,
    settings: Vec<String>,
    goals: Vec<Goal>,
    rows: &'a [Row],
}

impl<'a> Report<'a> {
    pub(crate) fn new(bench: &'a Bench, machine: &'a Machine, rows: &'a [Row]) -> Self {
        let settings = SETTINGS.map(|(key, value)| format!("{key} = {value}"));
        Self {
            bench,
            machine,
            quick: bench.options.quick,
            settings: settings.into(),
            goals: goals(rows),
            rows,
        }
    }

    /// Writes `bench.json`, `bench.md`, and the plots for which there are points.
    pub(crate) fn write(&self) -> Result<()> {
        let folder: &Path = &self.bench.options.out;
        std::fs::write(
            folder.join("bench.json"),
            serde_json::to_string_pretty(self)?,
        )?;
        std::fs::write(folder.join("bench.md"), self.markdown())?;
        let plots = [
            ("latency.svg", plot::latency(self.bench, self.rows)),
            ("cost.svg", plot::cost(self.bench, self.rows)),
        ];
        for (name, plot) in plots {
            if let Some(svg) = plot.svg() {
                std::fs::write(folder.join(name), svg)?;
            }
        }
        Ok(())
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        say(&self.markdown());
    }

    fn markdown(&self) -> String {
        let quick = if self.quick {
            " A quick run: smaller tables, shorter bursts."
        } else {
            ""
        };
        format!(
            "{}. Load generator, receivers, gateway and database share the cores. Set for the run: \
             {}.{quick}\n\n{COLUMNS}\n\n{}\n{}\n{PEER}\n\n{}\n{}",
            self.machine,
            self.settings.join(", "),
            table(self.rows),
            goals::table(&self.goals),
            more(self.rows),
            legend(self.rows)
        )
    }
}

/// One run as a line.
pub(crate) fn line(repetition: usize, row: &Row) -> String {
    let figure = |figure: Option<f64>| figure.map_or("-".to_owned(), short);
    let more = row.more.iter();
    let more: Vec<String> = more
        .map(|(name, figure)| format!(", {name} {}", short(*figure)))
        .collect();
    let more = more.concat();
    format!(
        "{repetition} {:<44} {:>9}/s  p50 {} p99 {} ms  cpu {}+{} us, load {} us  others {:.0} %{more}",
        row.key,
        figure(row.per_second),
        figure(row.p50_ms),
        figure(row.p99_ms),
        figure(row.program_us),
        figure(row.database_us),
        figure(row.load_us),
        row.others_share.unwrap_or_default() * 100.0,
    )
}

/// A line for whoever waits; nobody may be there.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
