//! The signals that end the gateway.

/// Ready at the first SIGTERM or SIGINT. A second one ends the process at once.
///
/// # Errors
/// When signals cannot be listened for.
#[cfg(unix)]
pub(super) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut next = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(async move {
        next().await;
        tokio::spawn(async move {
            next().await;
            tracing::error!("ended by a second signal; what was not finished is done again");
            std::process::exit(1);
        });
    })
}

/// Ready at the first Ctrl-C. A second one ends the process at once.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub(super) fn stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async move {
        drop(tokio::signal::ctrl_c().await);
        tokio::spawn(async move {
            drop(tokio::signal::ctrl_c().await);
            std::process::exit(1);
        });
    })
}
