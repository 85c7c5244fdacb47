//! Kills a gateway under load, again and again, and looks whether anything was lost.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p gatewright-tests --bin crash -- --gateway target/release/gatewright
//! ```
//!
//! Options: `--database URL` (default: a SQLite file of its own), `--kills N` (20), `--seed N`,
//! `--messages N` (posted at least, 2000). A kill counts only if at least 50 requests were in
//! flight and 50 deliveries open. The pauses between attempts and the leases are compressed by
//! configuration, so that minutes are enough.
//!
//! With `--kills 0` nothing is killed and the receiver is quick: the run then says how fast the
//! gateway starts, what it takes in memory, and how many messages a second it stores and delivers.
//!
//! The self-test: a gateway built with the feature `acknowledge-before-commit` must fail here.

mod gateway;
mod ledger;
mod load;
mod receiver;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use gateway::Process;
use load::Load;
use receiver::Receiver;

/// What the command line says.
struct Options {
    gateway: PathBuf,
    database: Option<String>,
    kills: u32,
    seed: u64,
    messages: usize,
}

const IN_FLIGHT: usize = 50;
const OPEN: i64 = 50;

#[tokio::main]
async fn main() -> Result<()> {
    let options = options()?;
    let dir = tempfile::tempdir()?;
    let database = options
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", dir.path().join("gatewright.db").display()));
    say(&format!(
        "seed {}, database {}",
        options.seed,
        kind(&database)
    ));
    let receiver = Receiver::start(options.seed).await?;
    if options.kills == 0 {
        receiver.be_quick();
    }
    let mut process = Process::start(&options.gateway, &database, dir.path()).await?;
    let (ready, memory) = (process.ready_after, process.memory()?);
    say(&format!(
        "ready after {} ms, {memory} kB resident",
        ready.as_millis()
    ));
    let token = process.token.clone().context("the database is not empty")?;
    let inbox = load::prepare(&process, &token, &receiver).await?;
    let load = Arc::new(Load::new(&process, token, inbox, options.seed));
    let running = Load::run(&load);

    let mut counted = 0;
    while counted < options.kills {
        let (in_flight, open) = await_pressure(&load, &database).await?;
        process.kill().await?;
        counted += 1;
        say(&format!(
            "kill {counted}: {in_flight} requests in flight, {open} deliveries open"
        ));
        process = Process::start(&options.gateway, &database, dir.path()).await?;
    }
    load.stop_at(options.messages);
    let loaded = Instant::now();
    running.await?;
    let stored = load.acknowledged().len();
    if options.kills == 0 {
        say_rate("stored", stored, loaded.elapsed());
    }
    receiver.be_quick();
    drain(&database).await?;
    say_rate(
        "stored and delivered to two receivers",
        stored,
        loaded.elapsed(),
    );
    say(&format!("{} kB resident after the load", process.memory()?));
    let verdict = ledger::check(&database, &load, &receiver).await?;
    process.kill().await?;
    say(&verdict);
    Ok(())
}

fn say_rate(what: &str, count: usize, took: Duration) {
    let rate = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64();
    say(&format!(
        "{count} messages {what} in {:.2} s: {rate:.0} a second",
        took.as_secs_f64()
    ));
}

/// Waits until a kill would count.
async fn await_pressure(load: &Load, database: &str) -> Result<(usize, i64)> {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(load.chance(120, 400))).await;
        let open = ledger::open(database).await?;
        let in_flight = load.in_flight();
        if in_flight >= IN_FLIGHT && open >= OPEN {
            return Ok((in_flight, open));
        }
        if begun.elapsed() > Duration::from_mins(1) {
            bail!("no pressure: {in_flight} in flight, {open} open");
        }
    }
}

async fn drain(database: &str) -> Result<()> {
    let begun = Instant::now();
    while ledger::open(database).await? > 0 {
        if begun.elapsed() > Duration::from_mins(5) {
            bail!("deliveries are open five minutes after the load ended");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options {
        gateway: PathBuf::from("target/release/gatewright"),
        database: None,
        kills: 20,
        seed: 1,
        messages: 2000,
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--gateway" => options.gateway = std::path::absolute(value)?,
            "--database" => options.database = Some(value),
            "--kills" => options.kills = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            "--messages" => options.messages = value.parse()?,
            other => bail!("unknown option {other}"),
        }
    }
    Ok(options)
}

fn kind(database: &str) -> &str {
    database.split(':').next().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "the program's result")]
fn say(line: &str) {
    println!("{line}");
}
