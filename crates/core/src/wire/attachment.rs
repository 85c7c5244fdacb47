use std::borrow::Cow;

use serde::Serialize;

use super::form::Keep;
use crate::attributes::Attributes;
use crate::model::{Attachment, FileType, Message};

/// What is attached to a message (contract, section 3: `S.Attachment`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Attachment))]
pub struct AttachmentView<'a> {
    /// Its id.
    pub id: i64,
    /// Its message.
    pub message_id: i64,
    /// What it is; the keys that follow differ by it.
    pub file_type: FileType,
    /// Its account.
    pub account_id: i64,
    /// The rest.
    #[serde(flatten)]
    pub body: AttachmentBody<'a>,
}

/// The keys that differ by the kind of attachment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum AttachmentBody<'a> {
    /// A file: picture, video, sound or any other.
    File(FileBody<'a>),
    /// A place.
    Location(LocationBody<'a>),
    /// Something that cannot be shown.
    Fallback(FallbackBody<'a>),
    /// A person.
    Contact(ContactBody<'a>),
    /// A page to show in place.
    Embed(EmbedBody<'a>),
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AttachmentFile))]
pub struct FileBody<'a> {
    /// File name's extension, without the dot.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub extension: Option<Cow<'a, str>>,
    /// Absolute link to the bytes; it needs no authentication, and it ends.
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

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AttachmentLocation))]
pub struct LocationBody<'a> {
    /// Latitude in degrees.
    pub coordinates_lat: f64,
    /// Longitude in degrees.
    pub coordinates_long: f64,
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub fallback_title: Option<Cow<'a, str>>,
    /// Link to a page about it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub data_url: Option<Cow<'a, str>>,
}

/// Something that cannot be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AttachmentFallback))]
pub struct FallbackBody<'a> {
    /// The text in its stead.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub fallback_title: Option<Cow<'a, str>>,
    /// Link to it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub data_url: Option<Cow<'a, str>>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AttachmentContact))]
pub struct ContactBody<'a> {
    /// Their name or number.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub fallback_title: Option<Cow<'a, str>>,
    /// What else is known of them.
    pub meta: Attributes,
}

/// A page to show in place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AttachmentEmbed))]
pub struct EmbedBody<'a> {
    /// Link to the page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub data_url: Option<Cow<'a, str>>,
}

impl<'a> AttachmentView<'a> {
    /// What is attached to a message; `None`, and so no key, when nothing is.
    pub(super) fn all<'m>(message: &'m Message, keep: Keep<'m, 'a>) -> Option<Vec<Self>> {
        let files = &message.attachments;
        (!files.is_empty()).then(|| files.iter().map(|f| Self::new(f, message, keep)).collect())
    }

    fn new<'m>(of: &'m Attachment, message: &Message, keep: Keep<'m, 'a>) -> Self {
        Self {
            id: of.id.get(),
            message_id: message.id.get(),
            file_type: of.file_type,
            account_id: message.account_id.get(),
            body: AttachmentBody::new(of, keep),
        }
    }
}

impl<'a> AttachmentBody<'a> {
    fn new<'m>(of: &'m Attachment, keep: Keep<'m, 'a>) -> Self {
        let fallback_title = of.fallback_title.as_deref().map(keep);
        let data_url = Some(of.data_url.as_str())
            .filter(|url| !url.is_empty())
            .map(keep);
        match of.file_type {
            FileType::Location => {
                let (coordinates_lat, coordinates_long) = of.coordinates.unwrap_or_default();
                Self::Location(LocationBody {
                    coordinates_lat,
                    coordinates_long,
                    fallback_title,
                    data_url,
                })
            }
            FileType::Fallback => Self::Fallback(FallbackBody {
                fallback_title,
                data_url,
            }),
            FileType::Contact => Self::Contact(ContactBody {
                fallback_title,
                meta: of.meta.clone(),
            }),
            FileType::Embed => Self::Embed(EmbedBody { data_url }),
            _ => Self::File(FileBody::new(of, keep)),
        }
    }
}

impl<'a> FileBody<'a> {
    fn new<'m>(of: &'m Attachment, keep: Keep<'m, 'a>) -> Self {
        let is_image = of.file_type == FileType::Image;
        Self {
            extension: of.extension.as_deref().map(keep),
            data_url: keep(&of.data_url),
            thumb_url: keep(if is_image { &of.data_url } else { "" }),
            file_size: of.file_size,
            width: of.width,
            height: of.height,
            transcribed_text: (of.file_type == FileType::Audio).then_some(""),
        }
    }
}
