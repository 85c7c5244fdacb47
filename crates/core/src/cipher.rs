//! Secrets at rest: AES-256-GCM under the master key.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{digest, hmac};

use crate::error::{Error, Result};
use crate::random::Randomness;

/// Seals and opens secrets. The sealed form is base64 of nonce and ciphertext.
#[derive(Clone)]
pub struct Cipher {
    key: Arc<LessSafeKey>,
    derivation: hmac::Key,
    random: Arc<dyn Randomness>,
    fingerprint: String,
}

impl Cipher {
    /// A cipher under a key of 32 bytes.
    ///
    /// # Panics
    /// Never: the key has the cipher's length.
    pub fn new(key: &[u8; 32], random: Arc<dyn Randomness>) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes");
        let fingerprint = sha256_hex(&[b"gatewright master key:".as_slice(), key].concat());
        Self {
            key: Arc::new(LessSafeKey::new(unbound)),
            derivation: hmac::Key::new(hmac::HMAC_SHA256, key),
            random,
            fingerprint: fingerprint[..16].to_owned(),
        }
    }

    /// Tells keys apart without showing them.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// A key for another purpose than sealing, the same each time.
    ///
    /// # Panics
    /// Never: the derived key has the digest's length.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.derivation, format!("gatewright {purpose}").as_bytes());
        tag.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    /// Seals a secret. `context` names what it belongs to and must be the same when opening.
    ///
    /// # Panics
    /// Never: secrets are far shorter than the cipher's limit.
    pub fn seal(&self, context: &str, secret: &str) -> String {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut sealed = secret.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed,
            )
            .expect("secrets are far shorter than the cipher's limit");
        STANDARD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a sealed secret.
    ///
    /// # Errors
    /// [`Error::Internal`] when it was sealed under another key or context.
    pub fn open(&self, context: &str, sealed: &str) -> Result<String> {
        let refuse = || Error::internal(format!("{context} does not open with this master key"));
        let mut bytes = STANDARD.decode(sealed).map_err(|_| refuse())?;
        if bytes.len() < NONCE_LEN {
            return Err(refuse());
        }
        let mut rest = bytes.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| refuse())?;
        let secret = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut rest)
            .map_err(|_| refuse())?;
        String::from_utf8(secret.to_vec()).map_err(|_| refuse())
    }
}

/// SHA-256 as lower-case hex: how tokens and keys are looked up.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandomness;

    #[test]
    fn a_secret_opens_only_under_its_key_and_context() {
        let random: Arc<dyn Randomness> = Arc::new(SystemRandomness);
        let cipher = Cipher::new(&[7; 32], Arc::clone(&random));
        let sealed = cipher.seal("token", "whsec_x");
        assert_ne!(sealed, cipher.seal("token", "whsec_x"), "nonces differ");
        assert_eq!(cipher.open("token", &sealed).unwrap(), "whsec_x");
        assert!(cipher.open("other", &sealed).is_err());
        assert!(
            Cipher::new(&[8; 32], random)
                .open("token", &sealed)
                .is_err()
        );
    }
}
