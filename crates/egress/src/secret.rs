//! The secret that a receiver and the gateway share.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{alphabet, engine::DecodePaddingMode};
use ring::hmac;

/// A signing secret. `whsec_<base64>` keys Standard Webhooks with the decoded bytes and
/// `X-Chatwoot-Signature` with the whole text; any other text keys both with its UTF-8 bytes.
///
/// Neither `Debug` nor any error shows it.
#[derive(Clone)]
pub struct Secret {
    text: String,
    standard: hmac::Key,
    whole: hmac::Key,
}

/// Why a text is not a secret. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no key in it.
    #[error("the signing secret is empty")]
    Empty,
    /// It begins with `whsec_`, but the rest is no base64.
    #[error("the signing secret begins with whsec_, but what follows is not base64")]
    NotBase64,
}

impl Secret {
    /// Reads a secret; white space around it is not removed.
    ///
    /// # Errors
    /// [`SecretError`] when it is empty or its base64 is broken. Missing padding is accepted.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let key = match text.strip_prefix(PREFIX) {
            Some(encoded) => BASE64.decode(encoded).map_err(|_| SecretError::NotBase64)?,
            None => text.as_bytes().to_vec(),
        };
        if key.is_empty() {
            return Err(SecretError::Empty);
        }
        Ok(Self::from_parts(text.to_owned(), &key))
    }

    /// Makes a new secret, `whsec_` form, from 32 random bytes.
    pub fn generate(random: &[u8; 32]) -> Self {
        Self::from_parts(format!("{PREFIX}{}", STANDARD.encode(random)), random)
    }

    /// The text, to be shown once or stored encrypted.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The key of `webhook-signature`.
    pub(crate) fn standard_key(&self) -> &hmac::Key {
        &self.standard
    }

    /// The key of `X-Chatwoot-Signature`.
    pub(crate) fn whole_key(&self) -> &hmac::Key {
        &self.whole
    }

    fn from_parts(text: String, key: &[u8]) -> Self {
        let standard = hmac::Key::new(hmac::HMAC_SHA256, key);
        let whole = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        Self {
            text,
            standard,
            whole,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

const PREFIX: &str = "whsec_";

/// Lenient in padding, as receivers' libraries are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_reads_back() {
        let secret = Secret::generate(&std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_eq!(
            secret.expose(),
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        );
        assert_eq!(
            Secret::parse(secret.expose()).unwrap().expose(),
            secret.expose()
        );
    }

    #[test]
    fn debug_and_errors_do_not_show_it() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        let error = Secret::parse("whsec_not/base64!").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("not/base64!"));
    }

    #[test]
    fn empty_and_broken_secrets_are_refused() {
        assert_eq!(Secret::parse("").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::parse("whsec_").unwrap_err(), SecretError::Empty);
        assert_eq!(
            Secret::parse("whsec_%%").unwrap_err(),
            SecretError::NotBase64
        );
        assert!(Secret::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").is_ok());
    }
}
