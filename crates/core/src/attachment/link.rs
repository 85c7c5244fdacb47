//! What outsiders are given and give back, signed: links to files, ids of uploads, and the
//! descriptions of files that pass through a channel.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

use super::UploadedFile;
use crate::cipher::{Cipher, hex};
use crate::error::Result;
use crate::ids::{AccountId, BlobId};
use crate::kernel::Kernel;
use crate::time::Timestamp;

/// What a segment of a path may show as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

const DAY_S: i64 = 24 * 3600;

/// Signs under a key of its own, derived from the master key. What was signed for one purpose is
/// no good for another.
#[derive(Clone)]
pub struct Signer(hmac::Key);

impl Signer {
    /// The signer under the cipher's master key.
    pub fn new(cipher: &Cipher) -> Self {
        let secret = cipher.derive("attachments");
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret))
    }

    /// The signed id of a stored file.
    pub(super) fn blob_id(&self, account_id: AccountId, id: BlobId) -> String {
        self.sign("blob", &format!("{account_id}.{id}"))
    }

    /// The stored file that a signed id of this account names.
    pub(super) fn open_blob_id(&self, account_id: AccountId, signed: &str) -> Option<BlobId> {
        let payload = self.open("blob", signed)?;
        let (account, id) = payload.split_once('.')?;
        (account.parse() == Ok(account_id.get())).then_some(BlobId(id.parse().ok()?))
    }

    /// A file's description, for a way through hands that must not change it.
    pub(super) fn ticket(&self, file: &UploadedFile) -> Result<String> {
        Ok(self.sign("ticket", &serde_json::to_string(file)?))
    }

    /// The description that [`Self::ticket`] made.
    pub(super) fn open_ticket(&self, signed: &str) -> Option<UploadedFile> {
        serde_json::from_str(&self.open("ticket", signed)?).ok()
    }

    /// What a link names, unless it is forged or has expired at `now`.
    pub(super) fn open_link(&self, signed: &str, now: Timestamp) -> Option<(AccountId, String)> {
        let payload = self.open("link", signed)?;
        let mut parts = payload.splitn(3, '.');
        let account_id = AccountId(parts.next()?.parse().ok()?);
        let expires: i64 = parts.next()?.parse().ok()?;
        let key = parts.next()?.to_owned();
        (expires == 0 || now.unix() < expires).then_some((account_id, key))
    }

    fn sign(&self, purpose: &str, payload: &str) -> String {
        let text = URL_SAFE_NO_PAD.encode(payload);
        let tag = hmac::sign(&self.0, format!("{purpose}:{text}").as_bytes());
        format!("{text}--{}", hex(tag.as_ref()))
    }

    fn open(&self, purpose: &str, signed: &str) -> Option<String> {
        let (text, tag) = signed.rsplit_once("--")?;
        let tag = from_hex(tag)?;
        hmac::verify(&self.0, format!("{purpose}:{text}").as_bytes(), &tag).ok()?;
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

/// Makes links that all end at the same time. What is made of the same file on one day is the same
/// link, so that clients can keep what they fetched.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    signer: &'a Signer,
    public_url: &'a str,
    expires: i64,
}

impl<'a> Links<'a> {
    /// Links that are good for the configured time from now on, up to the end of a day.
    pub(crate) fn new(kernel: &'a Kernel) -> Self {
        let config = &kernel.config;
        let today = kernel.now().unix().div_euclid(DAY_S);
        let ttl = i64::try_from(config.attachments.link_ttl.as_secs()).unwrap_or(i64::MAX);
        Self {
            signer: &kernel.signer,
            public_url: &config.public_url,
            expires: ((today + 1) * DAY_S).saturating_add(ttl),
        }
    }

    /// The same, without an end.
    pub(super) fn lasting(self) -> Self {
        Self { expires: 0, ..self }
    }

    /// The absolute link to a stored file (contract, section 3).
    pub(crate) fn data_url(&self, account_id: AccountId, key: &str, filename: &str) -> String {
        self.url("redirect", account_id, key, filename)
    }

    /// The absolute link to which [`Self::data_url`] redirects.
    pub(super) fn bytes_url(&self, account_id: AccountId, key: &str, filename: &str) -> String {
        self.url("proxy", account_id, key, filename)
    }

    fn url(&self, how: &str, account_id: AccountId, key: &str, filename: &str) -> String {
        let payload = format!("{account_id}.{}.{key}", self.expires);
        let signed = self.signer.sign("link", &payload);
        let name = utf8_percent_encode(filename, IN_PATH);
        let base = self.public_url;
        format!("{base}/rails/active_storage/blobs/{how}/{signed}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::random::SystemRandomness;

    fn signer(key: u8) -> Signer {
        Signer::new(&Cipher::new(&[key; 32], Arc::new(SystemRandomness)))
    }

    #[test]
    fn what_is_signed_opens_for_its_purpose_and_account_only() {
        let signed = signer(7).blob_id(AccountId(1), BlobId(12));
        assert_eq!(
            signer(7).open_blob_id(AccountId(1), &signed),
            Some(BlobId(12))
        );
        assert_eq!(signer(7).open_blob_id(AccountId(2), &signed), None);
        assert_eq!(signer(8).open_blob_id(AccountId(1), &signed), None);
        assert_eq!(signer(7).open_link(&signed, Timestamp(0)), None);
        for end in ["", "--", "--00", "--zz", "é"] {
            let forged = format!("{signed}{end}x");
            assert_eq!(signer(7).open_blob_id(AccountId(1), &forged), None);
        }
        let (text, tag) = signed.split_once("--").unwrap();
        let other = URL_SAFE_NO_PAD.encode("1.13");
        assert_ne!(text, other);
        let forged = format!("{other}--{tag}");
        assert_eq!(signer(7).open_blob_id(AccountId(1), &forged), None);
    }

    #[test]
    fn a_link_ends_unless_it_lasts() {
        let signer = signer(7);
        let link = |expires| Links {
            signer: &signer,
            public_url: "https://gw.test",
            expires,
        };
        let opened = |url: String, now| {
            let part = url.split('/').nth(7).unwrap();
            signer.open_link(part, Timestamp::from_unix(now))
        };
        let url = link(100).data_url(AccountId(1), "2026-01-20/key", "a b/ü.png");
        let shown = "https://gw.test/rails/active_storage/blobs/redirect/";
        assert!(url.starts_with(shown) && url.ends_with("/a%20b%2F%C3%BC.png"));
        let named = Some((AccountId(1), "2026-01-20/key".to_owned()));
        assert_eq!(opened(url.clone(), 99), named);
        assert_eq!(opened(url, 100), None);
        let lasting = link(100)
            .lasting()
            .bytes_url(AccountId(1), "2026-01-20/key", "x");
        assert_eq!(opened(lasting, i64::MAX / 2_000_000), named);
    }
}
