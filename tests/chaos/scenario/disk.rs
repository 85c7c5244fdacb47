//! The disk gets full under SQLite. Writes are refused with 503 and `Retry-After`, reads go on, and
//! once there is room the gateway recovers alone.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::disk::Disk;
use crate::options::Options;
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, promise, say};

const MEGABYTES: u32 = 160;

/// Once there is room, posts are acknowledged again within this time.
const RECOVERY: Duration = Duration::from_secs(15);

pub(super) async fn run(options: &Options) -> Result<Figures> {
    let Some(disk) = Disk::mount(MEGABYTES)? else {
        say("disk: skipped, nothing may be mounted here (it takes root)");
        return Ok(Figures::default());
    };
    say("disk: full under SQLite");
    let setting = Setting {
        folder: Some(disk.path().to_path_buf()),
        ..Setting::default()
    };
    let mut stage = Stage::open(options, setting).await?;
    for round in 0..3 {
        stage.pressure().await?;
        let refused = fill(&mut stage, &disk).await?;
        // In the last round it is killed while there is no room.
        if round == 2 {
            stage.crash(0).await?;
            disk.free()?;
            stage.launch(0).await?;
        } else {
            disk.free()?;
        }
        let after = stage.recovered(RECOVERY).await?;
        stage.figures.faults += 1;
        say(&format!(
            "  full: {refused} times 503, reads went on; acknowledged again {} ms after",
            after.as_millis()
        ));
    }
    stage.close().await
}

/// Fills the disk until posts are refused, and looks whether reads go on.
async fn fill(stage: &mut Stage, disk: &Disk) -> Result<usize> {
    let before = stage.load.told.answers(503);
    disk.fill()?;
    let begun = Instant::now();
    let (http, page) = (stage.load.http(), stage.load.readable());
    stage.load.hold(false);
    let until = begun + Duration::from_millis(stage.dice.within(1500, 3500));
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stage.watch()?;
        let answer = http.get(&page).await?;
        promise(answer.status == 200, || {
            format!("a read is answered with {}: {}", answer.status, answer.body)
        })?;
        let refused = stage.load.told.answers(503) - before;
        if refused > 0 && Instant::now() > until {
            let ready = http.get(&stage.load.readiness()).await?;
            let told = ready.body["checks"]["storage"].as_str().unwrap_or_default();
            promise(ready.status == 503 && told.contains("full"), || {
                format!("the disk is full, and /readyz says {}", ready.body)
            })?;
            return Ok(refused);
        }
        promise(begun.elapsed() < Duration::from_secs(20), || {
            "the disk is full and no post is refused".to_owned()
        })?;
    }
}
