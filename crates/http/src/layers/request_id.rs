//! The id of a request: taken over when sane, else minted; shown in the answer, the log and the
//! body of a 500.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request};

/// The header of request and answer.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer inbound ids are replaced by our own.
const MAX_CHARS: usize = 64;

/// Makes a new id; the randomness is the caller's.
pub type MintRequestId = Arc<dyn Fn() -> String + Send + Sync>;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request: up to 64 characters of `A-Z a-z 0-9 _ -`. Also in the extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of the request that this task is answering; `None` outside the layers.
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Gives the request its id, in the extensions, and returns it.
pub(super) fn assign(request: &mut Request<Body>, mint: &MintRequestId) -> RequestId {
    let inbound = request
        .headers()
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let id = match inbound.filter(|text| is_sane(text)) {
        Some(text) => RequestId(text.into()),
        None => RequestId(mint().into()),
    };
    request.extensions_mut().insert(id.clone());
    id
}

/// Runs the future as the answering of the request with this id.
pub(super) async fn scope<F: Future>(id: RequestId, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// Shows the id in the answer's headers; a minted id that is no header value is left out.
pub(super) fn show(id: &RequestId, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(X_REQUEST_ID, value);
    }
}

fn is_sane(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(inbound: &str) -> String {
        let mut request = Request::builder()
            .header("x-request-id", inbound)
            .body(Body::empty())
            .unwrap();
        let mint: MintRequestId = Arc::new(|| "minted".to_owned());
        let id = assign(&mut request, &mint);
        assert_eq!(request.extensions().get(), Some(&id));
        id.as_str().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        assert_eq!(assigned("Abc_1-9"), "Abc_1-9");
        assert_eq!(assigned(&"a".repeat(64)), "a".repeat(64));
        for insane in ["", &"a".repeat(65), "a b", "a\"b", "a;b"] {
            assert_eq!(assigned(insane), "minted", "{insane}");
        }
    }

    #[tokio::test]
    async fn the_current_id_is_known_within_its_scope_only() {
        let id = RequestId("x".into());
        assert_eq!(scope(id.clone(), async { current() }).await, Some(id));
        assert_eq!(current(), None);
    }
}
