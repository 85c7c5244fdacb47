use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an account has set (contract, section 4.7). What was never set is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountSettings {
    /// Minutes without activity after which a conversation is resolved, 10 to 1439856.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub auto_resolve_after: Option<i64>,
    /// What is said then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub auto_resolve_message: Option<String>,
    /// Whether conversations whose contact waits for an answer stay open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub auto_resolve_ignore_waiting: Option<bool>,
    /// The label that they get.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub auto_resolve_label: Option<String>,
    /// Whether audio is to be written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub audio_transcriptions: Option<bool>,
    /// Keys of attributes without which a conversation should not be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub conversation_required_attributes: Option<Vec<String>>,
}

impl AccountSettings {
    /// Settings as they are stored; what is not understood is left out.
    pub(super) fn from_stored(stored: Value) -> Self {
        serde_json::from_value(stored).unwrap_or_default()
    }
}

/// What is known of an account beyond its settings (contract, section 4.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountFacts {
    /// Always null: there are no plans.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub plan_name: Option<String>,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub subscribed_quantity: Option<i64>,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub subscription_status: Option<String>,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub subscription_ends_on: Option<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub industry: Option<String>,
    /// How large it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub company_size: Option<String>,
    /// Its time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub timezone: Option<String>,
}

impl AccountFacts {
    /// The facts among stored attributes; `None` when nothing is known.
    pub(super) fn from_stored(stored: &Value) -> Option<Self> {
        let stored = stored.as_object().filter(|map| !map.is_empty())?;
        Some(Self {
            industry: text(stored, "industry"),
            company_size: text(stored, "company_size"),
            timezone: text(stored, "timezone"),
            ..Self::default()
        })
    }
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key)?.as_str().map(str::to_owned)
}
