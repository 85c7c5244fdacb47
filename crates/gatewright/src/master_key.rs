//! The key under which secrets are stored: 32 bytes, from the configuration or from a file.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_core::Randomness;

use crate::config::Config;
use crate::error::{Error, Result};

/// What a key must look like.
pub(crate) const EXPECTED: &str =
    "must be 32 bytes in base64; `openssl rand -base64 32` makes such a key";
/// Told when a database has no place of its own for the key.
pub(crate) const NEEDED: &str = "is needed with PostgreSQL: make a key with `openssl rand -base64 \
                                 32`, keep it safe, and set it here or put it into the file that \
                                 secrets.master_key_file names";

/// Name of the key's file beside a SQLite file.
const FILE: &str = "master.key";

/// The key in 32 bytes, if the text is one.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

/// The key that the configuration names. The default file beside a SQLite file is made when it is
/// absent, readable for its owner only.
///
/// # Errors
/// [`Error::Config`] naming the key of the configuration.
pub(crate) fn load(config: &Config, random: &dyn Randomness) -> Result<[u8; 32]> {
    if let Some(key) = &config.secrets.master_key {
        return decode(key.expose()).ok_or_else(|| Error::config("secrets.master_key", EXPECTED));
    }
    if let Some(file) = &config.secrets.master_key_file {
        return read(file)?.ok_or_else(|| {
            let text = format!(
                "{} does not exist; `openssl rand -base64 32` makes a key to put there",
                file.display()
            );
            Error::config("secrets.master_key_file", text)
        });
    }
    let file =
        beside_sqlite(config, FILE).ok_or_else(|| Error::config("secrets.master_key", NEEDED))?;
    match read(&file)? {
        Some(key) => Ok(key),
        None => make(&file, random),
    }
}

/// The SQLite file.
pub(crate) fn sqlite_file(config: &Config) -> Option<PathBuf> {
    let rest = config.database.url.trim().strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    Some(path.split('?').next().unwrap_or_default().into())
}

/// A name in the folder of the SQLite file.
pub(crate) fn beside_sqlite(config: &Config, name: &str) -> Option<PathBuf> {
    let file = sqlite_file(config)?;
    Some(file.parent().unwrap_or(Path::new("")).join(name))
}

/// The file that a start would look for and not find, if no key is set.
pub(crate) fn absent_file(config: &Config) -> Option<PathBuf> {
    let secrets = &config.secrets;
    if secrets.master_key.is_some() {
        return None;
    }
    let file = secrets.master_key_file.clone();
    let file = file.or_else(|| beside_sqlite(config, FILE))?;
    (!file.exists()).then_some(file)
}

fn read(file: &Path) -> Result<Option<[u8; 32]>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(file, "cannot be read", &error)),
    };
    warn_when_open(file);
    let wrong = || {
        let text = format!("{} holds no key: it {EXPECTED}", file.display());
        Error::config("secrets.master_key_file", text)
    };
    decode(&text).map(Some).ok_or_else(wrong)
}

/// Makes the file whole or not at all: of two processes that start together one makes it, and both
/// use the same key.
fn make(file: &Path, random: &dyn Randomness) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    random.fill(&mut key);
    let wrong = |error: std::io::Error| refuse(file, "cannot be made", &error);
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    let draft = file.with_extension(format!("key.{:016x}", random.number()));
    write_private(&draft, &STANDARD.encode(key)).map_err(wrong)?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft).map_err(wrong)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(file)?.ok_or_else(|| wrong(error))
        }
        Err(error) => Err(wrong(error)),
    }
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(unix)]
fn warn_when_open(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        tracing::warn!(file = %file.display(), "others can read the master key; chmod 600 it");
    }
}

#[cfg(not(unix))]
fn warn_when_open(_: &Path) {}

fn refuse(file: &Path, what: &str, error: &std::io::Error) -> Error {
    Error::config(
        "secrets.master_key_file",
        format!("{} {what}: {error}", file.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretText;
    use gatewright_core::SystemRandomness;

    const RANDOM: SystemRandomness = SystemRandomness;

    fn config(folder: &Path) -> Config {
        let mut config = Config::default();
        config.database.url = format!("sqlite://{}/data/g.db?mode=rwc", folder.display());
        config
    }

    #[test]
    fn a_key_is_made_once_beside_the_sqlite_file_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let key = load(&config, &RANDOM).unwrap();
        assert_ne!(key, [0; 32]);
        assert_eq!(load(&config, &RANDOM).unwrap(), key);
        let data = folder.path().join("data");
        let names: Vec<_> = std::fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [FILE], "no draft stays behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(data.join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn starts_at_the_same_time_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| load(&config, &RANDOM).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_named_file_is_read_and_never_made() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        let file = folder.path().join("own.key");
        config.secrets.master_key_file = Some(file.clone());
        let error = load(&config, &RANDOM).unwrap_err().to_string();
        assert!(
            error.contains("secrets.master_key_file") && error.contains("openssl"),
            "{error}"
        );
        std::fs::write(&file, "not a key").unwrap();
        let error = load(&config, &RANDOM).unwrap_err().to_string();
        assert!(
            error.contains("base64") && !error.contains("not a key"),
            "{error}"
        );
        std::fs::write(&file, format!("{}\n", STANDARD.encode([7; 32]))).unwrap();
        assert_eq!(load(&config, &RANDOM).unwrap(), [7; 32]);
    }

    #[test]
    fn the_key_itself_can_be_set_and_postgres_has_no_default() {
        let mut config = Config::default();
        config.database.url = "postgres://u@h/d".to_owned();
        let error = load(&config, &RANDOM).unwrap_err().to_string();
        assert!(error.contains("openssl rand -base64 32"), "{error}");
        config.secrets.master_key = Some(SecretText::new(STANDARD.encode([9; 32])));
        assert_eq!(load(&config, &RANDOM).unwrap(), [9; 32]);
    }
}
