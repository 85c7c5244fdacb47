//! Reading a file by its link.

use std::ops::Range;

use super::{Attachments, FileStream, Links, kind, repo};
use crate::error::{Error, Result};
use crate::ids::AccountId;

/// A file that a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name in the store.
    key: String,
    /// The name to save it under.
    pub filename: String,
    /// Media type.
    pub content_type: String,
    /// Size in bytes.
    pub byte_size: u64,
    /// SHA-256 in lower-case hex.
    pub checksum: String,
    /// Whether a browser may show it in place: pictures, sounds and videos only.
    pub in_place: bool,
}

impl Attachments {
    /// The file that the signed part of a link names.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is forged, has expired, or was revoked with its message.
    pub async fn open(&self, signed: &str) -> Result<StoredFile> {
        let (account_id, key) = self.named(signed)?;
        let conn = self.kernel.db.read();
        let file = repo::by_key(conn, account_id, &key)
            .await?
            .ok_or(Error::NotFound)?;
        Ok(StoredFile {
            in_place: kind::is_shown_in_place(&file.content_type),
            key: file.key,
            filename: file.filename,
            content_type: file.content_type,
            byte_size: u64::try_from(file.byte_size).unwrap_or(0),
            checksum: file.checksum,
        })
    }

    /// Where the bytes of a file are, as an absolute link that is good for as long as a new one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn locate(&self, signed: &str) -> Result<String> {
        let (account_id, _) = self.named(signed)?;
        let file = self.open(signed).await?;
        let links = Links::new(&self.kernel);
        Ok(links.bytes_url(account_id, &file.key, &file.filename))
    }

    /// A part of a file's bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the store has lost it.
    pub async fn read(&self, file: &StoredFile, range: Range<u64>) -> Result<FileStream> {
        self.kernel.blobs.read(&file.key, range).await
    }

    fn named(&self, signed: &str) -> Result<(AccountId, String)> {
        let now = self.kernel.now();
        self.kernel
            .signer
            .open_link(signed, now)
            .ok_or(Error::NotFound)
    }
}
