//! The gateway as a real process.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::http::Http;

/// Pauses, timeouts and leases are compressed, so that minutes are enough.
const COMPRESSED: &[(&str, &str)] = &[
    (
        "GATEWRIGHT_DELIVERY__SCHEDULE",
        "0s,200ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s,1s",
    ),
    ("GATEWRIGHT_DELIVERY__PROBE_INTERVAL", "200ms"),
    ("GATEWRIGHT_DELIVERY__PROBE_INTERVAL_MAX", "1s"),
    ("GATEWRIGHT_DELIVERY__TIMEOUT", "2s"),
    ("GATEWRIGHT_DELIVERY__LEASE_SLACK", "6s"),
    // Disks are small here.
    ("GATEWRIGHT_DATABASE__MIN_FREE", "8MiB"),
    ("GATEWRIGHT_ATTACHMENTS__MIN_FREE", "8MiB"),
    ("GATEWRIGHT_HTTP__REQUESTS_PER_MINUTE", "0"),
    ("GATEWRIGHT_INTAKE__FLOOD_PER_MINUTE", "1000000"),
    (
        "GATEWRIGHT_SECRETS__MASTER_KEY",
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
    ),
];

/// In words, for the output.
pub(crate) const COMPRESSION: &str = "compressed by configuration: pauses between attempts 0.2 s \
    to 1 s (12 attempts), probes every 0.2 s to 1 s, timeout 2 s, leases 8 s";

/// What a process needs to start, again and again.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) binary: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    /// The same for the whole run, so that clients find the next process where the last one was.
    pub(crate) port: u16,
    pub(crate) env: Vec<(String, String)>,
}

/// A running gateway.
pub(crate) struct Process {
    child: Child,
    /// From the start of the process to its first answer.
    pub(crate) ready_after: Duration,
}

impl Node {
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<Process> {
        let begun = Instant::now();
        let child = self.spawn()?;
        self.ready(begun).await?;
        Ok(Process {
            child,
            ready_after: begun.elapsed(),
        })
    }

    /// The first start of a database, which prints the token.
    pub(crate) async fn start_first(&self) -> Result<(Process, String)> {
        let mut process = self.start().await?;
        let stdout = process.child.stdout.take().context("a pipe")?;
        let mut lines = BufReader::new(stdout).lines();
        let token = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(token) = line.strip_prefix("token") {
                    return Ok(token.trim().to_owned());
                }
            }
            bail!("the first start printed no token: the database is not empty")
        };
        let token = tokio::time::timeout(Duration::from_secs(5), token).await??;
        Ok((process, token))
    }

    fn spawn(&self) -> Result<Child> {
        Command::new(&self.binary)
            .args(["serve", "--dev"])
            .current_dir(&self.folder)
            .envs(COMPRESSED.iter().copied())
            .env("GATEWRIGHT_DATABASE__URL", &self.database)
            .env(
                "GATEWRIGHT_SERVER__BIND",
                format!("127.0.0.1:{}", self.port),
            )
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.binary.display()))
    }

    async fn ready(&self, begun: Instant) -> Result<()> {
        let http = Http::new("");
        let url = format!("{}/readyz", self.base());
        while !matches!(http.get(&url).await, Ok(answer) if answer.status == 200) {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("the gateway is not ready after 30 s");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}

impl Process {
    /// `kill -9`.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }

    /// An error if it has ended by itself.
    pub(crate) fn lives(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the gateway ended by itself: {status}"),
        }
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(socket.local_addr()?.port())
}
