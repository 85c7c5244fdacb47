//! How long the gateway takes to be built: from nothing, and after a change.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use tokio::process::Command;

use super::Case;
use crate::bench::Bench;
use crate::row::{About, Measured};

pub(crate) const NAME: &str = "build";

pub(crate) const WHOLE: &str = "gateway";

/// Changed for the build after a change: a crate that most others stand on.
const CHANGED: &str = "crates/core/src/lib.rs";

pub(super) fn cases(_: &Bench) -> Vec<Box<dyn Case>> {
    vec![Box::new(Build)]
}

struct Build;

#[async_trait]
impl Case for Build {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: WHOLE.to_owned(),
            store: None,
            writes: format!(
                "`cargo build -p gatewright-bin` into an empty folder, with --release and without, \
                 sources fetched; again after a change of {CHANGED}"
            ),
            limit: None,
            ourselves: true,
        }
    }

    /// It takes minutes.
    fn most_repetitions(&self) -> usize {
        1
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let cargo = bench.options.cargo.as_deref();
        let cargo = cargo.context("run it by cargo, which builds")?;
        let root = workspace(cargo).await?;
        let folder = tempfile::TempDir::with_prefix_in("build-", &bench.options.out)?;
        let build = async |arguments: &[&str]| -> Result<f64> {
            let begun = Instant::now();
            let built = Command::new(cargo)
                .args(["build", "--quiet", "--locked", "-p", "gatewright-bin"])
                .args(arguments)
                .current_dir(&root)
                .env("CARGO_TARGET_DIR", folder.path())
                .status()
                .await?;
            if !built.success() {
                bail!("the gateway does not build");
            }
            Ok(begun.elapsed().as_secs_f64())
        };
        let release = build(&["--release"]).await?;
        let cold = build(&[]).await?;
        touch(&root.join(CHANGED))?;
        let changed = build(&[]).await?;
        Ok(Measured {
            more: vec![
                ("release s", release),
                ("dev s", cold),
                ("after a change s", changed),
            ],
            ..Measured::default()
        })
    }
}

/// Where the sources are.
async fn workspace(cargo: &Path) -> Result<PathBuf> {
    let found = Command::new(cargo)
        .args(["locate-project", "--workspace", "--message-format=plain"])
        .stdin(Stdio::null())
        .output()
        .await?;
    let manifest = String::from_utf8(found.stdout)?;
    let root = Path::new(manifest.trim()).parent();
    root.map(Path::to_owned).context("the workspace is found")
}

/// Makes a file look changed.
fn touch(file: &Path) -> Result<()> {
    let file = std::fs::File::options().append(true).open(file)?;
    let modified = file.metadata()?.modified()? + Duration::from_secs(1);
    let now = std::time::UNIX_EPOCH + Duration::from_micros(crate::clock::now_us());
    Ok(file.set_modified(modified.max(now))?)
}
