//! `kill -9` at random moments, on either database.

use anyhow::Result;

use crate::options::Options;
use crate::postgres::Postgres;
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, say};

pub(super) async fn run(options: &Options) -> Result<Figures> {
    let mut figures = Figures::default();
    if options.wants("sqlite") {
        say("kills, SQLite");
        figures.add(&on(options, Setting::default()).await?);
    }
    if options.wants("postgres") {
        let Some(postgres) = Postgres::start().await? else {
            say("kills, PostgreSQL: skipped, there is no initdb here");
            return Ok(figures);
        };
        say("kills, PostgreSQL");
        let setting = Setting {
            database: Some(postgres.url()),
            ..Setting::default()
        };
        figures.add(&on(options, setting).await?);
    }
    Ok(figures)
}

async fn on(options: &Options, setting: Setting) -> Result<Figures> {
    let mut stage = Stage::open(options, setting).await?;
    for _ in 0..options.kills {
        stage.kill(0).await?;
    }
    stage.close().await
}
