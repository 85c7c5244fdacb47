//! The message of an event, as channels that take messages are given it.

use std::borrow::Cow;

use gatewright_core::channel::{DeliveryOutcome, FailCode, OutboundAttachment, OutboundMessage};
use gatewright_core::event::Event;
use gatewright_core::model::Attachment;

/// Builds it from the snapshot alone, so that it is the same at every attempt.
pub(super) fn outbound(
    event: &Event,
    id: &str,
    attempt: u32,
) -> Result<OutboundMessage, DeliveryOutcome> {
    let snapshot = &event.snapshot;
    let (Some(message), Some(conversation)) = (&snapshot.message, &snapshot.conversation) else {
        return Err(DeliveryOutcome::Failed {
            code: FailCode::Unsupported,
            reason: format!(
                "{} is not for channels that take messages",
                event.name.as_str()
            ),
            status: None,
        });
    };
    let attributes = message.content_attributes.to_map();
    let reply_to = attributes.get("in_reply_to_external_id");
    let mut additional = message.additional_attributes.to_map();
    Ok(OutboundMessage {
        id: id.to_owned(),
        attempt,
        source_id: conversation.contact_inbox.source_id.clone(),
        content: event.snapshot.message_content().map(Cow::into_owned),
        content_type: message.content_type.clone(),
        reply_to: reply_to.and_then(|value| value.as_str()).map(str::to_owned),
        content_attributes: attributes,
        template_params: additional
            .remove("template_params")
            .filter(|value| !value.is_null()),
        attachments: message.attachments.iter().map(attachment).collect(),
    })
}

fn attachment(attachment: &Attachment) -> OutboundAttachment {
    let named = attachment.filename.as_deref();
    OutboundAttachment {
        file_type: attachment.file_type.as_str().to_owned(),
        content_type: content_type(attachment).to_owned(),
        filename: named.unwrap_or("file").to_owned(),
        size_bytes: u64::try_from(attachment.file_size).unwrap_or(0),
        url: attachment.data_url.clone(),
    }
}

/// A file's own type; what is no file of ours has none.
fn content_type(attachment: &Attachment) -> &str {
    attachment
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream")
}
