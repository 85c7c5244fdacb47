//! The one table from an error to its answer (contract §1.3).

mod core;

use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::{Value, json};

use crate::{json::json_response, layers::request_id, params::ParamError};

/// The two families of error bodies (contract §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `/api/*`: bodies such as `{"error":"Resource could not be found"}`.
    App,
    /// `/platform/*`, `/public/*` and everything unhandled: `{"status":404,"error":"Not Found"}`.
    Framework,
}

impl Family {
    /// The family to which the operations under this path belong.
    pub fn of_path(path: &str) -> Self {
        if path == "/api" || path.starts_with("/api/") {
            Self::App
        } else {
            Self::Framework
        }
    }
}

/// Everything a request can be answered with except success. The text a variant carries is shown
/// to the client; internal context is logged and never put here.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// 401: no token, or a blank one, and no session.
    Unauthenticated,
    /// 401: the token is unknown.
    InvalidToken,
    /// 401 of `/auth/sign_in`: a wrong email or password.
    InvalidCredentials,
    /// 401: the account is suspended.
    Suspended,
    /// 401: the caller does not belong to the account.
    NotAMember,
    /// 401: the policy refused (an agent on an administrator's action, no access to the inbox ..).
    PolicyRefused,
    /// 401: a bot or a platform app called what only people may call.
    NotForBots,
    /// 401 of the public client API: the identity hash is absent or wrong.
    FailedIdentity,
    /// 401: the bot belongs to another account.
    BotNotOfAccount,
    /// 401 of `/platform/*`: no token, or an unknown one, or not that of a platform app.
    PlatformInvalidToken,
    /// 401 of `/platform/*`: the object was not granted to this app.
    PlatformNotPermissible,
    /// 402: the account may have no more inboxes.
    InboxLimitExceeded,
    /// 402: the account may have no more agents.
    AgentLimitExceeded,
    /// 403: the status of a message was updated on an inbox whose channel does not allow it.
    StatusUpdateForbidden,
    /// 403: the sign-up was refused; carries the reason.
    SignUpRefused(String),
    /// 404: the record does not exist or is not visible to the caller.
    NotFound(Family),
    /// 404: there is no such route.
    UnknownRoute,
    /// 405: the route exists, the method does not.
    MethodNotAllowed,
    /// 400: the request cannot be parsed.
    BadRequest,
    /// 422: the record is invalid.
    Validation {
        /// All sentences, joined by `, `.
        message: String,
        /// The columns at fault, in the same order.
        attributes: Vec<String>,
    },
    /// 422: a required parameter, or the root object, is missing or empty; carries its name.
    MissingParam(String),
    /// 422: any other refusal of the input; carries one sentence.
    Unprocessable(String),
    /// 422 whose `error` is an object: the automation rules' (`{"conditions":[".."]}`).
    UnprocessableDetail(Value),
    /// 409: the same idempotency key is being processed, or the record changed; carries a sentence.
    Conflict(String),
    /// 413: the body is larger than the setting `http.max_body_bytes`.
    PayloadTooLarge {
        /// The limit in bytes.
        limit_bytes: usize,
    },
    /// 413: a form with files is larger than as many of the largest files as a message may have.
    UploadTooLarge,
    /// 429: one caller sent too much.
    RateLimited {
        /// Seconds after which a request will be let through again.
        retry_after_s: u64,
    },
    /// 503: the gateway or a part of it is overloaded, draining, or down.
    Unavailable {
        /// One sentence that says what is unavailable.
        message: String,
        /// Seconds after which trying again makes sense.
        retry_after_s: u64,
    },
    /// 500: anything else. The body is constant but for the request id, by which the log tells why.
    Internal,
}

impl ApiError {
    /// 500 for an error nobody expected. Logs it with its chain of sources, once and only here.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let chain: Vec<String> = std::iter::successors(Some(error), |error| error.source())
            .map(ToString::to_string)
            .collect();
        tracing::error!(error = chain.join(": "), "internal error");
        Self::Internal
    }

    /// 422 for an invalid record: the sentences and the columns they are about.
    pub fn validation<'a>(errors: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (attributes, sentences): (Vec<String>, Vec<&str>) = errors
            .into_iter()
            .map(|(attribute, text)| (attribute.to_owned(), text))
            .unzip();
        Self::Validation {
            message: sentences.join(", "),
            attributes,
        }
    }

    /// 422 with one sentence.
    pub fn unprocessable(sentence: impl Into<String>) -> Self {
        Self::Unprocessable(sentence.into())
    }

    /// 503 that may be tried again after so many seconds.
    pub fn unavailable(message: impl Into<String>, retry_after_s: u64) -> Self {
        Self::Unavailable {
            message: message.into(),
            retry_after_s,
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated
            | Self::InvalidToken
            | Self::InvalidCredentials
            | Self::Suspended
            | Self::NotAMember
            | Self::PolicyRefused
            | Self::NotForBots
            | Self::FailedIdentity
            | Self::BotNotOfAccount
            | Self::PlatformInvalidToken
            | Self::PlatformNotPermissible => StatusCode::UNAUTHORIZED,
            Self::InboxLimitExceeded | Self::AgentLimitExceeded => StatusCode::PAYMENT_REQUIRED,
            Self::StatusUpdateForbidden | Self::SignUpRefused(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::UnknownRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::PayloadTooLarge { .. } | Self::UploadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Validation { .. }
            | Self::MissingParam(_)
            | Self::Unprocessable(_)
            | Self::UnprocessableDetail(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The JSON body of the answer; for `RateLimited`, which answers plain text, it is unused.
    fn body(&self) -> Value {
        match self {
            Self::Unauthenticated => {
                json!({"errors": ["You need to sign in or sign up before continuing."]})
            }
            Self::InvalidCredentials => json!({
                "success": false,
                "errors": ["Invalid login credentials. Please try again."],
            }),
            Self::Validation {
                message,
                attributes,
            } => {
                json!({"message": message, "attributes": attributes})
            }
            Self::SignUpRefused(message) => json!({"message": message}),
            Self::UnprocessableDetail(detail) => json!({"error": detail}),
            Self::BadRequest
            | Self::UnknownRoute
            | Self::NotFound(Family::Framework)
            | Self::FailedIdentity
            | Self::MethodNotAllowed => framework_body(self.status()),
            Self::Internal => internal_body(),
            other => json!({"error": other.sentence()}),
        }
    }

    /// The one sentence of the bodies of the form `{"error": sentence}`.
    fn sentence(&self) -> String {
        let fixed = match self {
            Self::InvalidToken => "Invalid Access Token",
            Self::Suspended => "Account is suspended",
            Self::NotAMember => "You are not authorized to access this account",
            Self::PolicyRefused => "You are not authorized to do this action",
            Self::NotForBots => "Access to this endpoint is not authorized for bots",
            Self::BotNotOfAccount => "Bot is not authorized to access this account",
            Self::PlatformInvalidToken => "Invalid access_token",
            Self::PlatformNotPermissible => "Non permissible resource",
            Self::InboxLimitExceeded => "Account limit exceeded. Upgrade to a higher plan",
            Self::AgentLimitExceeded => "Account limit exceeded. Please purchase more licenses",
            Self::StatusUpdateForbidden => "Message status update is only allowed for API inboxes",
            Self::NotFound(_) => "Resource could not be found",
            Self::MissingParam(name) => {
                return format!("param is missing or the value is empty: {name}");
            }
            Self::UploadTooLarge => {
                "The request body is larger than the settings attachments.max_files and \
                 attachments.max_file_bytes allow together"
            }
            Self::PayloadTooLarge { limit_bytes } => {
                return format!(
                    "The request body is larger than {limit_bytes} bytes \
                     (the setting http.max_body_bytes)"
                );
            }
            Self::Unprocessable(text)
            | Self::Conflict(text)
            | Self::Unavailable { message: text, .. } => text,
            other => other.status().canonical_reason().unwrap_or_default(),
        };
        fixed.to_owned()
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after_s } | Self::Unavailable { retry_after_s, .. } => {
                Some(*retry_after_s)
            }
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = match self {
            Self::RateLimited { .. } => {
                let plain = HeaderValue::from_static("text/plain");
                (status, [(CONTENT_TYPE, plain)], "Retry later\n").into_response()
            }
            _ => json_response(status, &self.body()),
        };
        if let Some(seconds) = self.retry_after_s() {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ParamError> for ApiError {
    fn from(error: ParamError) -> Self {
        match error {
            ParamError::Missing { path } => Self::MissingParam(path),
            ParamError::Invalid { path, reason } if path.is_empty() => Self::Unprocessable(reason),
            ParamError::Invalid { path, reason } => {
                Self::Unprocessable(format!("{path}: {reason}"))
            }
        }
    }
}

fn framework_body(status: StatusCode) -> Value {
    json!({"status": status.as_u16(), "error": status.canonical_reason().unwrap_or_default()})
}

fn internal_body() -> Value {
    let mut body = framework_body(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(id) = request_id::current() {
        body["request_id"] = Value::from(id.as_str());
    }
    body
}

#[cfg(test)]
mod tests;
