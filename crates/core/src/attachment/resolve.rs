//! What a request wants attached, as what a message is made with.

use super::{UploadedFile, filename, kind, refuse, repo};
use crate::error::Result;
use crate::ids::{AccountId, AttachmentId, BlobId};
use crate::kernel::Kernel;
use crate::model::{Attachment, FileType};

/// What a request wants attached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentSources {
    /// Files that came with it, stored and without rows.
    pub files: Vec<UploadedFile>,
    /// Signed ids of earlier uploads.
    pub signed_ids: Vec<String>,
    /// Files that came through a channel, by the id of their [`crate::channel::BlobRef`].
    pub tickets: Vec<String>,
}

/// An attachment of a message to come.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttachment {
    /// As it will be shown; its id is not drawn yet.
    pub shown: Attachment,
    /// Its file.
    pub file: NewFile,
}

/// The file of an attachment to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewFile {
    /// Its row is written with the message.
    Uploaded(UploadedFile),
    /// Its row is there.
    Stored(BlobId),
}

/// Finds everything that is named. At most one query.
///
/// # Errors
/// [`crate::Error::Unprocessable`] names what is too much or unknown.
pub(crate) async fn resolve(
    kernel: &Kernel,
    account_id: AccountId,
    sources: AttachmentSources,
) -> Result<Vec<NewAttachment>> {
    let AttachmentSources {
        mut files,
        mut signed_ids,
        tickets,
    } = sources;
    signed_ids.retain(|id| !id.trim().is_empty());
    let max = kernel.config.attachments.max_files;
    if files.len() + signed_ids.len() + tickets.len() > max {
        return refuse(format!(
            "at most {max} files per message (the setting attachments.max_files)"
        ));
    }
    for ticket in tickets {
        match kernel.signer.open_ticket(&ticket) {
            Some(file) => files.push(file),
            None => return refuse("a file is not known here"),
        }
    }
    let mut found: Vec<NewAttachment> = files
        .into_iter()
        .map(|file| uploaded(kernel, account_id, file))
        .collect();
    found.extend(stored(kernel, account_id, &signed_ids).await?);
    Ok(found)
}

/// A file that came with the request, as an attachment.
pub(crate) fn uploaded(
    kernel: &Kernel,
    account_id: AccountId,
    file: UploadedFile,
) -> NewAttachment {
    NewAttachment {
        shown: shown(kernel, account_id, &file),
        file: NewFile::Uploaded(file),
    }
}

async fn stored(
    kernel: &Kernel,
    account_id: AccountId,
    signed_ids: &[String],
) -> Result<Vec<NewAttachment>> {
    let mut ids = Vec::with_capacity(signed_ids.len());
    for signed in signed_ids {
        match kernel.signer.open_blob_id(account_id, signed) {
            Some(id) => ids.push(id),
            None => return unknown(signed),
        }
    }
    let rows = repo::files(kernel.db.read(), account_id, &ids).await?;
    let mut found = Vec::with_capacity(ids.len());
    for (id, signed) in ids.into_iter().zip(signed_ids) {
        let Some(file) = rows.get(&id) else {
            return unknown(signed);
        };
        found.push(NewAttachment {
            shown: shown(kernel, account_id, file),
            file: NewFile::Stored(id),
        });
    }
    Ok(found)
}

fn unknown<T>(signed: &str) -> Result<T> {
    let start: String = signed.chars().take(40).collect();
    refuse(format!(
        "'{start}' is no signed id of an upload of this account"
    ))
}

fn shown(kernel: &Kernel, account_id: AccountId, file: &UploadedFile) -> Attachment {
    let data_url = kernel
        .links()
        .data_url(account_id, &file.key, &file.filename);
    Attachment {
        extension: filename::extension(&file.filename),
        data_url,
        file_size: file.byte_size,
        width: file.dimensions.map(|(width, _)| width),
        height: file.dimensions.map(|(_, height)| height),
        content_type: Some(file.content_type.clone()),
        filename: Some(file.filename.clone()),
        ..Attachment::new(AttachmentId(0), kind_of(file))
    }
}

fn kind_of(file: &UploadedFile) -> FileType {
    kind::file_type(&file.content_type)
}
