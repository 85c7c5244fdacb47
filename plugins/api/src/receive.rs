mod fields;
mod identity;

use gatewright_channel::{
    ChannelError, ContactRef, Direction, InboundAttachment, InboundBody, InboundEvent,
    InboundMessage, InboundRequest, Received, Reply,
};
use serde_json::{Map, Value};

use fields::{Fields, Problems};

const MAX_CONTENT_CHARS: usize = 150_000;
const MAX_NAME_CHARS: usize = 255;
const MAX_SOURCE_ID_CHARS: usize = 20_000;
const CONTACT_KEYS: &str = "phone_number, contact_id, identifier, email or source_id";

/// Contract, section 4.3.
const CONTENT_TYPES: [&str; 13] = [
    "text",
    "input_text",
    "input_textarea",
    "input_email",
    "input_select",
    "cards",
    "form",
    "article",
    "incoming_email",
    "input_csat",
    "integrations",
    "sticker",
    "voice_call",
];

/// Reads a request of `POST /webhooks/api_channel`. The host has found the inbox already.
pub(crate) fn receive(request: InboundRequest) -> Result<Received, ChannelError> {
    let InboundBody::Bag { params, files } = request.body else {
        return Err(ChannelError::Protocol {
            reason: "a caller's route got raw bytes".to_owned(),
        });
    };
    let mut problems = Problems::default();
    let contact = contact(&params, &mut problems);
    let mut message = message(&params, files.is_empty(), &mut problems);
    message.contact = contact;
    message.attachments = files.into_iter().map(InboundAttachment::Blob).collect();
    problems.none()?;
    Ok(Received {
        events: vec![InboundEvent::Message(Box::new(message))],
        reply: Reply::Stored,
    })
}

fn contact(params: &Map<String, Value>, problems: &mut Problems) -> ContactRef {
    let example = r#"must be an object like {"phone_number": "+4915112345678"}"#;
    let Some(mut fields) = Fields::of(params, "contact", example, problems) else {
        if problems.none_at("contact") {
            problems.add("contact", format!("is missing: name one by {CONTACT_KEYS}"));
        }
        return ContactRef::default();
    };
    let contact = ContactRef {
        id: identity::contact_id(&mut fields),
        source_id: fields.text("source_id", MAX_NAME_CHARS),
        identifier: fields.text("identifier", MAX_NAME_CHARS),
        email: identity::email(&mut fields),
        phone_number: identity::phone_number(&mut fields),
        name: fields.text("name", MAX_NAME_CHARS),
    };
    let named = ContactRef {
        name: None,
        ..contact.clone()
    } != ContactRef::default();
    // A field that is wrong has been named; that it names nobody follows from it.
    if !named && fields.all_right() {
        problems.add("contact", format!("names nobody: give {CONTACT_KEYS}"));
    }
    contact
}

fn message(
    params: &Map<String, Value>,
    needs_text: bool,
    problems: &mut Problems,
) -> InboundMessage {
    let example = r#"must be an object like {"content": "Hello"}"#;
    let Some(mut fields) = Fields::of(params, "message", example, problems) else {
        if needs_text && problems.none_at("message") {
            problems.add(
                "message.content",
                "is missing: give the text of the message",
            );
        }
        return InboundMessage::default();
    };
    let content = fields.text("content", MAX_CONTENT_CHARS);
    if content.is_none() && needs_text && fields.is_right("content") {
        fields.wrong("content", "is missing: give text or attach a file");
    }
    InboundMessage {
        direction: direction(&mut fields),
        content,
        content_type: content_type(&mut fields),
        content_attributes: fields.object("content_attributes"),
        source_id: fields.text("source_id", MAX_SOURCE_ID_CHARS),
        echo_id: fields.text("echo_id", MAX_SOURCE_ID_CHARS),
        ..InboundMessage::default()
    }
}

fn direction(fields: &mut Fields<'_>) -> Direction {
    match fields.text("message_type", usize::MAX).as_deref() {
        None | Some("incoming") => Direction::Incoming,
        Some("outgoing") => Direction::Outgoing,
        Some(_) => {
            fields.wrong("message_type", "must be incoming or outgoing");
            Direction::Incoming
        }
    }
}

fn content_type(fields: &mut Fields<'_>) -> Option<String> {
    let given = fields.text("content_type", usize::MAX)?;
    if !CONTENT_TYPES.contains(&given.as_str()) {
        fields.wrong(
            "content_type",
            format!("must be one of {}", CONTENT_TYPES.join(", ")),
        );
    }
    Some(given)
}

#[cfg(test)]
mod tests;
