//! Two nodes on one PostgreSQL, each killed in turn. Clients go to the other node meanwhile.

use anyhow::Result;

use crate::options::Options;
use crate::postgres::Postgres;
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, say};

pub(super) async fn run(options: &Options) -> Result<Figures> {
    let Some(postgres) = Postgres::start().await? else {
        say("nodes: skipped, there is no initdb here");
        return Ok(Figures::default());
    };
    say("nodes: two on one PostgreSQL");
    let setting = Setting {
        database: Some(postgres.url()),
        nodes: 2,
        ..Setting::default()
    };
    let mut stage = Stage::open(options, setting).await?;
    for kill in 0..options.kills {
        stage.kill(kill % 2).await?;
    }
    stage.close().await
}
