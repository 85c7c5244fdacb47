//! Reading a request's body whole, under the limit that the layers set.

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::error::ApiError;
use crate::layers::memory;

/// The largest body in bytes that this request may carry, files aside; put into its extensions by
/// the layers.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    /// 10 MiB, for a router that runs without the layers.
    fn default() -> Self {
        Self(10 * 1024 * 1024)
    }
}

/// The whole body of a request.
///
/// # Errors
/// 413 when the body is larger than the request's [`BodyLimit`], 503 when there is no memory for it,
/// 400 when the client broke off.
pub async fn read_body(request: Request<Body>) -> Result<Bytes, ApiError> {
    let BodyLimit(limit_bytes) = request.extensions().get().copied().unwrap_or_default();
    match Limited::new(request.into_body(), limit_bytes)
        .collect()
        .await
    {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if is_over_limit(&*error) => Err(ApiError::PayloadTooLarge { limit_bytes }),
        Err(error) if memory::is_full(&*error) => Err(memory::full()),
        Err(_) => Err(ApiError::BadRequest),
    }
}

/// The limit may have been hit in a wrapped body below, whose error is then a source of this one.
pub(super) fn is_over_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<LengthLimitError>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Frame;
    use std::{
        io::ErrorKind,
        pin::Pin,
        task::{Context, Poll},
    };

    async fn read(body: &'static str, limit: usize) -> Result<Bytes, ApiError> {
        let mut request = Request::new(Body::from(body));
        request.extensions_mut().insert(BodyLimit(limit));
        read_body(request).await
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(read("four", 4).await.unwrap(), "four");
        assert_eq!(
            read("fives", 4).await,
            Err(ApiError::PayloadTooLarge { limit_bytes: 4 })
        );
    }

    #[tokio::test]
    async fn a_limit_hit_below_is_the_same_413() {
        let inner = Body::new(Limited::new(Body::from("fives"), 4));
        let mut request = Request::new(inner);
        request.extensions_mut().insert(BodyLimit(4));
        assert_eq!(
            read_body(request).await,
            Err(ApiError::PayloadTooLarge { limit_bytes: 4 })
        );
    }

    /// A body whose sender is gone.
    struct Broken;

    impl hyper::body::Body for Broken {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            Poll::Ready(Some(Err(ErrorKind::ConnectionReset.into())))
        }
    }

    #[tokio::test]
    async fn a_broken_body_is_a_bad_request() {
        let request = Request::new(Body::new(Broken));
        assert_eq!(read_body(request).await, Err(ApiError::BadRequest));
    }
}
