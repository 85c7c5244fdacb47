//! Backups: a folder with a copy of the database and of the files that it names.
//!
//! ```text
//! backup.json     what it is: see [`manifest::Manifest`]
//! SHA256SUMS      of everything else, as `sha256sum --check` reads it
//! gatewright.db   SQLite alone; PostgreSQL has pg_dump
//! attachments/    as in `attachments.path`
//! ```
//!
//! The database is copied first and the files that it names after it: a file is stored before its
//! row, so none can be missing but one that was deleted meanwhile. The key under which secrets are
//! sealed is not in it.

mod files;
mod manifest;
mod restore;

use std::path::{Path, PathBuf};

use gatewright_store::{Database, copy};

use crate::{Builder, Error, Result, assemble};
use files::{Entry, Sums, broken};
use manifest::Manifest;

/// Name of the database's copy.
const DATABASE: &str = "gatewright.db";
/// Name of the folder of files.
const FILES: &str = "attachments";
/// Rows of files that are read at a time.
const PAGE: u64 = 500;

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Whether the database is in the backup.
    pub database: bool,
    /// Files of messages.
    pub files: u64,
    /// Bytes of everything.
    pub bytes: u64,
    /// Files that are named and were not there, or not as they were stored.
    pub damaged: Vec<String>,
}

impl Builder {
    /// Backs up into a new folder, while a gateway runs: all that was acknowledged before is in it.
    /// The folder takes its name when it is complete.
    ///
    /// # Errors
    /// [`Error::Backup`] when the folder is there already, or something cannot be read or written;
    /// the errors of opening the database.
    pub async fn backup(&self, folder: &Path) -> Result<Copied> {
        self.config.validate()?;
        if folder.exists() {
            return Err(Error::Backup(format!(
                "{} is there already",
                folder.display()
            )));
        }
        let part = partial(folder);
        std::fs::create_dir_all(folder.parent().unwrap_or(Path::new(".")))
            .and_then(|()| std::fs::create_dir(&part))
            .map_err(|error| broken(&part, "cannot be made", &error))?;
        let done = self.backup_into(&part).await;
        match done {
            Ok(copied) => {
                files::rename(&part, folder)?;
                Ok(copied)
            }
            Err(error) => {
                drop(std::fs::remove_dir_all(&part));
                Err(error)
            }
        }
    }

    async fn backup_into(&self, folder: &Path) -> Result<Copied> {
        let mut copied = Copied::default();
        let mut sums = Sums::default();
        let database = if self.config.database.is_sqlite() {
            let file = folder.join(DATABASE);
            self.snapshot(&file).await?;
            let entry = files::hash(&file).await?;
            copied.bytes += entry.bytes;
            copied.database = true;
            sums.add(DATABASE, &entry);
            let opened = copy::open_copy(&file).await;
            opened.map_err(|error| Error::backup_of(&file, error))?
        } else {
            assemble::open(&self.config).await?
        };
        let done = self
            .copy_files(&database, folder, &mut sums, &mut copied)
            .await;
        assemble::close(&database).await;
        done?;
        let now = self.clock.now().iso();
        Manifest::new(copied.database, copied.files, now).write(folder)?;
        sums.add(
            manifest::FILE,
            &files::hash(&folder.join(manifest::FILE)).await?,
        );
        sums.write(folder)?;
        Ok(copied)
    }

    async fn snapshot(&self, to: &Path) -> Result<()> {
        let config = self.config.database();
        if assemble::is_absent(&self.config)? {
            let url = &self.config.database.url;
            return Err(Error::Backup(format!("there is no database at {url}")));
        }
        copy::snapshot(&config, to)
            .await
            .map_err(|error| Error::backup_of(to, error))?;
        files::sync(to)
    }

    async fn copy_files(
        &self,
        database: &Database,
        folder: &Path,
        sums: &mut Sums,
        copied: &mut Copied,
    ) -> Result<()> {
        let source = self.config.attachments_path();
        let mut after = 0;
        loop {
            let rows = copy::blobs_after(database, after, PAGE).await;
            let rows = rows.map_err(|error| Error::backup_of(folder, error))?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.id;
            for blob in rows {
                let name = format!("{FILES}/{}", blob.key);
                let (from, to) = (source.join(&blob.key), folder.join(&name));
                match files::copy(&from, &to).await? {
                    Some(entry) if entry.checksum == blob.checksum => {
                        copied.files += 1;
                        copied.bytes += entry.bytes;
                        sums.add(&name, &entry);
                    }
                    Some(Entry { .. }) => {
                        files::remove(&to)?;
                        copied.damaged.push(blob.key);
                    }
                    None => copied.damaged.push(blob.key),
                }
            }
        }
    }
}

/// Where something grows until it is complete.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}
