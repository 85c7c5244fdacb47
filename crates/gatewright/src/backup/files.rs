//! Files of a backup: copied, hashed, and on the disk before they count.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use gatewright_core::cipher::hex;
use ring::digest::{Context, SHA256};

use crate::{Error, Result};

/// Name of the list of checksums.
const SUMS: &str = "SHA256SUMS";

/// A file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) bytes: u64,
    /// SHA-256 in lower-case hex.
    pub(super) checksum: String,
}

/// The checksums of a backup.
#[derive(Debug, Default)]
pub(super) struct Sums(Vec<(String, String)>);

impl Sums {
    pub(super) fn add(&mut self, name: &str, entry: &Entry) {
        self.0.push((name.to_owned(), entry.checksum.clone()));
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let lines = self.0.iter();
        let text: String = lines
            .flat_map(|(name, checksum)| [checksum, "  ", name, "\n"])
            .collect();
        write(&folder.join(SUMS), text.as_bytes())
    }

    /// `(name, checksum)` of each file.
    pub(super) fn read(folder: &Path) -> Result<Vec<(String, String)>> {
        let file = folder.join(SUMS);
        let text =
            fs::read_to_string(&file).map_err(|error| broken(&file, "cannot be read", &error))?;
        let wrong =
            |line: &str| Error::Backup(format!("{}: `{line}` is no checksum", file.display()));
        text.lines()
            .map(|line| {
                let (checksum, name) = line.split_once("  ").ok_or_else(|| wrong(line))?;
                // A name that leads out of the folder is nobody's.
                let inside = Path::new(name)
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)));
                if checksum.len() == 64 && inside {
                    Ok((name.to_owned(), checksum.to_owned()))
                } else {
                    Err(wrong(line))
                }
            })
            .collect()
    }
}

/// Reads a file to its end.
pub(super) async fn hash(file: &Path) -> Result<Entry> {
    let file = file.to_path_buf();
    blocking(move || {
        File::open(&file)
            .and_then(|source| read_all(source, |_| Ok(())))
            .map_err(|error| broken(&file, "cannot be read", &error))
    })
    .await
}

/// Copies a file to a new one; `None` when there is none.
pub(super) async fn copy(from: &Path, to: &Path) -> Result<Option<Entry>> {
    let (from, to) = (from.to_path_buf(), to.to_path_buf());
    blocking(move || {
        let source = match File::open(&from) {
            Ok(source) => source,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(&from, "cannot be read", &error)),
        };
        copy_now(source, &to)
            .map(Some)
            .map_err(|error| broken(&to, "cannot be written", &error))
    })
    .await
}

fn copy_now(source: File, to: &Path) -> io::Result<Entry> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut target = File::create_new(to)?;
    let entry = read_all(source, |bytes| target.write_all(bytes))?;
    target.sync_all()?;
    Ok(entry)
}

fn read_all(mut source: File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Entry> {
    let (mut hash, mut bytes) = (Context::new(&SHA256), 0);
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&piece[..read]);
        take(&piece[..read])?;
        bytes += read as u64;
    }
    let checksum = hex(hash.finish().as_ref());
    Ok(Entry { bytes, checksum })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Core(gatewright_core::Error::internal(error)))?
}

/// Writes a small file, and has it on the disk.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    File::create_new(file)
        .and_then(|mut target| {
            target.write_all(bytes)?;
            target.sync_all()
        })
        .map_err(|error| broken(file, "cannot be written", &error))
}

/// Has a file or folder on the disk.
pub(super) fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| broken(path, "cannot be written", &error))
}

/// Gives what is complete its name; of a folder, what it and those in it hold is on the disk first.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    sync_folders(from).map_err(|error| broken(from, "cannot be written", &error))?;
    fs::rename(from, to).map_err(|error| broken(to, "cannot be made", &error))?;
    let folder = to.parent().map(Path::to_path_buf).unwrap_or_default();
    let here = folder.as_os_str().is_empty();
    sync(if here { Path::new(".") } else { &folder })
}

fn sync_folders(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            sync_folders(&entry?.path())?;
        }
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

pub(super) fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).map_err(|error| broken(file, "cannot be removed", &error))
}

/// What is in the way of a restore, if anything is: a file, or a folder that is not empty.
pub(super) fn in_the_way(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.symlink_metadata().is_ok(),
    }
}

/// Beside a SQLite file: its journals.
pub(super) fn journals(file: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

pub(super) fn broken(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::Backup(format!("{} {what}: {error}", path.display()))
}
