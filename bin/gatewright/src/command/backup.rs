use std::path::Path;
use std::process::ExitCode;

use gatewright::{Builder, Copied};

use crate::output;

/// Backs up into a new folder.
pub(crate) async fn backup(gateway: &Builder, folder: &Path) -> anyhow::Result<ExitCode> {
    let copied = gateway.backup(folder).await?;
    for key in &copied.damaged {
        let text = "was not there as it was stored: deleted meanwhile, or damaged before";
        output::complain(&format!("gatewright: the file {key} {text}"));
    }
    output::line(&said(&copied, "backed up"))?;
    if !copied.database {
        output::line("the database is not in it: dump it with pg_dump before each backup")?;
    }
    output::line("the master key is not in it: keep it elsewhere")?;
    Ok(ExitCode::SUCCESS)
}

/// Restores a backup into an empty place.
pub(crate) async fn restore(gateway: &Builder, folder: &Path) -> anyhow::Result<ExitCode> {
    let copied = gateway.restore(folder).await?;
    output::line(&said(&copied, "restored"))?;
    if !copied.database {
        output::line("the database is not in it: restore it with pg_restore")?;
    }
    if let Some(file) = gateway.absent_key_file() {
        let file = file.display();
        output::line(&format!("put the master key into {file} before you start"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn said(copied: &Copied, done: &str) -> String {
    let database = if copied.database {
        "the database and "
    } else {
        ""
    };
    let (files, bytes) = (copied.files, copied.bytes);
    format!("{done}: {database}{files} files, {bytes} bytes")
}
