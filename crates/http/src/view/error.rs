use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// `{error: ".."}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TextError {
    /// What is wrong.
    #[schema(example = "Resource could not be found")]
    pub error: String,
}

/// No credentials at all.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorsBody {
    /// What is wrong.
    #[schema(example = json!(["You need to sign in or sign up before continuing."]))]
    pub errors: Vec<String>,
}

/// Nobody calls, or somebody who may not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum UnauthorizedError {
    /// Without a token.
    NoToken(ErrorsBody),
    /// With one that is unknown or not enough.
    Refused(TextError),
}

/// An invalid record, or a request that cannot be carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidationError {
    /// The sentences, of an invalid record.
    #[schema(example = "Email has already been taken")]
    pub message: Option<String>,
    /// The attributes they are about.
    #[schema(example = json!(["email"]))]
    pub attributes: Option<Vec<String>>,
    /// What is wrong, of any other request.
    pub error: Option<String>,
}

/// The body of errors outside of the account's API.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameworkError {
    /// HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// Its name.
    #[schema(example = "Not Found")]
    pub error: String,
}

/// How an operation of the account's API fails.
#[derive(Debug, IntoResponses)]
pub enum AppErrors {
    /// Malformed body.
    #[response(status = 400)]
    BadRequest(FrameworkError),
    /// No token, an unknown one, not in the account, or not allowed.
    #[response(status = 401)]
    Unauthorized(UnauthorizedError),
    /// No such record in the account.
    #[response(status = 404)]
    NotFound(TextError),
    /// The body is larger than `http.max_body_bytes`.
    #[response(status = 413)]
    TooLarge(TextError),
    /// Parameters that break a rule.
    #[response(status = 422)]
    Invalid(ValidationError),
    /// Too many requests; `Retry-After` says when to come back. Plain text.
    #[response(status = 429, content_type = "text/plain")]
    RateLimited(String),
    /// Overloaded or stopping; `Retry-After` says when to come back. Nothing was done.
    #[response(status = 503)]
    Unavailable(TextError),
}

/// How an operation of the public client API fails.
#[derive(Debug, IntoResponses)]
pub enum PublicErrors {
    /// Malformed body.
    #[response(status = 400)]
    BadRequest(FrameworkError),
    /// A failed identity hash.
    #[response(status = 401)]
    Unauthorized(FrameworkError),
    /// No such inbox, contact or conversation.
    #[response(status = 404)]
    NotFound(FrameworkError),
    /// The body is larger than `http.max_body_bytes`.
    #[response(status = 413)]
    TooLarge(TextError),
    /// Parameters that break a rule.
    #[response(status = 422)]
    Invalid(ValidationError),
    /// Overloaded or stopping; `Retry-After` says when to come back. Nothing was done.
    #[response(status = 503)]
    Unavailable(TextError),
}
