use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use gatewright::core::{Clock, SystemClock};
use gatewright::egress::{Scheme, Secret, verify};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::cli::{Webhook, WebhookVerify};
use crate::output;

/// Says by which signature a request is genuine.
pub(crate) fn run(command: &Webhook) -> anyhow::Result<ExitCode> {
    let Webhook::Verify(options) = command;
    let scheme = check(options, SystemClock::default().now().unix())?;
    let name = match scheme {
        Scheme::StandardWebhooks => "webhook-signature (Standard Webhooks)",
        Scheme::Chatwoot => "X-Chatwoot-Signature",
    };
    output::line(&format!("genuine, by {name}"))?;
    Ok(ExitCode::SUCCESS)
}

fn check(options: &WebhookVerify, now_s: i64) -> anyhow::Result<Scheme> {
    let secret = Secret::parse(&options.secret).context("--secret")?;
    let mut headers = HeaderMap::new();
    for text in &options.headers {
        let (name, value) = header(text)?;
        headers.append(name, value);
    }
    let body = body(&options.body_file)?;
    Ok(verify(&secret, &headers, &body, now_s, options.tolerance)?)
}

fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let wrong = || format!("--header `{text}` is not of the form `name: value`");
    let (name, value) = text.split_once(':').with_context(wrong)?;
    let name = name.trim().parse().with_context(wrong)?;
    Ok((name, value.trim().parse().with_context(wrong)?))
}

fn body(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file).with_context(|| format!("--body-file {}", file.display()));
    }
    let mut body = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut body)
        .context("standard input")?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vector of Standard Webhooks.
    const NOW: i64 = 1_614_265_330;

    fn options(signature: &str) -> (tempfile::TempDir, WebhookVerify) {
        let folder = tempfile::tempdir().unwrap();
        let body_file = folder.path().join("body");
        std::fs::write(&body_file, r#"{"test": 2432232314}"#).unwrap();
        let headers = [
            "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            format!("Webhook-Timestamp:{NOW}"),
            format!("webhook-signature: {signature}"),
        ];
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let headers = headers.to_vec();
        (
            folder,
            WebhookVerify {
                secret,
                headers,
                body_file,
                tolerance: 300,
            },
        )
    }

    #[test]
    fn a_genuine_request_is_told_from_a_forged_and_an_old_one() {
        let (_folder, genuine) = options("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(check(&genuine, NOW).unwrap(), Scheme::StandardWebhooks);
        assert!(
            check(&genuine, NOW + 301)
                .unwrap_err()
                .to_string()
                .contains("timestamp")
        );
        let (_folder, forged) = options("v1,AAAA");
        assert!(
            check(&forged, NOW)
                .unwrap_err()
                .to_string()
                .contains("no signature fits")
        );
    }

    #[test]
    fn a_header_without_a_colon_is_named() {
        assert!(
            header("webhook-id")
                .unwrap_err()
                .to_string()
                .contains("`webhook-id`")
        );
    }
}
