//! What the command line says.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What to do.
#[derive(Clone)]
pub(crate) struct Options {
    /// Names of scenarios; none means all.
    pub(crate) scenarios: Vec<String>,
    pub(crate) gateway: PathBuf,
    pub(crate) seed: u64,
    /// Kills per scenario and database.
    pub(crate) kills: usize,
    /// Rounds with rising seeds until so much time has passed; one round when zero.
    pub(crate) minutes: Duration,
    /// Only this database, where a scenario runs on either.
    pub(crate) on: Option<String>,
    /// Posted at least.
    pub(crate) messages: usize,
    /// How long open deliveries may stand still in the end.
    pub(crate) patience: Duration,
    /// What the gateway logs.
    pub(crate) log: String,
    /// The deliberate bug of the gateway, by its name.
    pub(crate) sabotage: Option<String>,
}

impl Options {
    pub(crate) fn read() -> Result<Self> {
        let mut options = Self {
            scenarios: Vec::new(),
            gateway: beside_this_program()?,
            seed: 1,
            kills: 6,
            minutes: Duration::ZERO,
            on: None,
            messages: 0,
            patience: Duration::from_secs(45),
            log: "error".to_owned(),
            sabotage: None,
        };
        let mut args = std::env::args().skip(1);
        while let Some(name) = args.next() {
            if !name.starts_with("--") {
                options.scenarios.push(name);
                continue;
            }
            let value = args
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--gateway" => options.gateway = std::path::absolute(value)?,
                "--seed" => options.seed = value.parse()?,
                "--kills" => options.kills = value.parse()?,
                "--minutes" => options.minutes = Duration::from_secs(60 * value.parse::<u64>()?),
                "--on" => options.on = Some(value),
                "--messages" => options.messages = value.parse()?,
                "--patience" => options.patience = Duration::from_secs(value.parse()?),
                "--log" => options.log = value,
                "--sabotage" => options.sabotage = Some(value),
                other => bail!("unknown option {other}"),
            }
        }
        Ok(options)
    }

    /// Whether this database is wanted.
    pub(crate) fn wants(&self, database: &str) -> bool {
        self.on.as_deref().is_none_or(|on| on == database)
    }
}

fn beside_this_program() -> Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("gatewright"))
}
