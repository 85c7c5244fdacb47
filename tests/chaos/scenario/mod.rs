//! What is done to the gateway, a file each.

mod clock;
mod database;
mod disk;
mod kills;
pub(crate) mod mutants;
mod nodes;
mod receivers;

use anyhow::{Result, bail};

use crate::options::Options;
use crate::verdict::Figures;

/// All scenarios, in the order in which they run.
pub(crate) const ALL: [&str; 6] = ["kills", "nodes", "database", "receivers", "disk", "clock"];

/// Runs one; nothing when this machine lacks what it needs, which it says.
pub(crate) async fn run(name: &str, options: &Options) -> Result<Figures> {
    match name {
        "kills" => kills::run(options).await,
        "nodes" => nodes::run(options).await,
        "database" => database::run(options).await,
        "receivers" => receivers::run(options).await,
        "disk" => disk::run(options).await,
        "clock" => clock::run(options).await,
        other => bail!("no scenario {other}: there are {ALL:?} and mutants"),
    }
}
