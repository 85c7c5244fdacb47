//! `Idempotency-Key`: the same request again gets the first answer, and has no second effect.

use std::future::Future;

use axum::body::Body;
use axum::extract::{FromRef, FromRequest};
use axum::response::{IntoResponse, Response};
use gatewright_core::attachment::{Attachments, UploadedFile};
use gatewright_core::cipher::sha256_hex;
use gatewright_core::idempotency::{Begun, Claim, Idempotency, RequestKey};
use gatewright_core::ids::TokenId;
use http::{HeaderMap, HeaderValue, Request};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::ApiError;
use crate::{Bag, Json200, Params, Root, WithFiles};

const HEADER: &str = "idempotency-key";
/// On answers that an earlier request got first.
pub(crate) const REPLAYED: &str = "idempotent-replayed";
const MAX_LENGTH: usize = 255;

/// The parameters of a request, and its `Idempotency-Key` if it has one.
pub(crate) struct Keyed<T>(pub(crate) Params<T>, pub(crate) Option<RequestKey>);

impl<T: DeserializeOwned + Root, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, ApiError> {
        let head = Head::of(&request)?;
        let bag = Bag::from_request(request, state).await?;
        let key = head.key(&bag, &[]);
        Ok(Self(Params::from_bag(bag)?, key))
    }
}

/// The parameters and files of a request, and its `Idempotency-Key` if it has one.
pub(crate) struct KeyedFiles<T>(pub(crate) WithFiles<T>, pub(crate) Option<RequestKey>);

impl<T, S> FromRequest<S> for KeyedFiles<T>
where
    T: DeserializeOwned + Root,
    S: Send + Sync,
    Attachments: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, ApiError> {
        let head = Head::of(&request)?;
        let uploads = Attachments::from_ref(state);
        let (bag, files) = Bag::with_files(request, &uploads, T::FILES).await?;
        let key = head.key(&bag, files.uploaded());
        Ok(Self(WithFiles::of(bag, files).await?, key))
    }
}

/// What of a request's head tells it from others.
pub(crate) struct Head {
    key: Option<String>,
    target: String,
}

impl Head {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// 422 for a key that is too long or no plain text.
    pub(crate) fn of(request: &Request<Body>) -> Result<Self, ApiError> {
        Ok(Self {
            key: read_key(request.headers())?,
            target: format!("{} {}", request.method(), request.uri().path()),
        })
    }

    /// The key of the request with these parameters and files. They are compared, not the bytes of
    /// the body.
    pub(crate) fn key(self, bag: &Bag, files: &[UploadedFile]) -> Option<RequestKey> {
        let key = self.key?;
        let files: Vec<[&str; 2]> = files
            .iter()
            .map(|file| [file.checksum.as_str(), file.filename.as_str()])
            .collect();
        let params = serde_json::Value::Object(bag.clone().merged());
        Some(RequestKey {
            key,
            request_hash: sha256_hex(format!("{}\n{params}{files:?}", self.target).as_bytes()),
        })
    }
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let key = value.to_str().map(str::trim).unwrap_or_default();
    if key.is_empty() && value.is_empty() {
        return Ok(None);
    }
    if key.is_empty() || key.len() > MAX_LENGTH {
        return Err(ApiError::unprocessable(format!(
            "Idempotency-Key must be 1 to {MAX_LENGTH} printable ASCII characters"
        )));
    }
    Ok(Some(key.to_owned()))
}

/// Runs a request that came with a key, or gives again what was answered to it; runs one without a
/// key as it is. What fails is not kept.
pub(crate) async fn answer_once<F>(
    once: &Idempotency,
    token_id: TokenId,
    (resource, key): (&'static str, Option<RequestKey>),
    run: impl FnOnce(Option<Claim>) -> F,
) -> Result<Response, ApiError>
where
    F: Future<Output = Result<Response, ApiError>>,
{
    let Some(key) = key else {
        return run(None).await;
    };
    let claim = match once.begin(token_id, resource, key).await? {
        Begun::Fresh(claim) => claim,
        Begun::Answered(answer) => return again(answer),
    };
    match run(Some(claim.clone())).await {
        Ok(response) => Ok(response),
        // Another node may have been faster; then its answer is the answer.
        Err(error) => match once.answered(&claim).await? {
            Some(answer) => again(answer),
            None => Err(error),
        },
    }
}

fn again(answer: String) -> Result<Response, ApiError> {
    let answer = RawValue::from_string(answer).map_err(|error| ApiError::internal(&error))?;
    let mut response = Json200(answer).into_response();
    let mark = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, mark);
    Ok(response)
}

/// The header, for the description of an operation.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct OnceHeader {
    /// Any text of the caller's, 1 to 255 characters: the same request with the same key has no
    /// second effect and gets the first answer, for 24 hours.
    #[param(rename = "Idempotency-Key", example = "order-4711-hello")]
    idempotency_key: Option<String>,
}
