//! The database restarted, cut off and stalled, under load. Nobody may be told more than "later".

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::options::Options;
use crate::postgres::{Postgres, Stop};
use crate::proxy::{Proxy, Way, wait_ms};
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, say};

#[derive(Clone, Copy, Debug)]
enum Fault {
    Cut,
    Stall,
    Restart(Stop),
    /// The server is away for some time.
    Away(Stop),
}

const FAULTS: [Fault; 5] = [
    Fault::Cut,
    Fault::Restart(Stop::Fast),
    Fault::Stall,
    Fault::Away(Stop::Immediate),
    Fault::Restart(Stop::Immediate),
];

/// After a fault, posts are acknowledged again within this time.
const RECOVERY: Duration = Duration::from_secs(20);

pub(super) async fn run(options: &Options) -> Result<Figures> {
    let Some(postgres) = Postgres::start().await? else {
        say("database: skipped, there is no initdb here");
        return Ok(Figures::default());
    };
    say("database: PostgreSQL restarted, cut off, stalled");
    let proxy = Proxy::start(postgres.address()).await?;
    let setting = Setting {
        database: Some(format!(
            "postgres://postgres@127.0.0.1:{}/postgres",
            proxy.port
        )),
        direct: Some(postgres.url()),
        ..Setting::default()
    };
    let mut stage = Stage::open(options, setting).await?;
    for fault in FAULTS {
        stage.pressure().await?;
        let length = stage.dice.within(800, 3000);
        let begun = Instant::now();
        befall(fault, length, &proxy, &postgres).await?;
        let after = stage.recovered(RECOVERY).await?;
        stage.figures.faults += 1;
        let took = begun.elapsed().saturating_sub(after).as_millis();
        say(&format!(
            "  {fault:?}, {took} ms; acknowledged again {} ms later",
            after.as_millis()
        ));
    }
    stage.close().await
}

async fn befall(fault: Fault, length: u64, proxy: &Proxy, postgres: &Postgres) -> Result<()> {
    match fault {
        Fault::Cut | Fault::Stall => {
            let cut = matches!(fault, Fault::Cut);
            proxy.set(if cut { Way::Cut } else { Way::Stalled });
            wait_ms(length).await;
            proxy.set(Way::Open);
        }
        Fault::Restart(how) => {
            postgres.stop(how).await?;
            postgres.launch().await?;
        }
        Fault::Away(how) => {
            postgres.stop(how).await?;
            wait_ms(length).await;
            postgres.launch().await?;
        }
    }
    Ok(())
}
