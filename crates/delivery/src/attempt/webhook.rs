//! Posts an event to a URL, signed.

use std::time::Duration;

use bytes::Bytes;
use gatewright_core::channel::{DeliveryOutcome, FailCode, RetryScope};
use gatewright_core::delivery::Target;
use gatewright_core::time::Timestamp;
use gatewright_egress::{Error, Request, Response, Secret, sign_headers};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::sending::Sending;
use super::{Exchange, retry, retry_after};
use crate::engine::Ctx;

const LATE: HeaderName = HeaderName::from_static("x-gatewright-late");
const REPLAY: HeaderName = HeaderName::from_static("x-gatewright-replay");
const EVENT: HeaderName = HeaderName::from_static("x-gatewright-event");
const ATTEMPT: HeaderName = HeaderName::from_static("x-gatewright-attempt");

/// Bytes of an answer that are read; more interests nobody.
const ANSWER_MAX: usize = 4 * 1024;

/// Characters of an answer that are kept when the attempt failed.
const EXCERPT_MAX: usize = 500;

/// Posts `body` and tells how it ended.
pub(super) async fn post(
    ctx: &Ctx,
    target: &Target,
    sending: &Sending<'_>,
    body: Bytes,
) -> Exchange {
    let now = ctx.ledger.kernel().now();
    let request = match request(ctx, target, sending, body, now) {
        Ok(request) => request,
        Err(reason) => {
            return Exchange {
                outcome: retry(reason),
                excerpt: None,
            };
        }
    };
    match ctx.client.send(request).await {
        Ok(response) => Exchange {
            outcome: answered(&response, now),
            excerpt: excerpt(&response),
        },
        Err(error) => Exchange {
            outcome: unanswered(&error),
            excerpt: None,
        },
    }
}

fn request(
    ctx: &Ctx,
    target: &Target,
    sending: &Sending<'_>,
    body: Bytes,
    now: Timestamp,
) -> Result<Request, &'static str> {
    let url = target.url.as_deref().ok_or("the receiver has no URL")?;
    let url = Url::parse(url).map_err(|_| "Invalid URL")?;
    let secrets: Vec<Secret> = target
        .secrets(now)
        .into_iter()
        .map(Secret::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "the signing secret is not usable; rotate it")?;
    let secrets: Vec<&Secret> = secrets.iter().collect();
    let signature = sign_headers(&secrets, &sending.id, now.unix(), &body);
    let mut request = Request::new(Method::POST, url, body)
        .with_headers(signature)
        .with_headers(headers(sending));
    request.timeout = Some(ctx.ledger.kernel().config.delivery.timeout);
    request.max_response_bytes = Some(ANSWER_MAX);
    Ok(request)
}

fn headers(sending: &Sending<'_>) -> Vec<(HeaderName, HeaderValue)> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    const TRUE: HeaderValue = HeaderValue::from_static("true");
    const AGENT: HeaderValue =
        HeaderValue::from_static(concat!("Gatewright/", env!("CARGO_PKG_VERSION")));
    let mut headers = vec![
        (header::CONTENT_TYPE, JSON),
        (header::ACCEPT, JSON),
        (header::USER_AGENT, AGENT),
        (EVENT, HeaderValue::from_static(sending.event.name.as_str())),
        (ATTEMPT, HeaderValue::from(sending.attempt)),
    ];
    if sending.late {
        headers.push((LATE, TRUE));
    }
    if sending.replay {
        headers.push((REPLAY, TRUE));
    }
    headers
}

/// Any 2xx is success, 410 ends it for good, everything else is tried again (contract, section 7.1).
fn answered(response: &Response, now: Timestamp) -> DeliveryOutcome {
    let status = Some(response.status.as_u16());
    if response.status.is_success() {
        return DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status,
        };
    }
    let reason = response
        .status
        .to_string()
        .trim_end_matches(" <unknown status code>")
        .to_owned();
    if response.status == StatusCode::GONE {
        return DeliveryOutcome::Failed {
            code: FailCode::Gone,
            reason,
            status,
        };
    }
    let asks = matches!(
        response.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let wish = retry_after::wish(&response.headers, now).filter(|_| asks);
    DeliveryOutcome::Retry {
        reason,
        after_ms: wish.map(millis),
        scope: RetryScope::Message,
        status,
    }
}

fn unanswered(error: &Error) -> DeliveryOutcome {
    match error {
        Error::Ambiguous { reason } => DeliveryOutcome::Uncertain {
            reason: reason.clone(),
        },
        // A changed setting or URL heals a refusal, so that is tried again, too.
        Error::InvalidUrl { .. } | Error::Refused { .. } | Error::NotSent { .. } => {
            retry(error.to_string())
        }
    }
}

fn excerpt(response: &Response) -> Option<String> {
    if response.status.is_success() || response.body.is_empty() {
        return None;
    }
    Some(
        String::from_utf8_lossy(&response.body)
            .chars()
            .take(EXCERPT_MAX)
            .collect(),
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
