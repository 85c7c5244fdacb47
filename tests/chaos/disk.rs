//! A small disk that can be filled.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use tempfile::TempDir;

/// A file system in memory; unmounted when dropped.
pub(crate) struct Disk {
    dir: TempDir,
}

impl Disk {
    /// Mounts one of so many megabytes; none where that is not allowed.
    pub(crate) fn mount(megabytes: u32) -> Result<Option<Self>> {
        let disk = Self {
            dir: tempfile::tempdir()?,
        };
        let size = format!("size={megabytes}m");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "chaos"])
            .arg(disk.path())
            .output();
        let mounted = mount.is_ok_and(|done| done.status.success());
        Ok(mounted.then_some(disk))
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes all that is left.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut ballast = std::fs::File::create(self.path().join("ballast"))?;
        let mut piece = 1 << 16;
        while piece > 0 {
            match ballast.write(&vec![1; piece]) {
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => piece /= 2,
                Err(error) => bail!(error),
            }
        }
        Ok(())
    }

    pub(crate) fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.path().join("ballast"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}
