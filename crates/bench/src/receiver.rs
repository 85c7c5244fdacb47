//! Receivers of webhooks: a process of its own, so that their CPU is counted apart.

mod serve;

use std::fmt;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub(crate) use serve::serve;

use crate::connection::Connection;
use crate::histogram::Quantiles;

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Group {
    /// 200 at once.
    Quick,
    /// 200 after a second.
    Slow,
    /// Never: it takes the request and is silent.
    Dead,
}

impl Group {
    const ALL: [Self; 3] = [Self::Quick, Self::Slow, Self::Dead];
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quick => "quick",
            Self::Slow => "slow",
            Self::Dead => "dead",
        })
    }
}

/// What a group of receivers got.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Webhooks, those that came again left out.
    pub(crate) received: u64,
    /// Those that came again.
    pub(crate) again: u64,
    /// When the last new one came, in microseconds since 1970.
    pub(crate) last_us: u64,
    /// From the time at which the message was to be posted to the arrival of its webhook.
    pub(crate) latency: Option<Quantiles>,
}

/// The receivers' process.
pub(crate) struct Receiver {
    child: Child,
    address: String,
}

impl Receiver {
    /// Starts it: this program again.
    pub(crate) async fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("receiver")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("a pipe")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let address = line.context("the receiver ended at once")?;
        Ok(Self { child, address })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where one of a group is.
    pub(crate) fn url(&self, group: Group, number: u64) -> String {
        format!("http://{}/{group}/{number}", self.address)
    }

    /// Forgets what came.
    pub(crate) async fn reset(&self) -> Result<()> {
        let mut connection = Connection::open(&self.address, "").await?;
        connection
            .json(Method::GET, "/-/reset", &Value::Null)
            .await?;
        Ok(())
    }

    /// Waits until a group got `count` webhooks, or for so long.
    pub(crate) async fn wait(&self, group: Group, count: u64, most: Duration) -> Result<Report> {
        let mut connection = Connection::open(&self.address, "").await?;
        let path = format!("/-/wait/{group}/{count}/{}", most.as_millis());
        let report = connection.json(Method::GET, &path, &Value::Null).await?;
        Ok(serde_json::from_value(report)?)
    }
}
