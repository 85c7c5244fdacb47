//! The one table from what a use case refuses to what the caller reads.

use gatewright_core::Error;
use gatewright_core::error::{Attribute, Denied, Unauthenticated};

use super::{ApiError, Family};

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound(Family::App),
            Error::Invalid(attributes) => Self::Validation {
                message: Attribute::sentence(&attributes),
                attributes: attributes
                    .into_iter()
                    .map(|attribute| attribute.name)
                    .collect(),
            },
            Error::Unprocessable(sentence) => Self::Unprocessable(sentence),
            Error::Missing(name) => Self::MissingParam(name),
            Error::Unauthenticated(Unauthenticated::Missing) => Self::Unauthenticated,
            Error::Unauthenticated(Unauthenticated::InvalidToken) => Self::InvalidToken,
            Error::Denied(denied) => denied.into(),
            Error::Conflict(sentence) => Self::Conflict(sentence),
            Error::RateLimited { retry_after_s } => Self::RateLimited { retry_after_s },
            Error::Unavailable {
                reason,
                retry_after_s,
            } => Self::unavailable(reason, retry_after_s),
            Error::Internal(cause) => Self::internal(cause.as_ref()),
        }
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Suspended => Self::Suspended,
            Denied::NotMember => Self::NotAMember,
            Denied::Policy => Self::PolicyRefused,
            Denied::Bot => Self::NotForBots,
            Denied::Identity => Self::FailedIdentity,
            Denied::StatusUpdate => Self::StatusUpdateForbidden,
        }
    }
}

impl ApiError {
    /// The answer of an operation outside of the account's API.
    pub fn framework(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound(Family::Framework),
            other => other.into(),
        }
    }
}
