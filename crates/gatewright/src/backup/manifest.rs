use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files;
use crate::{Error, Result};

/// Its name in the folder.
pub(super) const FILE: &str = "backup.json";
/// The shape that this program writes and reads.
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Version of the folder's shape.
    format: u32,
    /// Version of the program that made it.
    gatewright: String,
    /// When, in ISO 8601.
    created_at: String,
    /// Whether the database is in it; else it is one of PostgreSQL.
    pub(super) database: bool,
    /// Files of messages.
    pub(super) files: u64,
}

impl Manifest {
    pub(super) fn new(database: bool, files: u64, created_at: String) -> Self {
        Self {
            format: FORMAT,
            gatewright: env!("CARGO_PKG_VERSION").to_owned(),
            created_at,
            database,
            files,
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let file = folder.join(FILE);
        let text =
            serde_json::to_vec_pretty(self).map_err(|error| Error::backup_of(&file, error))?;
        files::write(&file, &text)
    }

    /// # Errors
    /// [`Error::Backup`] for a folder that is no backup, or one of a shape that is not known.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(FILE);
        let text = std::fs::read(&file).map_err(|_| {
            Error::Backup(format!(
                "{} is no backup: it has no {FILE}",
                folder.display()
            ))
        })?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| Error::backup_of(&file, error))?;
        if manifest.format != FORMAT {
            let (path, format) = (file.display(), manifest.format);
            let text = format!("{path}: format {format} is not known; take a newer gatewright");
            return Err(Error::Backup(text));
        }
        Ok(manifest)
    }
}
