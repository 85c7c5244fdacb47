//! The gateway as a real process.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running gateway.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    /// From the start of the process to its first answer.
    pub(crate) ready_after: Duration,
}

impl Process {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(binary: &Path, database: &str, folder: &Path) -> Result<Self> {
        let port = port(folder)?;
        let base = format!("http://127.0.0.1:{port}");
        let mut child = Command::new(binary)
            .args(["serve", "--dev"])
            .current_dir(folder)
            .env("GATEWRIGHT_DATABASE__URL", database)
            .env(
                "GATEWRIGHT_SECRETS__MASTER_KEY",
                "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            )
            .env("GATEWRIGHT_SERVER__BIND", format!("127.0.0.1:{port}"))
            .env(
                "GATEWRIGHT_DELIVERY__SCHEDULE",
                "0s,200ms,500ms,1s,1s,1s,1s,1s,1s,1s,1s,1s",
            )
            .env("GATEWRIGHT_DELIVERY__HOLD_ATTEMPTS", "12")
            .env("GATEWRIGHT_DELIVERY__PROBE_INTERVAL", "200ms")
            .env("GATEWRIGHT_DELIVERY__PROBE_INTERVAL_MAX", "1s")
            .env("GATEWRIGHT_DELIVERY__TIMEOUT", "2s")
            .env("GATEWRIGHT_DELIVERY__LEASE_SLACK", "6s")
            .env("GATEWRIGHT_HTTP__REQUESTS_PER_MINUTE", "0")
            .env("GATEWRIGHT_INTAKE__FLOOD_PER_MINUTE", "1000000")
            .env("GATEWRIGHT_LOG__LEVEL", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let begun = Instant::now();
        let token = first_token(&mut child);
        let ready = async { ready(&base).await.map(|()| begun.elapsed()) };
        let (token, ready) = tokio::join!(token, ready);
        let ready_after = ready?;
        Ok(Self {
            child,
            base,
            token: token?,
            ready_after,
        })
    }

    /// Resident memory in kB.
    pub(crate) fn memory(&self) -> Result<u64> {
        let id = self.child.id().context("the gateway runs")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("VmRSS")?;
        let number = line.split_whitespace().nth(1).context("a number")?;
        Ok(number.parse()?)
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }
}

/// One port for the whole run, so that clients find the next process where the last one was.
fn port(folder: &Path) -> Result<u16> {
    let file = folder.join("port");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return Ok(text.parse()?);
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    std::fs::write(file, port.to_string())?;
    Ok(port)
}

/// The token that the first start prints; later starts print nothing.
async fn first_token(child: &mut Child) -> Result<Option<String>> {
    let stdout = child.stdout.take().context("a pipe")?;
    let mut lines = BufReader::new(stdout).lines();
    let read = async {
        while let Some(line) = lines.next_line().await? {
            if let Some(token) = line.strip_prefix("token") {
                return Ok(Some(token.trim().to_owned()));
            }
        }
        Ok(None)
    };
    tokio::time::timeout(Duration::from_secs(3), read)
        .await
        .unwrap_or(Ok(None))
}

async fn ready(base: &str) -> Result<()> {
    let begun = Instant::now();
    while crate::load::get(&format!("{base}/readyz"))
        .await
        .unwrap_or(0)
        != 200
    {
        if begun.elapsed() > Duration::from_secs(30) {
            bail!("the gateway is not ready after 30 s");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
