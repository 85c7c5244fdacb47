//! Signing of outgoing bodies: Standard Webhooks 1.0.0 (symmetric, `v1`) and the `X-Chatwoot-*`
//! headers that receivers written for Chatwoot expect. `SIGNING.md` is the receiver's side.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use ring::hmac;

use crate::Secret;

pub(crate) const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
pub(crate) const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
pub(crate) const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
pub(crate) const CHATWOOT_DELIVERY: HeaderName = HeaderName::from_static("x-chatwoot-delivery");
pub(crate) const CHATWOOT_TIMESTAMP: HeaderName = HeaderName::from_static("x-chatwoot-timestamp");
pub(crate) const CHATWOOT_SIGNATURE: HeaderName = HeaderName::from_static("x-chatwoot-signature");

/// The headers that sign `body`.
///
/// `secrets` are the receiver's, newest first: one, or two during a rotation. `webhook-signature`
/// carries one signature per secret, `X-Chatwoot-Signature` has room for the newest only. Without
/// secrets the headers carry id and timestamp alone. `timestamp_s` is in seconds since 1970.
///
/// The dot separates the signed parts, so an id must not have one (Standard Webhooks); a dot, and
/// whatever cannot stand in a header, becomes `-` in the signed id and in the sent one alike.
pub fn sign_headers(
    secrets: &[&Secret],
    id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> Vec<(HeaderName, HeaderValue)> {
    let id = id.replace(|char: char| !char.is_ascii_graphic() || char == '.', "-");
    let timestamp = timestamp_s.to_string();
    let mut headers = vec![
        (WEBHOOK_ID, value(&id)),
        (WEBHOOK_TIMESTAMP, value(&timestamp)),
        (CHATWOOT_DELIVERY, value(&id)),
        (CHATWOOT_TIMESTAMP, value(&timestamp)),
    ];
    if let Some(newest) = secrets.first() {
        let signatures: Vec<String> = secrets
            .iter()
            .map(|secret| {
                let tag = hmac_parts(
                    secret.standard_key(),
                    &[id.as_bytes(), timestamp.as_bytes(), body],
                );
                format!("v1,{}", STANDARD.encode(tag))
            })
            .collect();
        headers.push((WEBHOOK_SIGNATURE, value(&signatures.join(" "))));
        let tag = hmac_parts(newest.whole_key(), &[timestamp.as_bytes(), body]);
        headers.push((
            CHATWOOT_SIGNATURE,
            value(&format!("sha256={}", hex(tag.as_ref()))),
        ));
    }
    headers
}

/// HMAC over the parts, joined by dots.
fn hmac_parts(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            context.update(b".");
        }
        context.update(part);
    }
    context.sign()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String never fails");
            text
        })
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the text is made of visible ASCII and spaces")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OLD: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn signed(secrets: &[&str], id: &str, body: &[u8]) -> Vec<(String, String)> {
        let secrets: Vec<Secret> = secrets
            .iter()
            .map(|text| Secret::parse(text).unwrap())
            .collect();
        sign_headers(&secrets.iter().collect::<Vec<_>>(), id, TIMESTAMP, body)
            .into_iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect()
    }

    fn get<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        &headers.iter().find(|(found, _)| found == name).unwrap().1
    }

    #[test]
    fn the_published_vector_of_standard_webhooks_holds() {
        let headers = signed(&[NEW], ID, BODY);
        assert_eq!(get(&headers, "webhook-id"), ID);
        assert_eq!(get(&headers, "webhook-timestamp"), "1614265330");
        assert_eq!(
            get(&headers, "webhook-signature"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn chatwoot_vectors_hold() {
        let headers = signed(&[NEW], ID, BODY);
        assert_eq!(get(&headers, "x-chatwoot-delivery"), ID);
        assert_eq!(get(&headers, "x-chatwoot-timestamp"), "1614265330");
        assert_eq!(
            get(&headers, "x-chatwoot-signature"),
            "sha256=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964"
        );
        let headers = signed(&[NEW], ID, r#"{"content":"Grüße 👋"}"#.as_bytes());
        assert_eq!(
            get(&headers, "x-chatwoot-signature"),
            "sha256=5163e597ed0caf812ca06d402e85109be9aa6903c90c3cdcc1981d8bf180652f"
        );
    }

    #[test]
    fn a_plain_secret_keys_both_schemes_with_its_bytes() {
        let headers = signed(&["plain-secret-of-an-older-system"], ID, BODY);
        assert_eq!(
            get(&headers, "webhook-signature"),
            "v1,5nzup6VCLlQSXexdUFXwPw6DljYPhxviq4drqWY4rnw="
        );
        assert_eq!(
            get(&headers, "x-chatwoot-signature"),
            "sha256=0be2d3c36d45e72397332fbdbe779dd32eeabcf08a5c36766c739872592157e7"
        );
    }

    #[test]
    fn a_rotation_signs_with_both_secrets_newest_first() {
        let headers = signed(&[NEW, OLD], ID, BODY);
        assert_eq!(
            get(&headers, "webhook-signature"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="
        );
        assert_eq!(
            get(&headers, "x-chatwoot-signature"),
            get(&signed(&[NEW], ID, BODY), "x-chatwoot-signature")
        );
    }

    #[test]
    fn odd_ids_are_made_fit_and_missing_secrets_leave_no_signature() {
        assert_eq!(
            get(&signed(&[NEW], "a.b\nc ü", BODY), "webhook-id"),
            "a-b-c--"
        );
        let unsigned = signed(&[], ID, BODY);
        assert!(
            unsigned
                .iter()
                .all(|(name, _)| !name.ends_with("signature"))
        );
        assert_eq!(get(&unsigned, "webhook-id"), ID);
    }

    #[test]
    fn the_receivers_page_carries_these_vectors() {
        let page = include_str!("../SIGNING.md");
        for (_, value) in signed(&[NEW, OLD], ID, BODY) {
            assert!(page.contains(&value), "{value}");
        }
        for secret in [NEW, OLD] {
            assert!(page.contains(secret), "{secret}");
        }
    }
}
