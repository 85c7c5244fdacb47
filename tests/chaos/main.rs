//! The proof under faults: the gateway as a real process, under load, is killed, and its database,
//! disk, clock and receivers fail it. In the end what was acknowledged, stored and received is
//! compared.
//!
//! ```text
//! cargo build --workspace --bins
//! target/debug/chaos                                  all scenarios, some minutes
//! target/debug/chaos kills --kills 200 --seed 7       one of them
//! target/debug/chaos --minutes 120                    rounds with rising seeds
//! target/debug/chaos mutants --gateway PATH           finds deliberate bugs (tests/chaos/mutants)
//! ```
//!
//! | to read about | look at |
//! |---|---|
//! | what is done to the gateway | `scenario`, a file each |
//! | what runs meanwhile | `stage`, `load`, `receiver` |
//! | what must hold in the end | `ledger`; while it runs: `load/post`, `receiver/seen` |
//!
//! Options: `--gateway PATH` (default: beside this program), `--seed N` (1), `--kills N` (6, per
//! scenario and database), `--minutes N`, `--on sqlite|postgres`, `--messages N` (acknowledged at
//! least), `--patience SECONDS` (how long open deliveries may stand still), `--log LEVEL` of
//! the gateway (error), `--sabotage BUG`.
//!
//! The last line is the verdict. Exit code 1: a promise was broken, or the proof could not be
//! carried out.

mod clock;
mod dice;
mod disk;
mod gateway;
mod http;
mod ledger;
mod load;
mod options;
mod postgres;
mod proxy;
mod receiver;
mod scenario;
mod stage;
mod verdict;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use options::Options;
use verdict::{Figures, Violation, say};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(verdict) => {
            say(&verdict);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let what = if error.is::<Violation>() {
                "BROKEN"
            } else {
                "NOT PROVED"
            };
            say(&format!("{what}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<String> {
    let mut options = Options::read()?;
    say(gateway::COMPRESSION);
    if options.scenarios == ["mutants"] {
        return scenario::mutants::run(&options).await;
    }
    let (begun, first) = (Instant::now(), options.seed);
    let mut figures = Figures::default();
    loop {
        say(&format!("seed {}", options.seed));
        figures.add(&round(&options).await?);
        if begun.elapsed() >= options.minutes {
            break;
        }
        options.seed += 1;
    }
    let seeds = if options.seed == first {
        format!("seed {first}")
    } else {
        format!("seeds {first} to {}", options.seed)
    };
    Ok(format!(
        "KEPT: 0 lost, 0 twice, 0 out of order, 0 at the same time; {seeds}, {} s: {figures}",
        begun.elapsed().as_secs()
    ))
}

/// All scenarios that were asked for.
async fn round(options: &Options) -> Result<Figures> {
    let mut names: Vec<&str> = options.scenarios.iter().map(String::as_str).collect();
    if names.is_empty() {
        names.extend(scenario::ALL);
    }
    let mut figures = Figures::default();
    for name in names {
        let done = scenario::run(name, options).await;
        figures.add(&done.map_err(|error| told(error, name, options.seed))?);
    }
    Ok(figures)
}

/// With what repeats it.
fn told(error: anyhow::Error, name: &str, seed: u64) -> anyhow::Error {
    let again = format!("repeat with: chaos {name} --seed {seed}");
    match error.downcast::<Violation>() {
        Ok(Violation(what)) => Violation(format!("{what} ({again})")).into(),
        Err(error) => error.context(again),
    }
}
