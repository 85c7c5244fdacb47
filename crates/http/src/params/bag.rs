//! The bag itself: one request's parameters, from wherever they came.

use axum::{body::Body, extract::FromRequest};
use gatewright_core::attachment::UploadedFile;
use http::{HeaderMap, Request, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use super::{
    ParamError,
    multipart::{self, Form, Wanted, is_form},
    nested, read_body,
};
use crate::error::ApiError;
use gatewright_core::check::{CheckError, check, parse};

/// How a request's body was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodySource {
    /// There was none, or one that nobody can read.
    Empty,
    /// JSON; a missing root object is synthesised.
    Json,
    /// `application/x-www-form-urlencoded` or `multipart/form-data`.
    Form,
}

/// The parameters of a request: the body's over the query's.
#[derive(Debug, Clone, PartialEq)]
pub struct Bag {
    /// The parameters of the query string.
    pub query: Map<String, Value>,
    /// The parameters of the body; a JSON root that is no object stands under `_json`.
    pub body: Map<String, Value>,
    /// How the body was written.
    pub source: BodySource,
}

/// Why a request's parameters cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BagError {
    /// Malformed, not UTF-8, too deep, or too many: 400.
    #[error("the parameters are malformed")]
    Malformed,
    /// A text or a key contains U+0000: 422. Carries the path of the parameter.
    #[error("{0} must not contain the character U+0000")]
    Nul(String),
}

impl Bag {
    /// Reads the parameters from the raw parts of a request.
    ///
    /// A body of an unknown or absent content type is read as JSON if it begins with `{`, and
    /// else ignored. A form with files is not read here: its body is never whole in memory.
    ///
    /// # Errors
    /// See [`BagError`].
    pub fn parse(
        query: Option<&str>,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Self, BagError> {
        let query = form(query.unwrap_or_default().as_bytes())?;
        let (source, body) = match Kind::of(content_type, body) {
            Kind::Ignored => (BodySource::Empty, Map::new()),
            Kind::Json => (BodySource::Json, json(body)?),
            Kind::Form => (BodySource::Form, form(body)?),
        };
        Self::checked(query, body, source)
    }

    /// Reads a request; files of a form go where `wanted` says, and are skipped without it.
    pub(super) async fn read(
        request: Request<Body>,
        wanted: Option<Wanted<'_>>,
    ) -> Result<(Self, Vec<UploadedFile>), ApiError> {
        let query = request.uri().query().map(str::to_owned);
        let content_type = content_type_of(request.headers()).map(str::to_owned);
        let (query, content_type) = (query.as_deref(), content_type.as_deref());
        let Some(multipart) = content_type.filter(|kind| is_form(kind)) else {
            let body = read_body(request).await?;
            return Ok((Self::parse(query, content_type, &body)?, Vec::new()));
        };
        let query = form(query.unwrap_or_default().as_bytes())?;
        let Form { fields, files } = multipart::read(request, multipart, wanted).await?;
        match Self::checked(query, fields, BodySource::Form) {
            Ok(bag) => Ok((bag, files)),
            Err(error) => {
                if let Some(Wanted { uploads, .. }) = wanted {
                    uploads.discard(&files).await;
                }
                Err(error.into())
            }
        }
    }

    fn checked(
        query: Map<String, Value>,
        body: Map<String, Value>,
        source: BodySource,
    ) -> Result<Self, BagError> {
        check(&query)?;
        check(&body)?;
        Ok(Self {
            query,
            body,
            source,
        })
    }

    /// All parameters in one object; where both have a key, the body's value stands.
    pub fn merged(self) -> Map<String, Value> {
        if self.query.is_empty() {
            return self.body;
        }
        let mut all = self.query;
        all.extend(self.body);
        all
    }

    /// The bag with every top-level text `"null"` made null, as inbox create and update read it
    /// (contract §1.4).
    #[must_use]
    pub fn with_null_texts(mut self) -> Self {
        for value in self.query.values_mut().chain(self.body.values_mut()) {
            if value.as_str() == Some("null") {
                *value = Value::Null;
            }
        }
        self
    }

    /// The parameters under a root key (`{"webhook": {..}}`). When a JSON body lacks the root, the
    /// whole body is taken for it; a form must have it (contract §1.4).
    ///
    /// # Errors
    /// `Missing` when the root is absent or empty, `Invalid` when it is no object.
    pub fn under(self, root: &str) -> Result<Value, ParamError> {
        let Self {
            mut query,
            mut body,
            source,
        } = self;
        let value = match body.remove(root).or_else(|| query.remove(root)) {
            Some(value) => value,
            None if source == BodySource::Json => Value::Object(body),
            None => Value::Null,
        };
        match &value {
            Value::Object(object) if !object.is_empty() => Ok(value),
            Value::Object(_) | Value::Null => Err(ParamError::missing(root)),
            Value::String(text) if text.trim().is_empty() => Err(ParamError::missing(root)),
            Value::Array(list) if list.is_empty() => Err(ParamError::missing(root)),
            other => Err(ParamError::unlike(root, "an object", other)),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Bag {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        Ok(Self::read(request, None).await?.0)
    }
}

impl From<BagError> for ApiError {
    fn from(error: BagError) -> Self {
        match error {
            BagError::Malformed => Self::BadRequest,
            BagError::Nul(_) => Self::Unprocessable(error.to_string()),
        }
    }
}

impl From<CheckError> for BagError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::TooLarge => Self::Malformed,
            CheckError::Nul(path) => Self::Nul(path),
        }
    }
}

/// What the content type makes of a body that is whole in memory.
enum Kind {
    Ignored,
    Json,
    Form,
}

impl Kind {
    fn of(content_type: Option<&str>, body: &[u8]) -> Self {
        let mime = content_type
            .and_then(|full| full.split(';').next())
            .unwrap_or_default()
            .trim();
        let mime = mime.to_ascii_lowercase();
        match mime.as_str() {
            _ if body.trim_ascii().is_empty() && is_json(&mime) => Self::Json,
            _ if body.trim_ascii().is_empty() => Self::Ignored,
            "application/x-www-form-urlencoded" => Self::Form,
            _ if is_json(&mime) || body.trim_ascii_start().starts_with(b"{") => Self::Json,
            _ => Self::Ignored,
        }
    }
}

fn is_json(mime: &str) -> bool {
    matches!(
        mime,
        "application/json" | "text/x-json" | "application/jsonrequest"
    ) || (mime.starts_with("application/") && mime.ends_with("+json"))
}

fn content_type_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

fn form(text: &[u8]) -> Result<Map<String, Value>, BagError> {
    nested::parse(text).map_err(|_| BagError::Malformed)
}

fn json(body: &[u8]) -> Result<Map<String, Value>, BagError> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match parse(body).map_err(|_| BagError::Malformed)? {
        Value::Object(object) => Ok(object),
        root => Ok(Map::from_iter([("_json".to_owned(), root)])),
    }
}

#[cfg(test)]
mod tests;
