//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Measures the gateway beside its limits, and prints a table.
#[derive(Debug, Clone, Parser)]
#[command(name = "gatewright-bench")]
pub(crate) struct Options {
    /// What to measure: `all`, or names of scenarios.
    #[arg(required = true)]
    pub(crate) scenarios: Vec<String>,
    /// Smaller tables and shorter bursts: minutes instead of an hour.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How often each measurement is made; the table shows medians.
    #[arg(long, default_value_t = 3)]
    pub(crate) repetitions: usize,
    /// Only measurements whose name contains this.
    #[arg(long)]
    pub(crate) only: Option<String>,
    /// The gateway. Default: the one beside this program, built first when cargo runs this.
    #[arg(long)]
    pub(crate) gateway: Option<PathBuf>,
    /// Cargo, which names itself to what it runs.
    #[arg(long, env = "CARGO", hide = true)]
    pub(crate) cargo: Option<PathBuf>,
    /// Where tables, plots and scratch databases go; its disk is part of what is measured.
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
    /// A PostgreSQL whose user may create databases. Without one that answers, its rows are left
    /// out.
    #[arg(
        long,
        env = "GATEWRIGHT_BENCH_DATABASE_URL",
        default_value = "postgres://postgres@127.0.0.1:5432/postgres"
    )]
    pub(crate) postgres: String,
}
