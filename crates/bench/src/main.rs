//! The benchmark: one command measures the gateway beside its limits, on both databases.
//!
//! | to read about | look at |
//! |---|---|
//! | what is measured, a file each | `scenario` |
//! | what is aimed at | `goals` |
//! | the gateway as a process, its database, its receivers | `world`, `gateway`, `database`, `receiver` |
//! | load, and how latency is counted | `load` |
//! | CPU and memory | `cpu` |
//! | turns, repetitions and medians | `run`, `row` |
//! | what is written | `table`, `plot`, `report` |
//!
//! Every measured figure is the gateway's as a process of its own, over HTTP; this process makes
//! the load, and is counted apart. Deliberately absent: figures that are not measured in the same
//! run as what they are compared with.
//!
//! To add a scenario: a file in `scenario`, and a line in its list.

mod bench;
mod clock;
mod connection;
mod cpu;
mod database;
mod gateway;
mod goals;
mod histogram;
mod load;
mod machine;
mod options;
mod plot;
mod receiver;
mod report;
mod row;
mod run;
mod scenario;
mod table;
mod world;

use std::process::ExitCode;

use clap::Parser;
use options::Options;

/// The load comes from one thread, so that the gateway and its database keep the rest.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = if std::env::args().nth(1).as_deref() == Some("receiver") {
        receiver::serve().await
    } else {
        run::run(Options::parse()).await
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::say(&format!("gatewright-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
