//! Room on the disks. While too little is left, writes are refused before they fail half-way, reads
//! go on, and what is on its way to receivers still finds room to be noted.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::config::{AttachmentsConfig, StorageConfig};

/// Seconds after which a refused write may be tried again.
pub const RETRY_AFTER_S: u64 = 10;

/// The disks that are looked at.
#[derive(Debug)]
pub struct Storage {
    database: Disk,
    attachments: Disk,
}

#[derive(Debug)]
struct Disk {
    name: &'static str,
    folder: Option<PathBuf>,
    min_free: u64,
    low: AtomicBool,
}

impl Storage {
    /// Nothing is known before the first [`Self::look`].
    pub fn new(config: &StorageConfig, attachments: &AttachmentsConfig) -> Self {
        let disk = |name, folder, min_free| Disk {
            name,
            folder,
            min_free,
            low: AtomicBool::new(false),
        };
        Self {
            database: disk(
                "database",
                config.database.clone(),
                config.database_min_free,
            ),
            attachments: disk(
                "attachments",
                Some(attachments.path.clone()),
                config.attachments_min_free,
            ),
        }
    }

    /// Measures how much is free. May block as long as the file system does.
    pub fn look(&self) {
        self.look_with(free);
    }

    fn look_with(&self, free: impl Fn(&Path) -> Option<u64>) {
        self.database.look(&free);
        self.attachments.look(&free);
    }

    /// Whether too little is left beside the database.
    pub fn refuses_writes(&self) -> bool {
        self.database.low.load(Relaxed)
    }

    /// Whether too little is left where files lie.
    pub fn refuses_files(&self) -> bool {
        self.attachments.low.load(Relaxed)
    }
}

impl Disk {
    /// Tells only what changes, so that the log says it once.
    fn look(&self, free: &impl Fn(&Path) -> Option<u64>) {
        let Some(folder) = self.folder.as_deref().filter(|_| self.min_free > 0) else {
            return;
        };
        let Some(free_bytes) = free(folder) else {
            return;
        };
        let low = free_bytes < self.min_free;
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("gatewright_disk_free_bytes", "of" => self.name).set(free_bytes as f64);
        metrics::gauge!("gatewright_disk_low", "of" => self.name).set(u8::from(low));
        if self.low.swap(low, Relaxed) == low {
            return;
        }
        let (of, min_free_bytes) = (self.name, self.min_free);
        if low {
            tracing::error!(
                of,
                free_bytes,
                min_free_bytes,
                "the disk is nearly full; writes are refused until there is room"
            );
        } else {
            tracing::info!(of, free_bytes, "there is room on the disk again");
        }
    }
}

/// Bytes that this process may still use on the file system of a folder; none when that cannot be
/// told.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disk_is_low_while_less_is_free_than_must_be() {
        let config = StorageConfig {
            database: Some("data".into()),
            database_min_free: 10,
            attachments_min_free: 20,
        };
        let storage = Storage::new(&config, &AttachmentsConfig::default());
        // Each is judged by its own folder, and as before when nothing can be told.
        for (data, attachments, writes, files) in [
            (Some(10), Some(20), false, false),
            (Some(9), Some(20), true, false),
            (Some(10), Some(19), false, true),
            (Some(9), Some(19), true, true),
            (None, None, true, true),
            (Some(10), None, false, true),
            (None, Some(20), false, false),
        ] {
            storage.look_with(|folder| match folder.to_str() {
                Some("data") => data,
                _ => attachments,
            });
            let found = (storage.refuses_writes(), storage.refuses_files());
            assert_eq!(found, (writes, files), "{data:?} {attachments:?}");
        }
    }

    #[test]
    fn what_is_not_to_be_looked_at_is_never_low() {
        let config = StorageConfig::default();
        let storage = Storage::new(&config, &AttachmentsConfig::default());
        storage.look_with(|_| Some(0));
        assert!(!storage.refuses_writes() && !storage.refuses_files());
    }

    #[test]
    #[cfg(unix)]
    fn the_room_of_a_folder_is_known() {
        assert!(free(Path::new(".")).is_some_and(|bytes| bytes > 0));
        assert_eq!(free(Path::new("no/such/folder")), None);
    }
}
