//! Streams a file into the store: hashed and measured on its way, never whole in memory.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::{MultipartUpload, PutPayload};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::store::failed;
use super::{filename, kind, refuse};
use crate::cipher::hex;
use crate::error::Result;
use crate::kernel::Kernel;

/// So many bytes are collected before they are written.
const PART_BYTES: usize = 512 * 1024;

/// A stored file that no row names yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedFile {
    /// Its unguessable name in the store.
    pub key: String,
    /// The name it came with, without a path.
    pub filename: String,
    /// Media type.
    pub content_type: String,
    /// Size in bytes.
    pub byte_size: i64,
    /// SHA-256 in lower-case hex.
    pub checksum: String,
    /// Width and height of a picture, in pixels.
    pub dimensions: Option<(i64, i64)>,
}

/// A file on its way into the store. Dropping it removes what was written, in the background.
pub struct Upload {
    kernel: Arc<Kernel>,
    key: String,
    filename: String,
    declared: Option<String>,
    target: Box<dyn MultipartUpload>,
    hash: Context,
    head: BytesMut,
    part: Vec<Bytes>,
    part_bytes: usize,
    byte_size: u64,
}

impl Upload {
    pub(super) async fn begin(
        kernel: &Arc<Kernel>,
        name: &str,
        content_type: Option<&str>,
    ) -> Result<Self> {
        let key = format!("{}/{}", kernel.now().day(), kernel.random.token());
        Ok(Self {
            target: kernel.blobs.begin(&key).await?,
            kernel: Arc::clone(kernel),
            key,
            filename: filename::clean(name),
            declared: content_type.map(str::to_owned),
            hash: Context::new(&SHA256),
            head: BytesMut::new(),
            part: Vec::new(),
            part_bytes: 0,
            byte_size: 0,
        })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`crate::Error::Unprocessable`] beyond the largest size of a file,
    /// [`crate::Error::Unavailable`] when there is no room.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.byte_size += bytes.len() as u64;
        let max = self.kernel.config.attachments.max_file_bytes;
        if self.byte_size > max {
            return refuse(format!(
                "the file {} is larger than {} (the setting attachments.max_file_bytes)",
                self.filename,
                shown(max)
            ));
        }
        self.hash.update(&bytes);
        let missing = kind::HEAD_BYTES.saturating_sub(self.head.len());
        self.head
            .extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.part_bytes += bytes.len();
        self.part.push(bytes);
        if self.part_bytes >= PART_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Gives the file up and removes what was written; what cannot be removed now is swept later.
    pub async fn abort(mut self) {
        if let Err(error) = self.target.abort().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a file that was given up could not be removed"
            );
        }
    }

    /// Completes the file; it is on the disk when this answers.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when there is no room.
    pub async fn finish(mut self) -> Result<UploadedFile> {
        self.flush().await?;
        self.target.complete().await.map_err(failed)?;
        let content_type = kind::content_type(&self.head, self.declared.as_deref());
        Ok(UploadedFile {
            dimensions: kind::dimensions(&self.head, &content_type),
            key: self.key,
            filename: self.filename,
            content_type,
            byte_size: i64::try_from(self.byte_size).unwrap_or(i64::MAX),
            checksum: hex(self.hash.finish().as_ref()),
        })
    }

    async fn flush(&mut self) -> Result<()> {
        if self.part_bytes == 0 {
            return Ok(());
        }
        self.part_bytes = 0;
        let part: PutPayload = std::mem::take(&mut self.part).into_iter().collect();
        self.target.put_part(part).await.map_err(failed)
    }
}

/// A size as people write it: `40 MiB`.
fn shown(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = |(size, _): &&(u64, &str)| bytes >= *size && bytes.is_multiple_of(*size);
    UNITS
        .iter()
        .find(whole)
        .map_or(format!("{bytes} bytes"), |(size, unit)| {
            format!("{} {unit}", bytes / size)
        })
}
