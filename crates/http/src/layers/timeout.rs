//! A request that takes too long is given up, so that it cannot hold its place for ever.

use std::time::Duration;

use crate::error::ApiError;

/// The future's result, if it comes in time.
///
/// # Errors
/// 503 when it does not; the future is dropped.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, ApiError> {
    tokio::time::timeout(limit, future)
        .await
        .map_err(|_| ApiError::unavailable("The request took too long, try again", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_unavailable() {
        assert_eq!(within(Duration::from_secs(30), async { 1 }).await, Ok(1));
        let late = within(Duration::from_millis(1), std::future::pending::<u8>()).await;
        assert!(matches!(
            late,
            Err(ApiError::Unavailable {
                retry_after_s: 1,
                ..
            })
        ));
    }
}
