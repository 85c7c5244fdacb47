//! One run: a database, one or more gateways, receivers, and clients that post.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::dice::Dice;
use crate::gateway::{Node, Process, free_port};
use crate::ledger;
use crate::load::{Load, Receivers};
use crate::options::Options;
use crate::receiver::{Receiver, Vice};
use crate::verdict::{Figures, Violation, promise, say};

/// A kill counts only with so many requests in flight and deliveries open.
const PRESSURE: usize = 50;
/// So many open deliveries are enough for any proof; the clients wait while there are more.
const OPEN_MAX: usize = 3000;

const INBOXES: [&str; 3] = ["/channel/a", "/channel/b", "/channel/c"];

/// How a stage is set.
pub(crate) struct Setting {
    /// As the gateways see it; without one, SQLite in a folder of the stage's own.
    pub(crate) database: Option<String>,
    /// The same database for the ledger, when the gateways' way to it may be cut.
    pub(crate) direct: Option<String>,
    /// Where SQLite's file is to be, if not in a folder of the stage's own.
    pub(crate) folder: Option<std::path::PathBuf>,
    pub(crate) nodes: usize,
    pub(crate) webhooks: Vec<&'static str>,
    pub(crate) vices: Vec<(&'static str, Vice)>,
    pub(crate) hold_attempts: u32,
    /// Variables, node by node.
    pub(crate) env: Vec<Vec<(String, String)>>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            database: None,
            direct: None,
            folder: None,
            nodes: 1,
            webhooks: vec!["/webhook/a", "/webhook/b"],
            vices: Vec::new(),
            // Nothing is to leave its lane where order is what is proved.
            hold_attempts: 12,
            env: Vec::new(),
        }
    }
}

/// A running stage.
pub(crate) struct Stage {
    pub(crate) dice: Dice,
    pub(crate) load: Arc<Load>,
    pub(crate) figures: Figures,
    nodes: Vec<(Node, Process)>,
    receiver: Receiver,
    running: JoinHandle<()>,
    database: String,
    hold_attempts: u32,
    patience: Duration,
    messages: usize,
    begun: Instant,
    _dir: TempDir,
}

impl Stage {
    /// Starts everything; the clients post from then on.
    pub(crate) async fn open(options: &Options, setting: Setting) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let folder = setting.folder.as_deref().unwrap_or(dir.path());
        let sqlite = format!("sqlite://{}", folder.join("gatewright.db").display());
        let database = setting.database.clone().unwrap_or(sqlite);
        let receiver = Receiver::start(options.seed, &setting.vices).await?;
        let specs = nodes(options, &setting, &database, folder)?;
        let mut nodes = Vec::new();
        let mut token = String::new();
        for node in specs {
            if nodes.is_empty() {
                let (process, first) = node.start_first().await?;
                token = first;
                nodes.push((node, process));
            } else {
                let process = node.start().await?;
                nodes.push((node, process));
            }
        }
        let bases = nodes.iter().map(|(node, _)| node.base()).collect();
        let receivers = Receivers {
            url: &receiver.url,
            inboxes: &INBOXES,
            webhooks: &setting.webhooks,
        };
        let load = Arc::new(Load::prepare(bases, token, options.seed, &receivers).await?);
        Ok(Self {
            dice: Dice::new(options.seed),
            running: Load::run(&load),
            load,
            figures: Figures::default(),
            nodes,
            receiver,
            database: setting.direct.unwrap_or(database),
            hold_attempts: setting.hold_attempts,
            patience: options.patience,
            messages: options.messages,
            begun: Instant::now(),
            _dir: dir,
        })
    }

    /// `kill -9` of a node under pressure, every other time just after an answer, and its next start.
    pub(crate) async fn kill(&mut self, index: usize) -> Result<()> {
        let (in_flight, open) = self.pressure().await?;
        if self.figures.kills.is_multiple_of(2) {
            self.next_answer().await;
        }
        let (node, process) = &mut self.nodes[index];
        process.kill().await?;
        self.figures.add(&Figures {
            kills: 1,
            in_flight: Some(in_flight),
            open: Some(open),
            ..Figures::default()
        });
        *process = node.start().await?;
        let (kills, ready) = (self.figures.kills, process.ready_after.as_millis());
        say(&format!(
            "  kill {kills}: {in_flight} in flight, {open} open, ready again after {ready} ms"
        ));
        Ok(())
    }

    /// Waits for the next acknowledgement: whoever answers too early is caught just after it.
    async fn next_answer(&self) {
        let (begun, before) = (Instant::now(), self.load.told.count());
        while self.load.told.count() == before && begun.elapsed() < Duration::from_secs(2) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// `kill -9`, at once.
    pub(crate) async fn crash(&mut self, index: usize) -> Result<()> {
        self.nodes[index].1.kill().await
    }

    /// Starts a node that was crashed.
    pub(crate) async fn launch(&mut self, index: usize) -> Result<()> {
        let (node, process) = &mut self.nodes[index];
        *process = node.start().await?;
        Ok(())
    }

    /// Waits until a kill would count.
    pub(crate) async fn pressure(&mut self) -> Result<(usize, usize)> {
        let begun = Instant::now();
        loop {
            self.pass(Duration::from_millis(self.dice.within(120, 400)))
                .await?;
            let Ok(open) = ledger::open(&self.database).await else {
                continue;
            };
            let in_flight = self.load.in_flight();
            if in_flight >= PRESSURE && open >= PRESSURE {
                return Ok((in_flight, open));
            }
            if begun.elapsed() > self.patience {
                // The clients wait while so many are open, and nothing becomes of these.
                promise(open <= OPEN_MAX, || format!("{open} deliveries stay open"))?;
                bail!("no pressure: {in_flight} in flight, {open} open");
            }
        }
    }

    /// Lets the load go on for so long.
    pub(crate) async fn pass(&mut self, length: Duration) -> Result<()> {
        let until = Instant::now() + length;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            tokio::time::sleep(left.min(Duration::from_millis(400))).await;
            if let Ok(open) = ledger::open(&self.database).await {
                self.load.hold(open > OPEN_MAX);
            }
            self.watch()?;
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Ends the run if a gateway ended by itself, or a client or receiver saw what none should see.
    pub(crate) fn watch(&mut self) -> Result<()> {
        for (_, process) in &mut self.nodes {
            if let Err(error) = process.lives() {
                return Err(Violation(error.to_string()).into());
            }
        }
        let mut wrongs = self.load.told.wrongs();
        wrongs.extend(self.receiver.seen().wrongs());
        promise(wrongs.is_empty(), || wrongs.join("\n"))
    }

    /// Waits until posts are acknowledged again.
    pub(crate) async fn recovered(&mut self, within: Duration) -> Result<Duration> {
        let (begun, before) = (Instant::now(), self.load.told.count());
        self.load.hold(false);
        while self.load.told.count() < before + PRESSURE {
            promise(begun.elapsed() < within, || {
                format!("nothing is acknowledged {within:?} after the fault ended")
            })?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(begun.elapsed())
    }

    /// Ends the load, waits until all is delivered, and compares.
    pub(crate) async fn close(mut self) -> Result<Figures> {
        while self.load.told.count() < self.messages {
            self.pass(Duration::from_millis(400)).await?;
        }
        self.load.stop();
        let stopping = tokio::time::timeout(Duration::from_mins(2), &mut self.running).await;
        promise(stopping.is_ok(), || "posts are not answered".to_owned())?;
        self.receiver.be_quick();
        self.drain().await?;
        let load = &self.load;
        let checked = ledger::check(
            &self.database,
            load,
            &self.receiver,
            &INBOXES,
            self.hold_attempts,
        );
        self.figures.add(&checked.await?);
        let took = self.begun.elapsed().as_secs();
        say(&format!("  kept in {took} s: {}", self.figures));
        for (_, process) in &mut self.nodes {
            process.kill().await?;
        }
        Ok(self.figures)
    }

    /// Waits until nothing is open; open deliveries may not stand still for long.
    async fn drain(&mut self) -> Result<()> {
        let mut last = (usize::MAX, 0);
        let mut since = Instant::now();
        loop {
            let now = ledger::progress(&self.database).await?;
            if now.0 == 0 {
                return Ok(());
            }
            if now != last {
                (last, since) = (now, Instant::now());
            }
            promise(since.elapsed() < self.patience, || {
                format!("{} deliveries are open and nothing becomes of them", now.0)
            })?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn nodes(options: &Options, setting: &Setting, database: &str, folder: &Path) -> Result<Vec<Node>> {
    let node = |index: usize| {
        let hold = setting.hold_attempts.to_string();
        let mut env = setting.env.get(index).cloned().unwrap_or_default();
        env.push(("GATEWRIGHT_DELIVERY__HOLD_ATTEMPTS".to_owned(), hold));
        env.push(("GATEWRIGHT_LOG__LEVEL".to_owned(), options.log.clone()));
        let bug = options.sabotage.clone();
        env.extend(bug.map(|bug| ("GATEWRIGHT_SABOTAGE".to_owned(), bug)));
        Ok(Node {
            binary: options.gateway.clone(),
            folder: folder.to_path_buf(),
            database: database.to_owned(),
            port: free_port()?,
            env,
        })
    };
    (0..setting.nodes).map(node).collect()
}
