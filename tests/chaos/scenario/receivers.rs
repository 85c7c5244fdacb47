//! Receivers that refuse, hang, reset, flap, crawl, close early and send elsewhere, and one that
//! never takes some messages. In the midst the gateway is killed once.

use std::time::Duration;

use anyhow::Result;

use crate::options::Options;
use crate::receiver::Vice;
use crate::stage::{Setting, Stage};
use crate::verdict::{Figures, say};

const VICES: [(&str, Vice); 8] = [
    ("/channel/a", Vice::Resets),
    ("/channel/b", Vice::Hangs),
    ("/webhook/errs", Vice::Errs),
    ("/webhook/flaps", Vice::Flaps),
    ("/webhook/crawls", Vice::Crawls),
    ("/webhook/closes", Vice::ClosesEarly),
    ("/webhook/redirects", Vice::Redirects),
    ("/webhook/picky", Vice::Picky),
];

/// Shorter yet, for what is never taken to die in time.
const SHORTER: [(&str, &str); 2] = [
    (
        "GATEWRIGHT_DELIVERY__SCHEDULE",
        "0s,200ms,300ms,400ms,500ms,600ms",
    ),
    ("GATEWRIGHT_DELIVERY__PROBE_INTERVAL_MAX", "300ms"),
];

pub(super) async fn run(options: &Options) -> Result<Figures> {
    say("receivers: one of each vice");
    let webhooks = VICES.iter().map(|(path, _)| *path);
    let setting = Setting {
        webhooks: webhooks
            .filter(|path| path.starts_with("/webhook"))
            .collect(),
        vices: VICES.to_vec(),
        hold_attempts: 4,
        env: vec![
            SHORTER
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        ],
        ..Setting::default()
    };
    let mut stage = Stage::open(options, setting).await?;
    stage.pass(Duration::from_secs(8)).await?;
    stage.kill(0).await?;
    stage.pass(Duration::from_secs(8)).await?;
    stage.close().await
}
