//! A backup becomes a database and its files again. Nothing is overwritten, and nothing has its name
//! before all of it is known to be sound; the database comes last.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use gatewright_store::copy;

use super::files::{self, Sums, broken};
use super::manifest::{self, Manifest};
use super::{Copied, DATABASE, FILES, partial};
use crate::{Builder, Error, Result, assemble, master_key};

impl Builder {
    /// Restores a backup into the places that the configuration names, which must be empty.
    ///
    /// What was on its way to receivers when the backup was made is sent again: leases end when the
    /// gateway starts.
    ///
    /// # Errors
    /// [`Error::Backup`] when something is there already, when the backup is damaged or incomplete,
    /// or when it was made by a newer program.
    pub async fn restore(&self, folder: &Path) -> Result<Copied> {
        self.config.validate()?;
        let manifest = Manifest::read(folder)?;
        let target = self.target(&manifest)?;
        let mut sums = Sums::read(folder)?;
        let itself = files::hash(&folder.join(manifest::FILE)).await?;
        let whole = sums.len() as u64 == manifest.files + u64::from(manifest.database) + 1;
        if !whole || !sums.contains(&(manifest::FILE.to_owned(), itself.checksum)) {
            let text = "the backup's description or its list of files is damaged";
            return Err(Error::Backup(text.to_owned()));
        }
        sums.retain(|(name, _)| name != manifest::FILE);
        if manifest.database {
            self.look_into(&folder.join(DATABASE)).await?;
        }
        let parts = [Some(&target.files), target.database.as_ref()];
        let done = target.copy(folder, &sums).await;
        if done.is_err() {
            for part in parts.into_iter().flatten().map(|path| partial(path)) {
                drop(std::fs::remove_dir_all(&part));
                drop(std::fs::remove_file(&part));
            }
        }
        done
    }

    /// Where to restore to, and that nothing is there.
    fn target(&self, manifest: &Manifest) -> Result<Target> {
        let file = master_key::sqlite_file(&self.config);
        if manifest.database != file.is_some() {
            let text = if manifest.database {
                "the backup holds a SQLite database, and database.url names PostgreSQL"
            } else {
                "the backup belongs to a PostgreSQL database, and database.url names SQLite"
            };
            return Err(Error::Backup(text.to_owned()));
        }
        let target = Target {
            files: self.config.attachments_path(),
            database: file,
        };
        let journals = target
            .database
            .iter()
            .flat_map(|file| files::journals(file));
        let places = std::iter::once(target.files.clone())
            .chain(target.database.clone())
            .chain(journals)
            .flat_map(|path| [partial(&path), path]);
        for path in places {
            if files::in_the_way(&path) {
                let path = path.display();
                let text = format!("{path} is there already; a restore overwrites nothing");
                return Err(Error::Backup(text));
            }
        }
        Ok(target)
    }

    /// Whether the copy is sound, and of a schema that this program knows.
    async fn look_into(&self, file: &Path) -> Result<()> {
        let damaged =
            |what: &dyn Display| Error::Backup(format!("{} is damaged: {what}", file.display()));
        let failed = |error| damaged(&error);
        let database = copy::open_copy(file)
            .await
            .map_err(|error| Error::backup_of(file, error))?;
        let found: Result<_> = async {
            let damage = copy::damage(&database).await.map_err(failed)?;
            let unknown = copy::unknown_migrations(&database).await.map_err(failed)?;
            Ok((damage, unknown))
        }
        .await;
        assemble::close(&database).await;
        let (damage, unknown) = found?;
        if let Some(first) = damage.first() {
            return Err(damaged(first));
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let names = unknown.join(", ");
        let text = format!("the backup is of a newer gatewright (it has {names}); take that one");
        Err(Error::Backup(text))
    }
}

/// The places that a restore fills.
struct Target {
    files: PathBuf,
    /// On SQLite.
    database: Option<PathBuf>,
}

impl Target {
    async fn copy(&self, folder: &Path, sums: &[(String, String)]) -> Result<Copied> {
        let mut copied = Copied::default();
        let files = partial(&self.files);
        std::fs::create_dir_all(&files)
            .map_err(|error| broken(&files, "cannot be made", &error))?;
        for (name, checksum) in sums {
            let to = match (name.strip_prefix(&format!("{FILES}/")), &self.database) {
                (Some(key), _) => files.join(key),
                (None, Some(database)) if name == DATABASE => partial(database),
                (None, _) => {
                    let text = format!("the backup holds {name}, which belongs nowhere");
                    return Err(Error::Backup(text));
                }
            };
            let from = folder.join(name);
            let entry = files::copy(&from, &to).await?;
            let Some(entry) = entry.filter(|entry| entry.checksum == *checksum) else {
                let path = from.display();
                return Err(Error::Backup(format!("{path} is missing or damaged")));
            };
            copied.bytes += entry.bytes;
            copied.files += u64::from(name != DATABASE);
        }
        if self.files.exists() {
            // It is empty.
            std::fs::remove_dir(&self.files)
                .map_err(|error| broken(&self.files, "cannot be replaced", &error))?;
        }
        files::rename(&files, &self.files)?;
        if let Some(database) = &self.database {
            if let Err(error) = files::rename(&partial(database), database) {
                // Without its database no file is of use, and they would be in the way of the next try.
                files::rename(&self.files, &files)?;
                return Err(error);
            }
            copied.database = true;
        }
        Ok(copied)
    }
}
