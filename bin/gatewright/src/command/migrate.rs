use std::process::ExitCode;

use gatewright::Builder;

use crate::output;

/// Brings the database up to date, or shows what that would do.
pub(crate) async fn run(gateway: &Builder, check: bool) -> anyhow::Result<ExitCode> {
    let names = if check {
        gateway.pending().await?
    } else {
        gateway.migrate().await?
    };
    for name in &names {
        output::line(name)?;
    }
    if names.is_empty() {
        output::line("the database is up to date")?;
    }
    Ok(if check && !names.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
