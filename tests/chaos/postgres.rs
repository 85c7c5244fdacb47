//! A PostgreSQL of one's own, in a folder that goes away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::process::Command;

use crate::gateway::free_port;

/// A running server. Dropped, it is stopped.
pub(crate) struct Postgres {
    binaries: PathBuf,
    dir: TempDir,
    port: u16,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// Breaks connections off and writes what it knows.
    Fast,
    /// Ends at once, and recovers from its log at the next start.
    Immediate,
}

impl Postgres {
    /// Starts a server; none when its programs are not there.
    pub(crate) async fn start() -> Result<Option<Self>> {
        let Some(binaries) = binaries() else {
            return Ok(None);
        };
        let server = Self {
            binaries,
            dir: tempfile::tempdir()?,
            port: free_port()?,
        };
        server.hand_over().await?;
        let data = server.data();
        server
            .run(
                "initdb",
                &[
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "--locale=C",
                    "-E",
                    "UTF8",
                    "-D",
                    &data,
                ],
            )
            .await?;
        server.launch().await?;
        Ok(Some(server))
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn launch(&self) -> Result<()> {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200",
            self.port
        );
        let (data, log) = (
            self.data(),
            self.dir.path().join("log").display().to_string(),
        );
        self.run(
            "pg_ctl",
            &["-D", &data, "-w", "-s", "-l", &log, "-o", &options, "start"],
        )
        .await
    }

    pub(crate) async fn stop(&self, how: Stop) -> Result<()> {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.run(
            "pg_ctl",
            &["-D", &self.data(), "-w", "-s", "-m", mode, "stop"],
        )
        .await
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    /// The server refuses to run as root, so its folder is the user's who may.
    async fn hand_over(&self) -> Result<()> {
        if !is_root() {
            return Ok(());
        }
        let done = Command::new("chown")
            .args([OWNER, &self.dir.path().display().to_string()])
            .status()
            .await?;
        if !done.success() {
            bail!("chown {OWNER} failed");
        }
        Ok(())
    }

    async fn run(&self, program: &str, args: &[&str]) -> Result<()> {
        let mut command = self.command(program);
        let command = command.args(args).stdout(std::process::Stdio::null());
        let done = tokio::time::timeout(Duration::from_mins(1), command.status());
        let status = done.await.context(program.to_owned())??;
        if !status.success() {
            bail!("{program} {args:?}: {status}");
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", OWNER, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.dir.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl").into_std();
        drop(
            command
                .args(["-D", &self.data(), "-s", "-m", "immediate", "stop"])
                .status(),
        );
    }
}

const OWNER: &str = "postgres";

/// Whether this program may mount and change owners.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

/// The folder with the server's programs, the newest release's.
fn binaries() -> Option<PathBuf> {
    let releases = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut folders: Vec<PathBuf> = releases
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let has = |folder: &Path| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&paths))
        .find(|folder| has(folder))
}
