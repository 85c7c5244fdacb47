//! A proof that cannot fail proves nothing. The gateway, built with the feature `sabotage`, is run
//! with each of its deliberate bugs, and each must be found.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::options::Options;
use crate::verdict::{Violation, say};

/// The deliberate bugs (`crates/core/src/sabotage.rs`).
const BUGS: [&str; 5] = [
    "acknowledge-before-commit",
    "forget-lease",
    "skip-duplicate-look-up",
    "ignore-open-lane",
    "leave-lane-early",
];

/// Runs the gateway with each bug, and without one.
pub(crate) async fn run(options: &Options) -> Result<String> {
    let options = Options {
        kills: options.kills.max(8),
        on: options.on.clone().or_else(|| Some("sqlite".to_owned())),
        patience: Duration::from_secs(15).min(options.patience),
        ..options.clone()
    };
    say("without a bug");
    super::run("kills", &options).await?;
    let mut survivors = Vec::new();
    for bug in BUGS {
        say(&format!("with the bug {bug}"));
        let options = Options {
            sabotage: Some(bug.to_owned()),
            ..options.clone()
        };
        match super::run("kills", &options).await {
            Ok(_) => survivors.push(bug),
            Err(error) => match error.downcast_ref::<Violation>() {
                Some(found) => say(&format!("  found: {found}")),
                None => return Err(error.context(format!("with the bug {bug}"))),
            },
        }
    }
    if !survivors.is_empty() {
        bail!(
            "not found: {survivors:?}; was the gateway built with --features gatewright-bin/sabotage?"
        );
    }
    Ok(format!("all {} deliberate bugs were found", BUGS.len()))
}
