use std::borrow::Cow;

use serde::Serialize;

use super::form::Keep;
use crate::model::{Attachment, Message};

/// A file of a message (contract, section 3: `S.Attachment`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Attachment))]
pub struct AttachmentView<'a> {
    /// Its id.
    pub id: i64,
    /// Its message.
    pub message_id: i64,
    /// `image`, `audio`, `video`, `file`, ...
    #[cfg_attr(feature = "openapi", schema(example = "image"))]
    pub file_type: Cow<'a, str>,
    /// Its account.
    pub account_id: i64,
    /// File name's extension, without the dot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub extension: Option<Cow<'a, str>>,
    /// Absolute link to the bytes; it needs no authentication.
    pub data_url: Cow<'a, str>,
    /// Link to a picture of it; empty unless it is an image.
    pub thumb_url: Cow<'a, str>,
    /// Size in bytes.
    pub file_size: i64,
    /// Width in pixels; null when unknown.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub width: Option<i64>,
    /// Height in pixels; null when unknown.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub height: Option<i64>,
    /// What is said in it; of audio only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub transcribed_text: Option<&'static str>,
}

impl<'a> AttachmentView<'a> {
    /// The files of a message; `None`, and so no key, when it has none.
    pub(super) fn all<'m>(message: &'m Message, keep: Keep<'m, 'a>) -> Option<Vec<Self>> {
        let files = &message.attachments;
        (!files.is_empty()).then(|| files.iter().map(|f| Self::new(f, message, keep)).collect())
    }

    fn new<'m>(file: &'m Attachment, message: &Message, keep: Keep<'m, 'a>) -> Self {
        let is = |kind: &str| file.file_type == kind;
        Self {
            id: file.id.get(),
            message_id: message.id.get(),
            file_type: keep(&file.file_type),
            account_id: message.account_id.get(),
            extension: file.extension.as_deref().map(keep),
            data_url: keep(&file.data_url),
            thumb_url: keep(if is("image") { &file.data_url } else { "" }),
            file_size: file.file_size,
            width: None,
            height: None,
            transcribed_text: is("audio").then_some(""),
        }
    }
}
