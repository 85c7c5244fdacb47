use serde::{Deserialize, Serialize};

/// Why a call of a channel failed, by what the host does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ChannelError {
    /// The request's signature or secret is wrong: 401, nothing is stored.
    #[error("the request is not authorized")]
    Unauthorized,
    /// The request's fields are missing or contradict each other: 422 naming them.
    #[error("{}", FieldError::list(fields))]
    Invalid {
        /// The fields and their fixes.
        fields: Vec<FieldError>,
    },
    /// The settings cannot be used: 422 naming the fields.
    #[error("{}", FieldError::list(fields))]
    InvalidSettings {
        /// The fields and their fixes.
        fields: Vec<FieldError>,
    },
    /// The request is genuine but cannot be understood; the host keeps it for a later version.
    #[error("the request could not be parsed: {reason}")]
    Unparsable {
        /// What was not understood.
        reason: String,
    },
    /// The provider refused the credentials; a person must renew them.
    #[error("the provider refused the credentials")]
    AuthExpired,
    /// The channel has no such ability.
    #[error("{what} is not supported by this channel")]
    Unsupported {
        /// The ability.
        what: String,
    },
    /// The provider failed.
    #[error("the provider failed: {reason}")]
    Provider {
        /// What it said.
        reason: String,
        /// Whether trying again may help.
        retry: bool,
    },
    /// The call panicked; the host contains it.
    #[error("the channel panicked")]
    Panicked,
    /// The call took longer than its deadline.
    #[error("the channel did not answer in time")]
    Timeout,
    /// The channel is not running: 503.
    #[error("the channel is not available")]
    Unavailable,
    /// Bytes that crossed the border were not of the protocol.
    #[error("protocol error: {reason}")]
    Protocol {
        /// What was wrong.
        reason: String,
    },
}

impl ChannelError {
    /// One invalid field of a request.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid {
            fields: vec![FieldError::new(field, message)],
        }
    }

    /// One invalid setting.
    pub fn invalid_setting(field: &str, message: impl Into<String>) -> Self {
        Self::InvalidSettings {
            fields: vec![FieldError::new(field, message)],
        }
    }
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Dotted path, for example `contact.phone_number`.
    pub field: String,
    /// What is wrong and what would be right, without the field's name.
    pub message: String,
}

impl FieldError {
    /// A field and its message.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            message: message.into(),
        }
    }

    fn list(fields: &[Self]) -> String {
        let texts: Vec<String> = fields
            .iter()
            .map(|f| format!("{} {}", f.field, f.message))
            .collect();
        texts.join(", ")
    }
}
