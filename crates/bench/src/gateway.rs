//! The gateway as a real process.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::connection::Connection;

/// What the benchmark sets, and says: the limits that would stop one client's load.
pub(crate) const SETTINGS: [(&str, &str); 3] = [
    ("http.requests_per_minute", "0"),
    ("intake.flood_per_minute", "1000000"),
    ("log.level", "warn"),
];

const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// How long a start or an end may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A running gateway.
pub(crate) struct Gateway {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// The administrator's token.
    pub(crate) token: String,
    /// From the start of the process to its first answer.
    pub(crate) first_answer: Duration,
}

/// How to start it.
pub(crate) struct Start<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) database_url: &'a str,
    /// A folder of its own: it finds no configuration there.
    pub(crate) folder: &'a Path,
    /// Its log, begun anew.
    pub(crate) log: &'a Path,
    /// The token of an earlier start on the same database.
    pub(crate) token: Option<&'a str>,
    /// Settings beyond [`SETTINGS`].
    pub(crate) settings: &'a [(&'a str, &'a str)],
}

impl Gateway {
    /// Starts it and waits for its first answer.
    pub(crate) async fn start(start: Start<'_>) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut command = command(&start, &address)?;
        let begun = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("{} does not start", start.binary.display()))?;
        let stdout = child.stdout.take().context("a pipe")?;
        first_answer(&address, &mut child).await?;
        let first_answer = begun.elapsed();
        let token = match start.token {
            Some(token) => token.to_owned(),
            None => first_token(stdout).await?,
        };
        Ok(Self {
            child,
            address,
            token,
            first_answer,
        })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Result<Connection> {
        Connection::open(&self.address, &self.token).await
    }

    /// Ends it as an operator does: what it has begun is finished and written.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = self.child.id().context("the gateway runs")?;
        let told = Command::new("kill")
            .args(["-TERM", &pid.to_string()])
            .status()
            .await?;
        if !told.success() {
            bail!("the gateway cannot be told to end");
        }
        tokio::time::timeout(TIMEOUT, self.child.wait()).await??;
        Ok(())
    }

    /// Ends it, whatever it was doing.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }
}

fn command(start: &Start<'_>, address: &str) -> Result<Command> {
    let log = File::create(start.log)?;
    let mut command = Command::new(start.binary);
    command
        .args(["serve", "--dev"])
        .current_dir(start.folder)
        .envs(variables(start.database_url))
        .env(variable("server.bind"), address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    for (key, value) in start.settings {
        command.env(variable(key), value);
    }
    Ok(command)
}

/// What every gateway is told, as its environment says it.
pub(crate) fn variables(database_url: &str) -> impl Iterator<Item = (String, String)> {
    let own = [
        ("database.url", database_url),
        ("secrets.master_key", MASTER_KEY),
    ];
    let all = own.into_iter().chain(SETTINGS);
    all.map(|(key, value)| (variable(key), value.to_owned()))
}

fn variable(key: &str) -> String {
    format!("GATEWRIGHT_{}", key.to_uppercase().replace('.', "__"))
}

/// Asks until it answers. Each try is a connection, which costs the gateway nothing before it
/// listens.
async fn first_answer(address: &str, child: &mut Child) -> Result<()> {
    let begun = Instant::now();
    loop {
        if let Ok(mut connection) = Connection::open(address, "").await
            && let Ok((200, _)) = connection.send(Method::GET, "/readyz", Bytes::new()).await
        {
            return Ok(());
        }
        if let Some(status) = child.try_wait()? {
            bail!("the gateway ended at once: {status}");
        }
        if begun.elapsed() > TIMEOUT {
            bail!("the gateway is not ready after {TIMEOUT:?}");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The token that the first start prints.
async fn first_token(stdout: ChildStdout) -> Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    let read = async {
        while let Some(line) = lines.next_line().await? {
            if let Some(token) = line.strip_prefix("token") {
                return Ok(token.trim().to_owned());
            }
        }
        bail!("the first start printed no token")
    };
    tokio::time::timeout(TIMEOUT, read).await?
}
