//! What the figures were measured on.

use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::bench::Bench;
use crate::{clock, cpu};

const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// The machine and the date.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    date: String,
    processor: String,
    cores: f64,
    memory_gib: f64,
    kernel: String,
    postgres: Option<String>,
    binary_mib: f64,
}

impl Machine {
    pub(crate) fn find(bench: &Bench) -> Self {
        let line = |file: &str, key: &str| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let found = text.lines().find(|line| line.starts_with(key));
            let value = found.and_then(|line| line.split_once(':'));
            value.map(|(_, value)| value.trim().to_owned())
        };
        let memory_kib = line("/proc/meminfo", "MemTotal")
            .and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok());
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease");
        Self {
            date: date(),
            processor: line("/proc/cpuinfo", "model name").unwrap_or_default(),
            cores: cpu::cores(),
            memory_gib: memory_kib.unwrap_or_default() / 1024.0 / 1024.0,
            kernel: kernel.unwrap_or_default().trim().to_owned(),
            postgres: bench.postgres.as_ref().map(|server| server.version.clone()),
            binary_mib: binary_mib(bench).unwrap_or_default(),
        }
    }
}

/// Size of the gateway's binary as it stands there.
pub(crate) fn binary_mib(bench: &Bench) -> Option<f64> {
    let bytes = std::fs::metadata(&bench.gateway).ok()?.len();
    Some(f64::from(u32::try_from(bytes / 1024).ok()?) / 1024.0)
}

fn date() -> String {
    let seconds = i64::try_from(clock::now_us() / 1_000_000).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|date| date.format(DATE).ok())
        .unwrap_or_default()
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let postgres = match &self.postgres {
            Some(version) => format!("PostgreSQL {version}"),
            None => "no PostgreSQL answered: its rows are left out".to_owned(),
        };
        write!(
            f,
            "{} cores, {}, {:.0} GiB, Linux {}; {postgres}; {}",
            self.cores, self.processor, self.memory_gib, self.kernel, self.date
        )
    }
}
