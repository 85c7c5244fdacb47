//! The time of day jumps, ahead and back, on one node over SQLite and on two over PostgreSQL that
//! then disagree. Neither leases nor order may depend on it.

use std::time::Duration;

use anyhow::Result;

use crate::clock::Clocks;
use crate::options::Options;
use crate::postgres::Postgres;
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, say};

const HOUR: i64 = 3600;

/// How far the clocks are from the true one, step by step.
const OFFSETS: [i64; 5] = [HOUR, -HOUR, 24 * HOUR, 23 * HOUR, -2 * HOUR];

const RECOVERY: Duration = Duration::from_secs(10);

pub(super) async fn run(options: &Options) -> Result<Figures> {
    let mut figures = Figures::default();
    let Some(clocks) = Clocks::make(2)? else {
        say("clock: skipped, there is no C compiler here");
        return Ok(figures);
    };
    if options.wants("sqlite") {
        say("clock: jumps, SQLite");
        figures.add(&on(options, Setting::default(), &clocks, 1).await?);
    }
    if options.wants("postgres") {
        let Some(postgres) = Postgres::start().await? else {
            say("clock, PostgreSQL: skipped, there is no initdb here");
            return Ok(figures);
        };
        say("clock: jumps, two nodes on PostgreSQL that disagree");
        let setting = Setting {
            database: Some(postgres.url()),
            ..Setting::default()
        };
        figures.add(&on(options, setting, &clocks, 2).await?);
    }
    Ok(figures)
}

async fn on(options: &Options, setting: Setting, clocks: &Clocks, nodes: usize) -> Result<Figures> {
    for node in 0..nodes {
        clocks.set(node, 0)?;
    }
    let setting = Setting {
        nodes,
        env: (0..nodes).map(|node| clocks.env(node)).collect(),
        ..setting
    };
    let mut stage = Stage::open(options, setting).await?;
    for (step, offset) in OFFSETS.into_iter().enumerate() {
        stage.pressure().await?;
        clocks.set(step % nodes, offset)?;
        stage.figures.faults += 1;
        let after = stage.recovered(RECOVERY).await?;
        say(&format!(
            "  clock of node {} at {offset:+} s; {} ms for 50 more acknowledged",
            step % nodes,
            after.as_millis()
        ));
        stage
            .pass(Duration::from_millis(stage.dice.within(500, 2000)))
            .await?;
    }
    stage.kill(0).await?;
    stage.close().await
}
