//! Rows of the hot statements as domain values, and back.

use gatewright_store::hot::row::{
    AttachmentRow, BlobRow, ContactInboxRow, ContactRow, ConversationRow, ConversationUpdate,
    LoadedAttachment, LoadedMessage, MessageRow, UserRow,
};
use serde_json::value::RawValue;

use crate::attachment::{Links, Metadata, UploadedFile};
use crate::attributes::Attributes;
use crate::error::{Error, Result};
use crate::ids::{
    AccountId, AttachmentId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId,
    MessageId, UserId,
};
use crate::model::{
    Attachment, Contact, ContactInbox, ContactKind, Conversation, ConversationStatus, FileType,
    Message, MessageStatus, MessageType, Priority, Sender, SenderKind, UserRef,
};
use crate::time::Timestamp;

fn code<T>(what: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::internal(format!("a stored {what} has an unknown number")))
}

fn attributes(raw: &RawValue) -> Attributes {
    Attributes::from_text(raw.get().to_owned())
}

/// The attributes as raw JSON.
pub(crate) fn raw(attributes: &Attributes) -> Box<RawValue> {
    RawValue::from_string(attributes.as_str().to_owned()).expect("attributes are JSON")
}

pub(crate) fn user(row: UserRow) -> UserRef {
    let available_name = row
        .display_name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| row.name.clone());
    UserRef {
        id: UserId(row.id),
        name: row.name,
        available_name,
        email: row.email,
    }
}

pub(crate) fn contact(row: ContactRow) -> Result<Contact> {
    Ok(Contact {
        id: ContactId(row.id),
        account_id: AccountId(row.account_id),
        name: row.name,
        email: row.email,
        phone_number: row.phone_number,
        identifier: row.identifier,
        blocked: row.blocked,
        kind: code("contact_type", ContactKind::from_code(row.contact_type))?,
        additional_attributes: attributes(&row.additional_attributes),
        custom_attributes: attributes(&row.custom_attributes),
        last_activity_at: row.last_activity_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

pub(crate) fn contact_inbox(row: ContactInboxRow) -> ContactInbox {
    ContactInbox {
        id: ContactInboxId(row.id),
        contact_id: ContactId(row.contact_id),
        inbox_id: InboxId(row.inbox_id),
        source_id: row.source_id,
        hmac_verified: row.hmac_verified,
        pubsub_token: row.pubsub_token,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    }
}

pub(crate) fn conversation(row: ConversationRow) -> Result<Conversation> {
    Ok(Conversation {
        id: ConversationId(row.id),
        account_id: AccountId(row.account_id),
        inbox_id: InboxId(row.inbox_id),
        contact_id: ContactId(row.contact_id),
        contact_inbox_id: ContactInboxId(row.contact_inbox_id),
        display_id: DisplayId(row.display_id),
        uuid: row.uuid,
        status: code("status", ConversationStatus::from_code(row.status))?,
        priority: match row.priority {
            None => None,
            Some(number) => Some(code("priority", Priority::from_code(number))?),
        },
        assignee_id: row.assignee_id.map(UserId),
        snoozed_until: row.snoozed_until.map(Timestamp),
        additional_attributes: attributes(&row.additional_attributes),
        custom_attributes: attributes(&row.custom_attributes),
        agent_last_seen_at: row.agent_last_seen_at.map(Timestamp),
        assignee_last_seen_at: row.assignee_last_seen_at.map(Timestamp),
        contact_last_seen_at: row.contact_last_seen_at.map(Timestamp),
        first_reply_created_at: row.first_reply_created_at.map(Timestamp),
        waiting_since: row.waiting_since.map(Timestamp),
        last_activity_at: Timestamp(row.last_activity_at),
        last_incoming_at: row.last_incoming_at.map(Timestamp),
        last_seq: row.last_seq,
        unread_count: row.unread_count,
        last_public_message_id: row.last_public_message_id.map(MessageId),
        last_non_activity_message_id: row.last_non_activity_message_id.map(MessageId),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

/// What is written of a conversation; its own attributes only where they changed.
pub(crate) fn conversation_update(
    row: &Conversation,
    attributes_changed: bool,
) -> ConversationUpdate {
    let time = |time: Option<Timestamp>| time.map(|time| time.0);
    ConversationUpdate {
        id: row.id.get(),
        status: row.status.code(),
        priority: row.priority.map(Priority::code),
        assignee_id: row.assignee_id.map(UserId::get),
        snoozed_until: time(row.snoozed_until),
        custom_attributes: attributes_changed.then(|| raw(&row.custom_attributes)),
        agent_last_seen_at: time(row.agent_last_seen_at),
        assignee_last_seen_at: time(row.assignee_last_seen_at),
        contact_last_seen_at: time(row.contact_last_seen_at),
        first_reply_created_at: time(row.first_reply_created_at),
        waiting_since: time(row.waiting_since),
        last_activity_at: row.last_activity_at.0,
        last_incoming_at: time(row.last_incoming_at),
        last_seq: row.last_seq,
        unread_count: row.unread_count,
        last_public_message_id: row.last_public_message_id.map(MessageId::get),
        last_non_activity_message_id: row.last_non_activity_message_id.map(MessageId::get),
        updated_at: row.updated_at.0,
    }
}

/// A stored message, with links to its files.
pub(crate) fn message(loaded: LoadedMessage, links: &Links<'_>) -> Result<Message> {
    let row = loaded.row;
    let account_id = AccountId(row.account_id);
    let attached = loaded.attachments.into_iter();
    let sender = match row.sender_kind.and_then(SenderKind::from_code) {
        Some(SenderKind::Contact) => Some(Sender::Contact(ContactId(loaded.contact_id))),
        Some(SenderKind::User) => loaded.sender.map(|row| Sender::User(user(row))),
        Some(SenderKind::AgentBot) | None => None,
    };
    Ok(Message {
        id: MessageId(row.id),
        account_id,
        inbox_id: InboxId(row.inbox_id),
        conversation_id: ConversationId(row.conversation_id),
        display_id: DisplayId(loaded.display_id),
        contact_inbox_id: ContactInboxId(row.contact_inbox_id),
        seq: row.seq,
        message_type: code("message_type", MessageType::from_code(row.message_type))?,
        content: row.content,
        content_type: row.content_type,
        content_attributes: attributes(&row.content_attributes),
        additional_attributes: attributes(&row.additional_attributes),
        private: row.private,
        status: code("status", MessageStatus::from_code(row.status))?,
        source_id: row.source_id,
        sender,
        attachments: attached
            .map(|row| attachment(row, account_id, links))
            .collect::<Result<_>>()?,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

pub(crate) fn message_row(message: &Message) -> MessageRow {
    MessageRow {
        id: message.id.get(),
        account_id: message.account_id.get(),
        inbox_id: message.inbox_id.get(),
        conversation_id: message.conversation_id.get(),
        contact_inbox_id: message.contact_inbox_id.get(),
        seq: message.seq,
        message_type: message.message_type.code(),
        content: message.content.clone(),
        content_type: message.content_type.clone(),
        content_attributes: raw(&message.content_attributes),
        additional_attributes: raw(&message.additional_attributes),
        private: message.private,
        status: message.status.code(),
        source_id: message.source_id.clone(),
        sender_kind: message.sender.as_ref().map(|sender| sender.kind().code()),
        sender_id: message.sender.as_ref().map(Sender::id),
        created_at: message.created_at.0,
        updated_at: message.updated_at.0,
    }
}

fn attachment(
    row: LoadedAttachment,
    account_id: AccountId,
    links: &Links<'_>,
) -> Result<Attachment> {
    let facts: Metadata = match &row.metadata {
        Some(raw) => serde_json::from_str(raw.get())?,
        None => Metadata::default(),
    };
    let data_url = match (&row.key, &row.filename) {
        (Some(key), Some(filename)) => links.data_url(account_id, key, filename),
        _ => row.external_url.unwrap_or_default(),
    };
    let file_type = code("file_type", FileType::from_code(row.file_type))?;
    Ok(Attachment {
        extension: row.extension,
        data_url,
        file_size: row.byte_size.unwrap_or_default(),
        width: facts.width,
        height: facts.height,
        content_type: row.content_type,
        filename: row.filename,
        coordinates: row.coordinates_lat.zip(row.coordinates_long),
        fallback_title: row.fallback_title,
        meta: attributes(&row.meta),
        ..Attachment::new(AttachmentId(row.id), file_type)
    })
}

/// The row of a file that came with a message; its id is drawn by the caller.
pub(crate) fn blob_row(
    id: i64,
    file: &UploadedFile,
    account_id: AccountId,
    now: Timestamp,
) -> BlobRow {
    let facts = serde_json::value::to_raw_value(&Metadata::of(file));
    BlobRow {
        id,
        account_id: account_id.get(),
        key: file.key.clone(),
        filename: file.filename.clone(),
        content_type: file.content_type.clone(),
        byte_size: file.byte_size,
        checksum: file.checksum.clone(),
        metadata: facts.expect("two numbers are JSON"),
        created_at: now.0,
    }
}

/// The row of what is attached to `message`.
pub(crate) fn attachment_row(
    shown: &Attachment,
    message: &Message,
    blob_id: Option<i64>,
) -> AttachmentRow {
    AttachmentRow {
        id: shown.id.get(),
        account_id: message.account_id.get(),
        message_id: message.id.get(),
        blob_id,
        file_type: shown.file_type.code(),
        extension: shown.extension.clone(),
        external_url: Some(shown.data_url.clone())
            .filter(|url| blob_id.is_none() && !url.is_empty()),
        coordinates_lat: shown.coordinates.map(|(lat, _)| lat),
        coordinates_long: shown.coordinates.map(|(_, long)| long),
        fallback_title: shown.fallback_title.clone(),
        meta: raw(&shown.meta),
        created_at: message.created_at.0,
        updated_at: message.created_at.0,
    }
}
