//! The HTTP effect: checks, signs and sends.

use std::time::Duration;

use gatewright_channel::{CallKind, EffectResult, HttpEffect};
use gatewright_egress::{Error, Request, Response, Secret, sign_headers};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

use crate::permission;
use crate::services::Services;

/// Longest headers of a request together, in bytes.
const MAX_HEADER_BYTES: usize = 32 * 1024;

impl Services<'_> {
    /// Performs one HTTP effect.
    pub(crate) async fn http(&self, effect: HttpEffect) -> EffectResult {
        let request = match self.prepare(effect) {
            Ok(request) => request,
            Err(reason) => return EffectResult::Denied { reason },
        };
        if request.timeout == Some(Duration::ZERO) {
            let reason = "the time for this call is used up".to_owned();
            return EffectResult::NotSent { reason };
        }
        self.leaving();
        match self.host.egress.send(request).await {
            Ok(response) => answer(&response),
            Err(Error::Ambiguous { reason }) => EffectResult::Ambiguous { reason },
            Err(error) => {
                self.stayed();
                let reason = error.to_string();
                match error {
                    Error::NotSent { .. } => EffectResult::NotSent { reason },
                    _ => EffectResult::Denied { reason },
                }
            }
        }
    }

    /// Makes the request of an effect that is allowed; says why when it is not.
    fn prepare(&self, effect: HttpEffect) -> Result<Request, String> {
        let limits = &self.host.config.limits;
        if effect.sign && self.info.kind != CallKind::Deliver {
            return Err("only deliver may sign".to_owned());
        }
        if effect.body.0.len() > limits.max_request_bytes {
            return Err(format!(
                "the body is larger than {} bytes",
                limits.max_request_bytes
            ));
        }
        let method = Method::from_bytes(effect.method.as_bytes())
            .map_err(|_| "the method is not an HTTP method".to_owned())?;
        let url = Url::parse(effect.url.trim()).map_err(|error| format!("Invalid URL: {error}"))?;
        let declared = &self.instance.plugin.descriptor().permissions.http_hosts;
        permission::check(declared, &self.instance.settings, &url)?;
        let mut headers = headers(&effect.headers)?;
        if effect.sign {
            self.sign(&mut headers, &effect.body.0)?;
        }
        let left = self
            .until
            .exchange
            .saturating_duration_since(Instant::now());
        let asked = effect
            .timeout_ms
            .map_or(limits.exchange_timeout, Duration::from_millis);
        let mut request = Request::new(method, url, effect.body.0);
        request.headers = headers;
        request.timeout = Some(asked.min(left));
        request.max_response_bytes = Some(limits.max_response_bytes);
        Ok(request)
    }

    /// Adds what every signed delivery carries. A channel cannot set these headers itself.
    fn sign(&self, headers: &mut HeaderMap, body: &[u8]) -> Result<(), String> {
        let secrets = self.open.signing.iter().map(|text| Secret::parse(text));
        let secrets: Vec<Secret> = secrets
            .collect::<Result<_, _>>()
            .map_err(|error| format!("the delivery cannot be signed: {error}"))?;
        let secrets: Vec<&Secret> = secrets.iter().collect();
        let now_s = self.host.clock.now().unix();
        let own: Vec<HeaderName> = headers
            .keys()
            .filter(|name| is_ours(name.as_str()))
            .cloned()
            .collect();
        for name in own {
            headers.remove(name);
        }
        headers.extend(sign_headers(&secrets, &self.info.delivery_id, now_s, body));
        headers.insert("x-gatewright-attempt", HeaderValue::from(self.info.attempt));
        if let Some(event) = self.event.and_then(|name| HeaderValue::from_str(name).ok()) {
            headers.insert("x-gatewright-event", event);
        }
        if self.info.late {
            headers.insert("x-gatewright-late", HeaderValue::from_static("true"));
        }
        if self.replay {
            headers.insert("x-gatewright-replay", HeaderValue::from_static("true"));
        }
        Ok(())
    }
}

/// Whether the host alone sets the header on signed requests. Names are in lower case.
fn is_ours(name: &str) -> bool {
    ["webhook-", "x-chatwoot-", "x-gatewright-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, String> {
    let size: usize = given
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > MAX_HEADER_BYTES {
        return Err(format!(
            "the headers are larger than {MAX_HEADER_BYTES} bytes"
        ));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 8);
    for (name, value) in given {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| "a header has a name that cannot be sent".to_owned())?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the header {parsed} has a value that cannot be sent"))?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

fn answer(response: &Response) -> EffectResult {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    EffectResult::Http {
        status: response.status.as_u16(),
        headers: response
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: response.body.to_vec().into(),
    }
}
