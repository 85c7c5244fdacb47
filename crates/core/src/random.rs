//! Randomness, injected so that tests repeat.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Where random bytes come from. Tests bring their own.
pub trait Randomness: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        use ring::rand::SecureRandom as _;
        ring::rand::SystemRandom::new()
            .fill(bytes)
            .expect("the operating system provides randomness");
    }
}

impl dyn Randomness {
    /// A random UUID, version 4.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// A 24-character base58 token (140 bits), as the contract's tokens are.
    pub fn token(&self) -> String {
        const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut token = String::with_capacity(24);
        while token.len() < 24 {
            let mut byte = [0; 1];
            self.fill(&mut byte);
            // 232 = 4 * 58: rejecting the rest keeps every character equally likely.
            if byte[0] < 232 {
                token.push(char::from(ALPHABET[usize::from(byte[0] % 58)]));
            }
        }
        token
    }

    /// A signing secret in the form `whsec_<base64 of 32 bytes>`.
    pub fn signing_secret(&self) -> String {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        format!("whsec_{}", STANDARD.encode(bytes))
    }

    /// A positive number for lease tokens.
    pub fn number(&self) -> i64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        i64::from_le_bytes(bytes) & 0x001F_FFFF_FFFF_FFFF
    }
}
