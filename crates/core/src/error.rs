//! Everything that can go wrong, by what the caller does next.

pub(crate) mod outage;

use std::error::Error as StdError;

use crate::storage;

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case failed. `Display` is fit for the caller; causes are for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record, or not visible to the caller.
    #[error("Resource could not be found")]
    NotFound,
    /// Attributes that break a rule; answered with `message` and `attributes`.
    #[error("{}", Attribute::sentence(.0))]
    Invalid(Vec<Attribute>),
    /// A request that cannot be carried out; answered with `error`.
    #[error("{0}")]
    Unprocessable(String),
    /// A required parameter is absent.
    #[error("param is missing or the value is empty: {0}")]
    Missing(String),
    /// The caller did not say who it is, or said it wrongly.
    #[error("{}", .0.text())]
    Unauthenticated(Unauthenticated),
    /// The caller may not do this.
    #[error("{}", .0.text())]
    Denied(Denied),
    /// Another request is in the way; the same request can be sent again.
    #[error("{0}")]
    Conflict(String),
    /// Too many requests.
    #[error("Retry later")]
    RateLimited {
        /// Seconds after which to try again.
        retry_after_s: u64,
    },
    /// Cannot be served now. Nothing was done, unless the database went away during the commit: then
    /// nobody knows, and a repeat is safe with a source id or an `Idempotency-Key` alone.
    #[error("{reason}")]
    Unavailable {
        /// What is short, for people.
        reason: &'static str,
        /// Seconds after which to try again.
        retry_after_s: u64,
    },
    /// A bug or a broken system; the cause is logged, never shown.
    #[error("Internal Server Error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// An attribute and what is wrong with it, for example `email` and `has already been taken`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name of the attribute, in snake case.
    pub name: String,
    /// What is wrong with it, without the name.
    pub message: String,
}

impl Attribute {
    /// Shows `Email has already been taken, Name is too long`.
    pub fn sentence(attributes: &[Self]) -> String {
        let texts: Vec<String> = attributes
            .iter()
            .map(|a| format!("{} {}", humanize(&a.name), a.message))
            .collect();
        texts.join(", ")
    }
}

fn humanize(name: &str) -> String {
    let spaced = name.replace(['_', '.'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// How authentication failed (contract, section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No token.
    Missing,
    /// A token nobody has.
    InvalidToken,
}

impl Unauthenticated {
    fn text(self) -> &'static str {
        match self {
            Self::Missing => "You need to sign in or sign up before continuing.",
            Self::InvalidToken => "Invalid Access Token",
        }
    }
}

/// Why a known caller is refused (contract, section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The account is suspended.
    Suspended,
    /// The user is not in the account.
    NotMember,
    /// The role does not allow it.
    Policy,
    /// Bots may not call this.
    Bot,
    /// A failed identity hash of the public client API.
    Identity,
    /// Status reports are not taken for inboxes of this channel.
    StatusUpdate,
}

impl Denied {
    fn text(self) -> &'static str {
        match self {
            Self::Suspended => "Account is suspended",
            Self::NotMember => "You are not authorized to access this account",
            Self::Policy => "You are not authorized to do this action",
            Self::Bot => "Access to this endpoint is not authorized for bots",
            Self::Identity => "Unauthorized",
            Self::StatusUpdate => "Message status update is only allowed for API inboxes",
        }
    }
}

impl Error {
    /// One invalid attribute.
    pub fn invalid(name: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Attribute {
            name: name.to_owned(),
            message: message.into(),
        }])
    }

    /// A bug or a broken system, with its cause.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        let (reason, retry_after_s) = if gatewright_store::is_full(&error) {
            (
                "there is no room on the database's disk",
                storage::RETRY_AFTER_S,
            )
        } else if gatewright_store::is_unavailable(&error) {
            ("the database is not available", 1)
        } else {
            return Self::Internal(Box::new(error));
        };
        outage::note(reason, &error);
        Self::Unavailable {
            reason,
            retry_after_s,
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}
