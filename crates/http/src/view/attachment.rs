use gatewright_core::attachment::AttachmentsPage;
use gatewright_core::model::{Attachment, Contact, FileType, Message};
use gatewright_core::wire::MessageSender;
use serde::Serialize;
use utoipa::ToSchema;

/// About the attachments of a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttachmentsMeta {
    /// How many there are, over all pages.
    pub total_count: u64,
}

/// An attachment in the list of a conversation's (contract, section 4.2). It shows no id.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Attached)]
pub struct AttachedView {
    /// Its message.
    pub message_id: i64,
    /// Link to a picture of it; empty unless it is an image, null when it is no file.
    #[schema(required)]
    pub thumb_url: Option<String>,
    /// Absolute link to it.
    #[schema(required)]
    pub data_url: Option<String>,
    /// Size in bytes; null when it is no file.
    #[schema(required)]
    pub file_size: Option<i64>,
    /// What it is.
    pub file_type: FileType,
    /// File name's extension, without the dot.
    #[schema(required)]
    pub extension: Option<String>,
    /// Width in pixels; null when unknown.
    #[schema(required)]
    pub width: Option<i64>,
    /// Height in pixels; null when unknown.
    #[schema(required)]
    pub height: Option<i64>,
    /// When its message was made, in Unix seconds.
    pub created_at: i64,
    /// Who wrote its message; left out for templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sender: Option<MessageSender<'static>>,
}

impl AttachedView {
    /// The views of a page.
    pub fn all(page: &AttachmentsPage) -> Vec<Self> {
        let view = |(attachment, message): &(Attachment, Message)| {
            Self::new(attachment, message, &page.contact)
        };
        page.attachments.iter().map(view).collect()
    }

    fn new(attachment: &Attachment, message: &Message, contact: &Contact) -> Self {
        let is_file = attachment.content_type.is_some();
        let is_image = attachment.file_type == FileType::Image;
        let data_url = Some(attachment.data_url.clone()).filter(|url| !url.is_empty());
        let thumb_url = data_url.clone().filter(|_| is_image).unwrap_or_default();
        Self {
            message_id: message.id.get(),
            thumb_url: is_file.then_some(thumb_url),
            data_url,
            file_size: is_file.then_some(attachment.file_size),
            file_type: attachment.file_type,
            extension: attachment.extension.clone(),
            width: attachment.width,
            height: attachment.height,
            created_at: message.created_at.unix(),
            sender: MessageSender::owned(message, contact),
        }
    }
}
