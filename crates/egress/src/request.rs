//! What goes out and what comes back.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::Url;

use crate::Error;

/// One outgoing request. Its `Debug` shows method, origin and sizes only: paths, headers and bodies
/// carry secrets.
#[derive(Clone)]
pub struct Request {
    /// Any method but CONNECT.
    pub method: Method,
    /// An http or https URL without user info; the fragment is not sent.
    pub url: Url,
    /// Sent as they are, except those that the client owns (`Host`, `Content-Length` and the
    /// connection's), which are dropped. `User-Agent` is added when absent.
    pub headers: HeaderMap,
    /// Sent with a `Content-Length`; may be empty.
    pub body: Bytes,
    /// Replaces the client's total timeout, and raises its wait for the response head when longer.
    pub timeout: Option<Duration>,
    /// Replaces the client's cap of the response body, in bytes.
    pub max_response_bytes: Option<usize>,
}

impl Request {
    /// A request without headers and with the client's limits.
    pub fn new(method: Method, url: Url, body: impl Into<Bytes>) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: body.into(),
            timeout: None,
            max_response_bytes: None,
        }
    }

    /// Adds headers, e.g. those of [`sign_headers`](crate::sign_headers).
    #[must_use]
    pub fn with_headers<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator<Item = (HeaderName, http::HeaderValue)>,
    {
        self.headers.extend(headers);
        self
    }

    /// The request as the HTTP library wants it.
    pub(crate) fn into_http(
        self,
        user_agent: &http::HeaderValue,
    ) -> Result<http::Request<http_body_util::Full<Bytes>>, Error> {
        if self.method == Method::CONNECT {
            return Err(Error::invalid("the method CONNECT is not supported"));
        }
        let uri = http::Uri::try_from(self.url.as_str())
            .map_err(|_| Error::invalid("it is too long or has characters that cannot be sent"))?;
        let mut request = http::Request::new(http_body_util::Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers;
        for name in OWNED {
            request.headers_mut().remove(name);
        }
        request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert_with(|| user_agent.clone());
        Ok(request)
    }
}

/// A foreign `Host` would reach another site behind the judged address; foreign framing would
/// smuggle a second request.
const OWNED: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    HeaderName::from_static("proxy-connection"),
];

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &self.url.origin().ascii_serialization())
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What the server answered, whatever the status. Redirects are not followed.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The body as sent (never decompressed), cut at the cap.
    pub body: Bytes,
    /// Whether the body was longer than the cap.
    pub truncated: bool,
    /// From the call to the end of the body.
    pub elapsed: Duration,
    /// The address that was dialled.
    pub remote: Option<SocketAddr>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .field("truncated", &self.truncated)
            .field("elapsed", &self.elapsed)
            .field("remote", &self.remote)
            .finish()
    }
}
