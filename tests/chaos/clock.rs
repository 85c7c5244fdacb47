//! The gateway's time of day, moved from outside: a small library is preloaded into its process.
//! The gateway itself knows nothing of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

const SOURCE: &str = include_str!("clock.c");

/// Clocks of nodes.
pub(crate) struct Clocks {
    dir: TempDir,
}

impl Clocks {
    /// Compiles the library; none without a C compiler.
    pub(crate) fn make(nodes: usize) -> Result<Option<Self>> {
        let clocks = Self {
            dir: tempfile::tempdir()?,
        };
        let source = clocks.dir.path().join("clock.c");
        std::fs::write(&source, SOURCE)?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(clocks.library())
            .arg(source)
            .status();
        if !compiled.is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        for node in 0..nodes {
            std::fs::write(clocks.file(node), 0_i64.to_ne_bytes())?;
        }
        Ok(Some(clocks))
    }

    /// Sets a node's clock so many seconds beside the true one.
    pub(crate) fn set(&self, node: usize, seconds: i64) -> Result<()> {
        use std::os::unix::fs::FileExt;
        // In place: the file is mapped into the process.
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(self.file(node))?;
        Ok(file.write_all_at(&seconds.to_ne_bytes(), 0)?)
    }

    pub(crate) fn env(&self, node: usize) -> Vec<(String, String)> {
        let text = |path: &Path| path.display().to_string();
        vec![
            ("LD_PRELOAD".to_owned(), text(&self.library())),
            ("CHAOS_CLOCK".to_owned(), text(&self.file(node))),
        ]
    }

    fn library(&self) -> PathBuf {
        self.dir.path().join("libclock.so")
    }

    fn file(&self, node: usize) -> PathBuf {
        self.dir.path().join(format!("offset-{node}"))
    }
}
