//! What is printed and written.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::gateway::SETTINGS;
use crate::machine::Machine;
use crate::options::Options;
use crate::row::Row;
use crate::table::{legend, short, table};

/// All rows of a run.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    machine: &'a Machine,
    quick: bool,
    settings: Vec<String>,
    rows: &'a [Row],
}

impl<'a> Report<'a> {
    pub(crate) fn new(machine: &'a Machine, options: &Options, rows: &'a [Row]) -> Self {
        let settings = SETTINGS.map(|(key, value)| format!("{key} = {value}"));
        Self {
            machine,
            quick: options.quick,
            settings: settings.into(),
            rows,
        }
    }

    /// Writes `bench.json` and `bench.md`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        std::fs::write(
            folder.join("bench.json"),
            serde_json::to_string_pretty(self)?,
        )?;
        std::fs::write(folder.join("bench.md"), self.markdown())?;
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
             {}.{quick}\n\n{}\n{}",
            self.machine,
            self.settings.join(", "),
            table(self.rows),
            legend(self.rows)
        )
    }
}

/// One run as a line.
pub(crate) fn line(repetition: usize, row: &Row) -> String {
    let figure = |figure: Option<f64>| figure.map_or("-".to_owned(), short);
    let more: String = row
        .more
        .iter()
        .map(|(name, figure)| format!(", {name} {}", short(*figure)))
        .collect();
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
