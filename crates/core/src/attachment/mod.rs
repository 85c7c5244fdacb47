//! Files of messages (contract, sections 3 and 4.3).
//!
//! - `store`: the bytes, in a folder; `upload` streams them in, `sweep` takes away what no row
//!   names.
//! - `kind`: what a file is, by its first bytes; `filename`: what it is called.
//! - `link`: signed links, of which bodies are made, and what else outsiders give back.
//! - `resolve`: what a request names, as what a message is made with.
//! - `list`, `repo`, `revoke`: the rows.
//!
//! A file is stored before its message and its row with the message, in one transaction. So a
//! refused message leaves no row, and a file without a row is rubbish after a day.

mod filename;
mod kind;
mod link;
mod list;
mod open;
mod repo;
mod resolve;
mod revoke;
mod store;
mod sweep;
#[cfg(test)]
mod tests;
mod upload;

use std::sync::Arc;

pub use link::{Links, Signer};
pub use list::{AttachmentsPage, PAGE};
pub use open::StoredFile;
pub use resolve::{AttachmentSources, NewAttachment, NewFile};
pub use store::{BlobStore, Bytes, FileStream};
pub use upload::{Upload, UploadedFile};

pub(crate) use repo::Metadata;
pub(crate) use resolve::resolve;
#[cfg(test)]
pub(crate) use resolve::uploaded;
pub(crate) use revoke::revoke;

use crate::caller::Caller;
use crate::channel::BlobRef;
use crate::error::{Error, Result};
use crate::kernel::Kernel;

/// The use cases of files.
#[derive(Clone)]
pub struct Attachments {
    kernel: Arc<Kernel>,
}

/// A file that waits for its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadCreated {
    /// Absolute link to the bytes. It does not expire.
    pub file_url: String,
    /// Signed id, which a message of the same account takes in `attachments`.
    pub blob_id: String,
}

impl Attachments {
    /// The use cases over a kernel.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Files that a message may have.
    pub fn max_files(&self) -> usize {
        self.kernel.config.attachments.max_files
    }

    /// Begins to store a file that came under this name and media type. The bytes follow by
    /// [`Upload::write`]; nothing is there until [`Upload::finish`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is no room.
    pub async fn begin(&self, filename: &str, content_type: Option<&str>) -> Result<Upload> {
        Upload::begin(&self.kernel, filename, content_type).await
    }

    /// Removes files that no message took. What cannot be removed now is swept later.
    pub async fn discard(&self, files: &[UploadedFile]) {
        let keys: Vec<String> = files.iter().map(|file| file.key.clone()).collect();
        remove_bytes(&self.kernel, &keys).await;
    }

    /// What a channel names an uploaded file by.
    ///
    /// # Errors
    /// None in practice: the description of a file is always JSON.
    pub fn blob_ref(&self, file: &UploadedFile) -> Result<BlobRef> {
        let id = self.kernel.signer.ticket(file)?;
        Ok(BlobRef { id })
    }

    /// Keeps an uploaded file for a message that will name it.
    ///
    /// # Errors
    /// Database errors.
    pub async fn upload(&self, caller: &Caller, file: UploadedFile) -> Result<UploadCreated> {
        let account_id = caller.account_id();
        let id = repo::insert(&self.kernel, account_id, &file).await?;
        let links = self.kernel.links().lasting();
        Ok(UploadCreated {
            file_url: links.data_url(account_id, &file.key, &file.filename),
            blob_id: self.kernel.signer.blob_id(account_id, id),
        })
    }
}

/// Removes the bytes of files whose rows are gone. What cannot be removed now is swept later.
pub(crate) async fn remove_bytes(kernel: &Kernel, keys: &[String]) {
    for key in keys {
        if let Err(error) = kernel.blobs.delete(key).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a file that nobody has could not be removed"
            );
        }
    }
}

/// A sentence that names the parameter.
fn refuse<T>(text: impl std::fmt::Display) -> Result<T> {
    Err(Error::Unprocessable(format!("attachments: {text}")))
}
