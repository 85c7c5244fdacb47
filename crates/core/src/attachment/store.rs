//! The bytes of files, in a folder. The one place that knows where they lie.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;

pub use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt};

use crate::error::{Error, Result, outage};
use crate::storage;

/// The bytes of a file, in pieces.
pub type FileStream = BoxStream<'static, Result<Bytes>>;

/// A folder of files. Each lies under its day and an unguessable name: `2026-01-20/7hJ..`.
pub struct BlobStore {
    root: PathBuf,
    opened: OnceLock<LocalFileSystem>,
}

impl BlobStore {
    /// The store in this folder; it is made when it is first used.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            opened: OnceLock::new(),
        }
    }

    /// Makes the folder, for its owner only, if it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without room, else [`Error::Internal`].
    pub fn open(&self) -> Result<()> {
        self.files().map(drop)
    }

    /// Begins a file. It lies aside until it is complete, then takes its name, and is on the disk
    /// when that is told.
    pub(super) async fn begin(&self, key: &str) -> Result<Box<dyn MultipartUpload>> {
        let begun = self.files()?.put_multipart(&path(key)?).await;
        begun.map_err(failed)
    }

    /// A part of a file, as stored. An empty range is an empty stream.
    pub(super) async fn read(&self, key: &str, range: Range<u64>) -> Result<FileStream> {
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.files()?.get_opts(&path(key)?, options).await;
        Ok(found.map_err(failed)?.into_stream().map_err(failed).boxed())
    }

    /// Removes a file; one that is not there is removed already.
    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        match self.files()?.delete(&path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// The days under which files lie.
    pub(super) async fn days(&self) -> Result<Vec<String>> {
        let found = self.files()?.list_with_delimiter(None).await;
        let folders = found.map_err(failed)?.common_prefixes;
        Ok(folders.into_iter().map(String::from).collect())
    }

    /// The keys of a day's files.
    pub(super) fn keys(&self, day: &str) -> Result<BoxStream<'static, Result<String>>> {
        let listed = self.files()?.list(Some(&path(day)?));
        Ok(listed
            .map_ok(|file| String::from(file.location))
            .map_err(failed)
            .boxed())
    }

    /// Removes a day's files that were begun and never completed, which a crash leaves, and the
    /// day's folder when nothing else is in it.
    pub(super) async fn tidy(&self, day: &str) -> Result<()> {
        let folder = self.root.join(day);
        let mut entries = match tokio::fs::read_dir(&folder).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(Error::internal)?,
        };
        let mut left = false;
        while let Some(entry) = entries.next_entry().await.map_err(Error::internal)? {
            // The store sets files aside under their name, `#` and a number.
            if entry.file_name().to_string_lossy().contains('#') {
                tokio::fs::remove_file(entry.path())
                    .await
                    .map_err(Error::internal)?;
            } else {
                left = true;
            }
        }
        if !left {
            // Somebody else may have removed it, or put a file into it, at the same time.
            drop(tokio::fs::remove_dir(&folder).await);
        }
        Ok(())
    }

    fn files(&self) -> Result<&LocalFileSystem> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        make_folder(&self.root).map_err(|error| io_failed(error.kind(), Box::new(error)))?;
        let opened = LocalFileSystem::new_with_prefix(&self.root).map_err(failed)?;
        Ok(self.opened.get_or_init(|| opened.with_fsync(true)))
    }
}

fn make_folder(root: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(root)
}

fn path(key: &str) -> Result<Path> {
    Path::parse(key).map_err(Error::internal)
}

/// A full disk passes; a file that is not there was never stored, or was swept.
pub(super) fn failed(error: object_store::Error) -> Error {
    if let object_store::Error::NotFound { .. } = error {
        return Error::NotFound;
    }
    let first: &(dyn std::error::Error + 'static) = &error;
    let io = std::iter::successors(Some(first), |error| error.source())
        .find_map(|error| error.downcast_ref::<std::io::Error>())
        .map_or(ErrorKind::Other, std::io::Error::kind);
    io_failed(io, Box::new(error))
}

fn io_failed(kind: ErrorKind, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            let reason = "there is no room for files";
            outage::note(reason, &*error);
            Error::Unavailable {
                reason,
                retry_after_s: storage::RETRY_AFTER_S,
            }
        }
        _ => Error::Internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        let of = |kind: ErrorKind| object_store::Error::Generic {
            store: "LocalFileSystem",
            source: Box::new(std::io::Error::from(kind)),
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(failed(of(kind)), Error::Unavailable { .. }));
        }
        let broken = failed(of(ErrorKind::PermissionDenied));
        assert!(matches!(broken, Error::Internal(_)));
        // `ENOSPC`, as the system says it.
        let full = std::io::Error::from_raw_os_error(28);
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }
}
