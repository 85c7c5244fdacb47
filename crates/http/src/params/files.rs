//! The extractor of handlers that take files.

use axum::body::Body;
use axum::extract::{FromRef, FromRequest};
use axum::response::Response;
use gatewright_core::Error;
use gatewright_core::attachment::{AttachmentSources, Attachments, UploadedFile};
use gatewright_core::channel::BlobRef;
use http::Request;
use serde::de::DeserializeOwned;

use super::multipart::Wanted;
use super::{Bag, Params, Root};
use crate::error::ApiError;
use crate::once::REPLAYED;

/// Files that came with a request: stored, and without rows until a use case takes them.
#[derive(Clone)]
pub struct Files {
    files: Vec<UploadedFile>,
    uploads: Attachments,
}

impl Files {
    pub(super) fn new(files: Vec<UploadedFile>, uploads: &Attachments) -> Self {
        Self {
            files,
            uploads: uploads.clone(),
        }
    }

    /// These files, and earlier uploads by their signed ids, as what a message is made with.
    pub fn sources(&self, signed_ids: Option<Vec<String>>) -> AttachmentSources {
        AttachmentSources {
            files: self.files.clone(),
            signed_ids: signed_ids.unwrap_or_default(),
            ..AttachmentSources::default()
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What a channel names them by.
    ///
    /// # Errors
    /// None in practice.
    pub fn refs(&self) -> Result<Vec<BlobRef>, Error> {
        let refs = self.files.iter().map(|file| self.uploads.blob_ref(file));
        refs.collect()
    }

    /// Their descriptions, in order.
    pub fn uploaded(&self) -> &[UploadedFile] {
        &self.files
    }

    /// Removes the files of a request that is refused, and gives the refusal back.
    pub async fn refused(self, refusal: ApiError) -> ApiError {
        self.uploads.discard(&self.files).await;
        refusal
    }

    /// Answers the request, and removes the files if it was refused or had been carried out before.
    /// After a failure nobody knows whether they were taken, so they stay, and are swept if no row
    /// names them.
    ///
    /// # Errors
    /// The request's.
    pub async fn settled(
        self,
        answering: impl Future<Output = Result<Response, ApiError>>,
    ) -> Result<Response, ApiError> {
        let answered = answering.await;
        let rubbish = match &answered {
            Ok(response) => response.headers().contains_key(REPLAYED),
            Err(ApiError::Internal | ApiError::Unavailable { .. }) => false,
            Err(_) => true,
        };
        if rubbish {
            self.uploads.discard(&self.files).await;
        }
        answered
    }
}

/// The parameters of a request, as [`Params`] reads them, and the files of [`Root::FILES`].
///
/// Rejects as [`Params`] does, and with 422 for a file that is too large or one too many.
#[derive(Clone)]
pub struct WithFiles<T> {
    /// The parameters.
    pub params: T,
    /// The files.
    pub files: Files,
}

impl<T, S> FromRequest<S> for WithFiles<T>
where
    T: DeserializeOwned + Root,
    S: Send + Sync,
    Attachments: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, ApiError> {
        let uploads = Attachments::from_ref(state);
        let (bag, files) = Bag::with_files(request, &uploads, T::FILES).await?;
        Self::of(bag, files).await
    }
}

impl<T: DeserializeOwned + Root> WithFiles<T> {
    /// The `T` in this bag, and the files that came with it; these are removed when it is refused.
    ///
    /// # Errors
    /// As [`Params::from_bag`].
    pub(crate) async fn of(bag: Bag, files: Files) -> Result<Self, ApiError> {
        let refused = match Params::from_bag(bag).map(|Params(params)| params) {
            Ok(params) => return Ok(Self { params, files }),
            Err(error) => ApiError::from(error),
        };
        Err(files.refused(refused).await)
    }
}

impl Bag {
    /// The bag of a request, and the files of these fields (`message.attachments` is
    /// `message[attachments][]`), which are stored. Other files are skipped.
    ///
    /// # Errors
    /// As the extractors reject.
    pub async fn with_files(
        request: Request<Body>,
        uploads: &Attachments,
        names: &[&str],
    ) -> Result<(Self, Files), ApiError> {
        let wanted = Wanted { uploads, names };
        let (bag, files) = Self::read(request, Some(wanted)).await?;
        Ok((bag, Files::new(files, uploads)))
    }
}
