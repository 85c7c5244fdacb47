use gatewright_channel::{ChannelError, FieldError};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

const MAX_URL_CHARS: usize = 2048;
const REPLY_WINDOW: &str = "agent_reply_time_window";

/// The settings of an API inbox (contract, section 4.4). Null stands for the default of a field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiSettings {
    /// The callback URL: every event of the inbox is posted there. Blank = none. At most 2048
    /// characters, otherwise not looked at before it is used.
    #[serde(default)]
    #[schemars(length(max = 2048), example = "https://example.com/gatewright")]
    pub webhook_url: Option<String>,
    /// Whether clients of the public API must prove each contact's identifier by its HMAC.
    #[serde(default, deserialize_with = "null_is_default")]
    pub hmac_mandatory: bool,
    /// Free attributes of the inbox. `agent_reply_time_window` is known: for how many hours after
    /// the contact's last message a reply can be sent, a number above 0.
    #[serde(default, deserialize_with = "null_is_default")]
    pub additional_attributes: Map<String, Value>,
}

impl ApiSettings {
    /// The callback URL, if there is one.
    pub(crate) fn callback_url(&self) -> Option<&str> {
        self.webhook_url
            .as_deref()
            .map(str::trim)
            .filter(|url| !url.is_empty())
    }

    /// What the types do not say.
    pub(crate) fn check(&self) -> Result<(), ChannelError> {
        let mut fields = Vec::new();
        let url_chars = self
            .webhook_url
            .as_ref()
            .map_or(0, |url| url.chars().count());
        if url_chars > MAX_URL_CHARS {
            let message = format!("is too long (maximum is {MAX_URL_CHARS} characters)");
            fields.push(FieldError::new("webhook_url", message));
        }
        if !self.reply_window_is_valid() {
            fields.push(FieldError::new(
                "additional_attributes.agent_reply_time_window",
                "must be a number of hours above 0",
            ));
        }
        if fields.is_empty() {
            Ok(())
        } else {
            Err(ChannelError::InvalidSettings { fields })
        }
    }

    fn reply_window_is_valid(&self) -> bool {
        let hours: Option<f64> = match self.additional_attributes.get(REPLY_WINDOW) {
            None | Some(Value::Null) => return true,
            Some(Value::String(text)) if text.trim().is_empty() => return true,
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(other) => other.as_f64(),
        };
        hours.is_some_and(|hours| hours.is_finite() && hours > 0.0)
    }
}

fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
