use gatewright_core::Attributes;
use gatewright_core::Timestamp;
use gatewright_core::event::{ConversationSnapshot, Newest, Snapshot};
use gatewright_core::ids::{
    AccountId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId, MessageId,
};
use gatewright_core::model::{
    AccountRef, Contact, ContactInbox, ContactKind, Conversation, ConversationStatus, InboxRef,
    Message, MessageStatus, MessageType,
};

const AT: Timestamp = Timestamp(1_768_900_502_113_000);

/// The snapshot of an outgoing message `Hallo <id>` in a conversation.
pub(super) fn of_message(
    account: AccountId,
    inbox: InboxId,
    conversation: i64,
    id: i64,
) -> Snapshot {
    let mut snapshot = Snapshot::new(AccountRef {
        id: account,
        name: "Acme".to_owned(),
    });
    snapshot.inbox = Some(InboxRef {
        id: inbox,
        name: "Shop".to_owned(),
        wire_type: String::new(),
    });
    snapshot.message = Some(Box::new(message(account, inbox, conversation, id)));
    snapshot.conversation = Some(Box::new(ConversationSnapshot {
        row: row(account, inbox, conversation),
        contact: contact(account),
        contact_inbox: contact_inbox(inbox),
        assignee: None,
        labels: Vec::new(),
        can_reply: true,
        newest: Newest::Same,
    }));
    snapshot
}

fn message(account: AccountId, inbox: InboxId, conversation: i64, id: i64) -> Message {
    Message {
        id: MessageId(id),
        account_id: account,
        inbox_id: inbox,
        conversation_id: ConversationId(conversation),
        display_id: DisplayId(conversation),
        contact_inbox_id: ContactInboxId(1),
        seq: id,
        message_type: MessageType::Outgoing,
        content: Some(format!("Hallo {id}")),
        content_type: "text".to_owned(),
        content_attributes: Attributes::default(),
        additional_attributes: Attributes::default(),
        private: false,
        status: MessageStatus::Sent,
        source_id: None,
        sender: None,
        attachments: Vec::new(),
        created_at: AT,
        updated_at: AT,
    }
}

fn row(account: AccountId, inbox: InboxId, id: i64) -> Conversation {
    Conversation {
        id: ConversationId(id),
        account_id: account,
        inbox_id: inbox,
        contact_id: ContactId(1),
        contact_inbox_id: ContactInboxId(1),
        display_id: DisplayId(id),
        uuid: format!("uuid-{id}"),
        status: ConversationStatus::Open,
        priority: None,
        assignee_id: None,
        snoozed_until: None,
        additional_attributes: Attributes::default(),
        custom_attributes: Attributes::default(),
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        contact_last_seen_at: None,
        first_reply_created_at: None,
        waiting_since: None,
        last_activity_at: AT,
        last_incoming_at: None,
        last_seq: 1,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: AT,
        updated_at: AT,
    }
}

fn contact(account: AccountId) -> Contact {
    Contact {
        id: ContactId(1),
        account_id: account,
        name: "Ana".to_owned(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        kind: ContactKind::Visitor,
        additional_attributes: Attributes::default(),
        custom_attributes: Attributes::default(),
        last_activity_at: None,
        created_at: AT,
        updated_at: AT,
    }
}

fn contact_inbox(inbox: InboxId) -> ContactInbox {
    ContactInbox {
        id: ContactInboxId(1),
        contact_id: ContactId(1),
        inbox_id: inbox,
        source_id: "crm-42".to_owned(),
        hmac_verified: false,
        pubsub_token: "p".to_owned(),
        created_at: AT,
        updated_at: AT,
    }
}
