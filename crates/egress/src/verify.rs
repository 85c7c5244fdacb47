//! The receiver's side of [`sign_headers`](crate::sign_headers), for `gatewright webhook verify` and
//! for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use ring::hmac;

use crate::Secret;
use crate::sign::{
    CHATWOOT_SIGNATURE, CHATWOOT_TIMESTAMP, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP,
};

/// Which signature proved the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `webhook-signature`.
    StandardWebhooks,
    /// `X-Chatwoot-Signature`.
    Chatwoot,
}

/// Why a body is not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Neither scheme's signature is there, or a header that it needs is absent or not text.
    #[error("the header {0} is missing or not text")]
    Missing(&'static str),
    /// The timestamp is not a whole number of seconds.
    #[error("the timestamp is not a number of seconds")]
    Timestamp,
    /// The timestamp is further from now than allowed.
    #[error("the timestamp is {0} s from now, which is more than allowed")]
    Stale(u64),
    /// No signature fits: another secret, or the body was changed (also by parsing and printing).
    #[error("no signature fits this secret and body")]
    Mismatch,
}

/// Verifies `body` by the headers that came with it; `webhook-signature` is preferred and any of
/// its `v1` signatures may fit. `now_s` is in seconds since 1970, the usual `tolerance_s` is 300.
/// Signatures are compared in constant time.
///
/// # Errors
/// [`VerifyError`] says what is wrong; nothing of the body may be trusted then.
pub fn verify(
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now_s: i64,
    tolerance_s: u64,
) -> Result<Scheme, VerifyError> {
    let scheme = if headers.contains_key(WEBHOOK_SIGNATURE) {
        Scheme::StandardWebhooks
    } else if headers.contains_key(CHATWOOT_SIGNATURE) {
        Scheme::Chatwoot
    } else {
        return Err(VerifyError::Missing("webhook-signature"));
    };
    let fits = match scheme {
        Scheme::StandardWebhooks => {
            let id = text(headers, &WEBHOOK_ID, "webhook-id")?;
            let timestamp = text(headers, &WEBHOOK_TIMESTAMP, "webhook-timestamp")?;
            check_time(timestamp, now_s, tolerance_s)?;
            let list = text(headers, &WEBHOOK_SIGNATURE, "webhook-signature")?;
            let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
            standard_fits(secret.standard_key(), &signed, list)
        }
        Scheme::Chatwoot => {
            let timestamp = text(headers, &CHATWOOT_TIMESTAMP, "x-chatwoot-timestamp")?;
            check_time(timestamp, now_s, tolerance_s)?;
            let signature = text(headers, &CHATWOOT_SIGNATURE, "x-chatwoot-signature")?;
            let signed = [timestamp.as_bytes(), b".", body].concat();
            chatwoot_fits(secret.whole_key(), &signed, signature)
        }
    };
    if fits {
        Ok(scheme)
    } else {
        Err(VerifyError::Mismatch)
    }
}

fn text<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    label: &'static str,
) -> Result<&'a str, VerifyError> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .ok_or(VerifyError::Missing(label))
}

fn check_time(timestamp: &str, now_s: i64, tolerance_s: u64) -> Result<(), VerifyError> {
    let timestamp: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    let distance = now_s.abs_diff(timestamp);
    if distance > tolerance_s {
        Err(VerifyError::Stale(distance))
    } else {
        Ok(())
    }
}

fn standard_fits(key: &hmac::Key, signed: &[u8], list: &str) -> bool {
    list.split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|encoded| STANDARD.decode(encoded).ok())
        .any(|tag| hmac::verify(key, signed, &tag).is_ok())
}

fn chatwoot_fits(key: &hmac::Key, signed: &[u8], signature: &str) -> bool {
    signature
        .strip_prefix("sha256=")
        .and_then(unhex)
        .is_some_and(|tag| hmac::verify(key, signed, &tag).is_ok())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_headers;

    const NOW: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn secret(byte: u8) -> Secret {
        Secret::generate(&[byte; 32])
    }

    fn headers(secrets: &[&Secret]) -> HeaderMap {
        sign_headers(secrets, "msg_1", NOW, BODY)
            .into_iter()
            .collect()
    }

    fn without(mut headers: HeaderMap, name: &str) -> HeaderMap {
        headers.remove(name);
        headers
    }

    #[test]
    fn signed_bodies_verify_in_both_schemes() {
        let headers = headers(&[&secret(1)]);
        assert_eq!(
            verify(&secret(1), &headers, BODY, NOW, 300),
            Ok(Scheme::StandardWebhooks)
        );
        let headers = without(headers, "webhook-signature");
        assert_eq!(
            verify(&secret(1), &headers, BODY, NOW, 300),
            Ok(Scheme::Chatwoot)
        );
    }

    #[test]
    fn a_plain_secret_verifies_in_both_schemes() {
        let plain = Secret::parse("older-system").unwrap();
        let headers = headers(&[&plain]);
        assert_eq!(
            verify(&plain, &headers, BODY, NOW, 300),
            Ok(Scheme::StandardWebhooks)
        );
        let headers = without(headers, "webhook-signature");
        assert_eq!(
            verify(&plain, &headers, BODY, NOW, 300),
            Ok(Scheme::Chatwoot)
        );
    }

    #[test]
    fn during_a_rotation_either_secret_verifies() {
        let headers = headers(&[&secret(2), &secret(1)]);
        for byte in [1, 2] {
            assert!(verify(&secret(byte), &headers, BODY, NOW, 300).is_ok());
        }
        assert_eq!(
            verify(&secret(3), &headers, BODY, NOW, 300),
            Err(VerifyError::Mismatch)
        );
    }

    #[test]
    fn a_changed_body_id_or_timestamp_does_not_verify() {
        let secret = secret(1);
        let good = headers(&[&secret]);
        assert_eq!(
            verify(&secret, &good, b"{}", NOW, 300),
            Err(VerifyError::Mismatch)
        );
        for (name, value) in [("webhook-id", "msg_2"), ("webhook-timestamp", "1614265331")] {
            let mut bad = good.clone();
            bad.insert(name, value.parse().unwrap());
            assert_eq!(
                verify(&secret, &bad, BODY, NOW, 300),
                Err(VerifyError::Mismatch),
                "{name}"
            );
        }
        let mut bad = without(good, "webhook-signature");
        bad.insert("x-chatwoot-timestamp", "1614265331".parse().unwrap());
        assert_eq!(
            verify(&secret, &bad, BODY, NOW, 300),
            Err(VerifyError::Mismatch)
        );
    }

    #[test]
    fn timestamps_count_up_to_the_tolerance_on_both_sides() {
        let headers = headers(&[&secret(1)]);
        for now in [NOW - 300, NOW + 300] {
            assert!(verify(&secret(1), &headers, BODY, now, 300).is_ok());
        }
        for now in [NOW - 301, NOW + 301] {
            let result = verify(&secret(1), &headers, BODY, now, 300);
            assert_eq!(result, Err(VerifyError::Stale(301)));
        }
    }

    #[test]
    fn broken_headers_are_errors_not_panics() {
        let good = headers(&[&secret(1)]);
        let check = |headers: &HeaderMap| verify(&secret(1), headers, BODY, NOW, 300);
        assert_eq!(
            check(&HeaderMap::new()),
            Err(VerifyError::Missing("webhook-signature"))
        );
        let no_id = without(good.clone(), "webhook-id");
        assert_eq!(check(&no_id), Err(VerifyError::Missing("webhook-id")));
        let mut odd = good.clone();
        odd.insert("webhook-timestamp", "soon".parse().unwrap());
        assert_eq!(check(&odd), Err(VerifyError::Timestamp));
        for signature in [
            "",
            "v1",
            "v1,",
            "v1,%%",
            "v1a,AAAA",
            "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ] {
            let mut odd = good.clone();
            odd.insert("webhook-signature", signature.parse().unwrap());
            assert_eq!(check(&odd), Err(VerifyError::Mismatch), "{signature}");
        }
        for signature in [
            "",
            "sha256=",
            "sha256=abc",
            "sha256=zz",
            "sha1=aa",
            "sha256=ü",
        ] {
            let mut odd = without(good.clone(), "webhook-signature");
            odd.insert(
                "x-chatwoot-signature",
                http::HeaderValue::from_bytes(signature.as_bytes()).unwrap(),
            );
            assert!(check(&odd).is_err(), "{signature}");
        }
    }
}
