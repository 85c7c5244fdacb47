//! From file and environment to a checked configuration.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use ::config::{Environment, File, FileFormat};

use super::{Config, ConfigError};

/// The file that is read when none is named and it exists.
const DEFAULT_FILE: &str = "gatewright.toml";
/// The variable that names the file.
const FILE_VARIABLE: &str = "GATEWRIGHT_CONFIG";
/// What every variable begins with.
const PREFIX: &str = "GATEWRIGHT_";

/// Where a configuration comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The file that was named; it must exist. Without one, `gatewright.toml` in the working folder
    /// is read if it is there.
    pub file: Option<PathBuf>,
    /// The environment. Of it, `GATEWRIGHT_CONFIG` names the file when `file` does not, and
    /// `GATEWRIGHT_SECTION__KEY` stands for `key` of `[section]`, and wins over the file.
    pub variables: BTreeMap<String, String>,
}

impl Source {
    /// The process's own environment, and a file if one was named. Variables that are not UTF-8
    /// are left out.
    pub fn process(file: Option<PathBuf>) -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        Self { file, variables }
    }

    /// The file to read, if any.
    fn path(&self) -> Option<PathBuf> {
        let named = self
            .variables
            .get(FILE_VARIABLE)
            .filter(|path| !path.is_empty());
        let default = || Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists());
        self.file
            .clone()
            .or_else(|| named.map(PathBuf::from))
            .or_else(default)
    }

    /// The variables that stand for keys, by the key in dotted form.
    fn overrides(&self) -> BTreeMap<String, &str> {
        let key = |name: &str| {
            let rest = name.strip_prefix(PREFIX)?;
            rest.contains("__")
                .then(|| rest.replace("__", ".").to_ascii_lowercase())
        };
        self.variables
            .iter()
            .filter_map(|(name, value)| Some((key(name)?, name, value)))
            .map(|(key, _, value)| (key, value.as_str()))
            .collect()
    }
}

impl Config {
    /// Reads file and environment, and checks what they say.
    ///
    /// # Errors
    /// [`ConfigError`] naming each key, what is wrong with it and what would be right.
    pub fn load(source: &Source) -> Result<Self, ConfigError> {
        let config = Self::read(source)?;
        config.validate()?;
        Ok(config)
    }

    fn read(source: &Source) -> Result<Self, ConfigError> {
        let path = source.path();
        let mut builder = ::config::Config::builder();
        if let Some(path) = &path {
            builder = builder.add_source(File::from_str(&text(path)?, FileFormat::Toml));
        }
        let overrides = source.overrides();
        let built = builder.add_source(environment(&overrides)).build();
        let name = path
            .as_deref()
            .map_or_else(String::new, |path| path.display().to_string());
        let built = built.map_err(|error| ConfigError::one("", format!("{name}: {error}")))?;
        serde_path_to_error::deserialize(built).map_err(|error| {
            let key = error.path().to_string();
            let origin = if overrides.contains_key(&key) {
                format!("the variable {}", variable(&key))
            } else {
                name.clone()
            };
            explain(&key, error.inner(), &origin)
        })
    }
}

fn text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| {
        ConfigError::one("", format!("{} cannot be read: {error}", path.display()))
    })
}

fn environment(overrides: &BTreeMap<String, &str>) -> Environment {
    let pairs: HashMap<String, String> = overrides
        .iter()
        .map(|(key, value)| (key.clone(), (*value).to_owned()))
        .collect();
    Environment::default().separator(".").source(Some(pairs))
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

fn explain(key: &str, error: &::config::ConfigError, origin: &str) -> ConfigError {
    let message = message(key, error);
    let message = if origin.is_empty() {
        message
    } else {
        format!("{message} (in {origin})")
    };
    ConfigError::one(key, message)
}

fn message(key: &str, error: &::config::ConfigError) -> String {
    use ::config::ConfigError as E;
    match error {
        E::At { error, .. } => message(key, error),
        // What was given may be a secret.
        E::Type { expected, .. } if key.starts_with("secrets.") => format!("must be {expected}"),
        E::Type {
            unexpected,
            expected,
            ..
        } => format!("must be {expected}, not {unexpected}"),
        E::Message(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
