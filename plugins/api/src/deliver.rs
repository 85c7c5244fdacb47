use gatewright_channel::http::{retry_after_ms, status_text};
use gatewright_channel::{
    DeliveryOutcome, EffectResult, FailCode, HostServices, HttpEffect, OutboundEvent, RetryScope,
};

use crate::ApiSettings;

/// Posts an event to the callback URL (contract, section 7.1).
pub(crate) async fn deliver(
    settings: &ApiSettings,
    host: &dyn HostServices,
    event: OutboundEvent,
) -> DeliveryOutcome {
    let Some(url) = settings.callback_url() else {
        // The URL was taken away while the event waited: a person may replay it.
        let reason = "the inbox has no webhook_url".to_owned();
        return DeliveryOutcome::Failed {
            code: FailCode::Other,
            reason,
            status: None,
        };
    };
    let result = host.http(request(url, event)).await;
    outcome(result, host.now_ms())
}

fn request(url: &str, event: OutboundEvent) -> HttpEffect {
    let json = |name: &str| (name.to_owned(), "application/json".to_owned());
    HttpEffect {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![json("content-type"), json("accept")],
        body: event.body,
        timeout_ms: None,
        sign: true,
    }
}

/// Every answer but 2xx and 410 is tried again: the receiver is somebody's own system, and most
/// of its errors are repaired within the schedule. So is a refusal of the host, which the operator
/// can lift.
fn outcome(result: EffectResult, now_ms: u64) -> DeliveryOutcome {
    match result {
        EffectResult::Http {
            status: status @ 200..300,
            ..
        } => DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: Some(status),
        },
        EffectResult::Http {
            status: status @ 410,
            ..
        } => DeliveryOutcome::Failed {
            code: FailCode::Gone,
            reason: status_text(status),
            status: Some(status),
        },
        EffectResult::Http {
            status, headers, ..
        } => answered(status, retry_after_ms(&headers, now_ms)),
        EffectResult::NotSent { reason } | EffectResult::Denied { reason } => retry(reason),
        EffectResult::Unsupported => retry("the host offers no HTTP".to_owned()),
        EffectResult::Ambiguous { reason } => DeliveryOutcome::Uncertain { reason },
        EffectResult::Value { .. } | EffectResult::Blob { .. } | EffectResult::Unit => {
            let reason = "the host's answer is not one to an HTTP request".to_owned();
            DeliveryOutcome::Uncertain { reason }
        }
    }
}

/// A receiver that says how long to wait means all of its events.
fn answered(status: u16, after_ms: Option<u64>) -> DeliveryOutcome {
    let limited = status == 429 || after_ms.is_some();
    let scope = if limited {
        RetryScope::Inbox
    } else {
        RetryScope::Message
    };
    DeliveryOutcome::Retry {
        reason: status_text(status),
        after_ms,
        scope,
        status: Some(status),
    }
}

fn retry(reason: String) -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason,
        after_ms: None,
        scope: RetryScope::Message,
        status: None,
    }
}

#[cfg(test)]
mod tests {
    use gatewright_channel::{EffectResult, RetryScope};

    use super::{DeliveryOutcome, outcome};

    fn answered(status: u16, headers: &[(&str, &str)]) -> DeliveryOutcome {
        let headers = headers
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        outcome(
            EffectResult::Http {
                status,
                headers,
                body: Vec::new().into(),
            },
            0,
        )
    }

    #[test]
    fn a_failure_reads_like_the_contract() {
        let expected = DeliveryOutcome::Retry {
            reason: "500 Internal Server Error".to_owned(),
            after_ms: None,
            scope: RetryScope::Message,
            status: Some(500),
        };
        assert_eq!(answered(500, &[]), expected);
    }

    #[test]
    fn a_wish_to_wait_holds_the_whole_inbox() {
        let expected = DeliveryOutcome::Retry {
            reason: "503 Service Unavailable".to_owned(),
            after_ms: Some(2000),
            scope: RetryScope::Inbox,
            status: Some(503),
        };
        assert_eq!(answered(503, &[("retry-after", "2")]), expected);
    }

    #[test]
    fn an_answer_of_another_kind_is_in_doubt() {
        let outcome = outcome(EffectResult::Unit, 0);
        assert!(
            matches!(outcome, DeliveryOutcome::Uncertain { .. }),
            "{outcome:?}"
        );
    }
}
