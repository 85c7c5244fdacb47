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
    #[cfg_attr(feature = "openapi", schema(value_type = AttachmentKeys))]
    pub body: AttachmentBody<'a>,
}

/// The keys that differ by the kind of attachment.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
pub struct FileBody<'a> {
    /// File name's extension, without the dot.
    pub extension: Option<Cow<'a, str>>,
    /// Absolute link to the bytes; it needs no authentication, and it ends.
    pub data_url: Cow<'a, str>,
    /// Link to a picture of it; empty unless it is an image.
    pub thumb_url: Cow<'a, str>,
    /// Size in bytes.
    pub file_size: i64,
    /// Width in pixels; null when unknown.
    pub width: Option<i64>,
    /// Height in pixels; null when unknown.
    pub height: Option<i64>,
    /// What is said in it; of audio only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcribed_text: Option<&'static str>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocationBody<'a> {
    /// Latitude in degrees.
    pub coordinates_lat: f64,
    /// Longitude in degrees.
    pub coordinates_long: f64,
    /// Its name.
    pub fallback_title: Option<Cow<'a, str>>,
    /// Link to a page about it.
    pub data_url: Option<Cow<'a, str>>,
}

/// Something that cannot be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FallbackBody<'a> {
    /// The text in its stead.
    pub fallback_title: Option<Cow<'a, str>>,
    /// Link to it.
    pub data_url: Option<Cow<'a, str>>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactBody<'a> {
    /// Their name or number.
    pub fallback_title: Option<Cow<'a, str>>,
    /// What else is known of them.
    pub meta: Attributes,
}

/// A page to show in place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EmbedBody<'a> {
    /// Link to the page.
    pub data_url: Option<Cow<'a, str>>,
}

/// The keys that differ, as the API's description names them: all of them, each left out by the
/// kinds that lack it. Client generators cannot tell the kinds apart by themselves.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct AttachmentKeys {
    /// Of files: the name's extension, without the dot.
    extension: Option<String>,
    /// Absolute link to the bytes, or to a page; it needs no authentication, and that of a file
    /// ends.
    data_url: Option<String>,
    /// Of files: link to a picture of it; empty unless it is an image.
    #[schema(nullable = false)]
    thumb_url: Option<String>,
    /// Of files: size in bytes.
    #[schema(nullable = false)]
    file_size: Option<i64>,
    /// Of files: width in pixels; null when unknown.
    width: Option<i64>,
    /// Of files: height in pixels; null when unknown.
    height: Option<i64>,
    /// Of audio: what is said in it.
    #[schema(nullable = false)]
    transcribed_text: Option<String>,
    /// Of places: latitude in degrees.
    #[schema(nullable = false)]
    coordinates_lat: Option<f64>,
    /// Of places: longitude in degrees.
    #[schema(nullable = false)]
    coordinates_long: Option<f64>,
    /// Of places, people and what cannot be shown: a text for it.
    fallback_title: Option<String>,
    /// Of people: what else is known of them.
    #[schema(nullable = false)]
    meta: Option<Attributes>,
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
