//! Takes secrets out of what a channel says.

use gatewright_channel::{ChannelError, DeliveryOutcome, FieldError, Health};
use serde_json::Value;

use crate::OpenInbox;

/// Longest text of a channel that is logged or shown, in characters.
const MAX_CHARS: usize = 1000;
/// A shorter value is no secret worth the name, and would blank out innocent words.
const MIN_SECRET_BYTES: usize = 5;

/// The text with secrets replaced, on one line and of bounded length.
pub(crate) fn text(open: &OpenInbox, text: &str) -> String {
    let mut clean = text.to_owned();
    for secret in secrets(open) {
        if clean.contains(&secret) {
            clean = clean.replace(&secret, "[secret]");
        }
    }
    clean
        .chars()
        .take(MAX_CHARS)
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// The outcome with a clean reason.
pub(crate) fn outcome(open: &OpenInbox, mut outcome: DeliveryOutcome) -> DeliveryOutcome {
    match &mut outcome {
        DeliveryOutcome::Accepted { .. } => {}
        DeliveryOutcome::Retry { reason, .. }
        | DeliveryOutcome::Uncertain { reason }
        | DeliveryOutcome::Failed { reason, .. } => *reason = text(open, reason),
    }
    outcome
}

/// The error with clean texts.
pub(crate) fn error(open: &OpenInbox, mut error: ChannelError) -> ChannelError {
    match &mut error {
        ChannelError::Invalid { fields } | ChannelError::InvalidSettings { fields } => {
            for FieldError { field, message } in fields {
                *field = text(open, field);
                *message = text(open, message);
            }
        }
        ChannelError::Unparsable { reason }
        | ChannelError::Provider { reason, .. }
        | ChannelError::Protocol { reason }
        | ChannelError::Unsupported { what: reason } => *reason = text(open, reason),
        ChannelError::Unauthorized
        | ChannelError::AuthExpired
        | ChannelError::Panicked
        | ChannelError::Timeout
        | ChannelError::Unavailable => {}
    }
    error
}

/// The state with a clean reason.
pub(crate) fn health(open: &OpenInbox, mut health: Health) -> Health {
    if let Health::Degraded { reason } = &mut health {
        *reason = text(open, reason);
    }
    health
}

/// Every secret in the forms in which it appears in text, the longest first, so that one which
/// contains another goes as a whole.
fn secrets(open: &OpenInbox) -> Vec<String> {
    let mut plain = vec![open.webhook_secret.clone(), open.inbox.hmac_token.clone()];
    plain.extend(open.signing.iter().cloned());
    collect(&open.secrets, &mut plain);
    let mut forms: Vec<String> = Vec::with_capacity(plain.len() * 2);
    for secret in plain
        .into_iter()
        .filter(|secret| secret.len() >= MIN_SECRET_BYTES)
    {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        forms.push(encoded);
        forms.push(secret);
    }
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Number(number) => into.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        Value::Object(map) => map.values().for_each(|value| collect(value, into)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::support::open_inbox;

    #[test]
    fn secrets_go_in_every_form_and_place() {
        let mut open = open_inbox(1, "probe", json!({}));
        open.secrets = json!({"token": "123:CANARY", "deep": [{"pin": 987_654}], "short": "abc"});
        open.signing = vec!["whsec_CANARY2".to_owned()];
        assert_eq!(
            text(
                &open,
                "GET /bot123:CANARY/x /bot123%3ACANARY 987654 whsec_CANARY2 abc\nnext"
            ),
            "GET /bot[secret]/x /bot[secret] [secret] [secret] abc next"
        );
        let cleaned = error(
            &open,
            ChannelError::invalid_setting("token", "not 123:CANARY"),
        );
        assert_eq!(
            cleaned,
            ChannelError::invalid_setting("token", "not [secret]")
        );
        let degraded = Health::Degraded {
            reason: "123:CANARY".to_owned(),
        };
        assert_eq!(
            health(&open, degraded),
            Health::Degraded {
                reason: "[secret]".to_owned()
            }
        );
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let open = open_inbox(1, "probe", json!({}));
        assert_eq!(text(&open, &"ü".repeat(5000)).chars().count(), MAX_CHARS);
    }
}
