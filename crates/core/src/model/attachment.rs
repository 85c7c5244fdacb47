use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::ids::AttachmentId;

coded! {
    /// What is attached (contract, section 3). The wire name is `file_type`.
    FileType {
        /// A picture.
        Image = 0 "image",
        /// A sound.
        Audio = 1 "audio",
        /// A video.
        Video = 2 "video",
        /// Any other file.
        File = 3 "file",
        /// A place.
        Location = 4 "location",
        /// Something that cannot be shown, with a text in its stead.
        Fallback = 5 "fallback",
        /// A shared post.
        Share = 6 "share",
        /// A mention in a story.
        StoryMention = 7 "story_mention",
        /// A person.
        Contact = 8 "contact",
        /// A short video.
        IgReel = 9 "ig_reel",
        /// A post.
        IgPost = 10 "ig_post",
        /// A story.
        IgStory = 11 "ig_story",
        /// A page to show in place.
        Embed = 12 "embed",
    }
}

/// What is attached to a message. It stands whole in event snapshots, its link included: bodies
/// that are made of an event again have the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What it is.
    pub file_type: FileType,
    /// File name's extension, without the dot.
    pub extension: Option<String>,
    /// Absolute link to the bytes, or to where it lies elsewhere; may be empty.
    pub data_url: String,
    /// Size in bytes.
    pub file_size: i64,
    /// Width of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Height of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// Media type of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The name that a file came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Latitude and longitude of a place, in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<(f64, f64)>,
    /// The text shown when it cannot be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_title: Option<String>,
    /// Further facts.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub meta: Attributes,
}

impl Attachment {
    /// One of this kind with nothing else set.
    pub fn new(id: AttachmentId, file_type: FileType) -> Self {
        Self {
            id,
            file_type,
            extension: None,
            data_url: String::new(),
            file_size: 0,
            width: None,
            height: None,
            content_type: None,
            filename: None,
            coordinates: None,
            fallback_title: None,
            meta: Attributes::default(),
        }
    }
}
