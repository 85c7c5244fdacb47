//! Keys and their order, written off the contract.

use serde::Serialize;

use super::*;
use crate::wire;

/// `expected` is the contract's list; a key with `?` is left out of the first value.
fn assert_keys<T: Serialize>(values: &[T; 2], expected: &str) {
    let names = expected.split_whitespace();
    let full: Vec<&str> = names.clone().map(|key| key.trim_end_matches('?')).collect();
    let bare: Vec<&str> = names.filter(|key| !key.ends_with('?')).collect();
    assert_eq!(keys(&values[0]), bare);
    assert_eq!(keys(&values[1]), full);
}

#[test]
fn contacts_have_the_keys_of_the_contract() {
    let account = account();
    let [bare, full] = contacts();
    assert_keys(
        &[
            wire::ContactView::new(&bare, None),
            wire::ContactView::new(&full, Some(Vec::new())),
        ],
        "additional_attributes availability_status email id name phone_number blocked identifier \
         thumbnail custom_attributes last_activity_at? created_at contact_inboxes?",
    );
    assert_keys(
        &[&bare, &full].map(wire::ContactPush::new),
        "additional_attributes custom_attributes email id identifier name phone_number thumbnail \
         blocked type",
    );
    assert_keys(
        &[&bare, &full].map(|contact| wire::ContactHook::new(contact, &account)),
        "account additional_attributes avatar custom_attributes email id identifier name \
         phone_number thumbnail blocked",
    );
    assert_keys(
        &[&bare, &full].map(wire::ContactRecord::new),
        "id name email phone_number account_id created_at updated_at additional_attributes \
         identifier custom_attributes last_activity_at contact_type middle_name last_name location \
         country_code blocked company_id",
    );
}

#[test]
fn messages_have_the_keys_of_the_contract() {
    let [contact, _] = contacts();
    let [row, _] = conversations();
    let [bare, full] = messages();
    assert_keys(
        &[
            wire::MessageView::new(&bare, &contact, None),
            wire::MessageView::new(&full, &contact, Some("mine-1".to_owned())),
        ],
        "id content inbox_id echo_id? conversation_id message_type content_type status \
         content_attributes created_at private source_id sender? attachments?",
    );
    let context = wire::MessageContext {
        conversation: &row,
        contact: &contact,
        source_id: "crm-42",
    };
    assert_keys(
        &[&bare, &full].map(|message| wire::MessagePush::new(message, context)),
        "id content account_id inbox_id conversation_id message_type created_at updated_at private \
         status source_id content_type content_attributes sender_type sender_id external_source_ids \
         additional_attributes processed_message_content sentiment conversation attachments? sender?",
    );
    assert_keys(
        &[&bare, &full].map(|message| wire::PublicMessage::new(message, &contact)),
        "id content message_type content_type content_attributes created_at conversation_id \
         attachments? sender?",
    );
}

#[test]
fn conversations_have_the_keys_of_the_contract() {
    let [bare, full] = conversation_snapshots();
    let push = [&bare, &full].map(|of| wire::ConversationPush::new(of, "Channel::Api", None));
    assert_keys(
        &push,
        "additional_attributes can_reply channel id inbox_id contact_inbox messages labels meta \
         status custom_attributes snoozed_until unread_count first_reply_created_at priority \
         waiting_since agent_last_seen_at contact_last_seen_at last_activity_at timestamp \
         created_at updated_at",
    );
    assert_keys(
        &push.map(|push| push.meta),
        "sender assignee assignee_type team hmac_verified",
    );
    let views = rest::conversation_views();
    assert_keys(
        &views,
        "meta id messages account_id uuid additional_attributes agent_last_seen_at \
         assignee_last_seen_at can_reply contact_last_seen_at custom_attributes inbox_id labels \
         muted snoozed_until status created_at updated_at timestamp first_reply_created_at \
         unread_count last_non_activity_message last_activity_at priority waiting_since \
         sla_policy_id",
    );
    assert_keys(
        &views.map(|view| view.meta),
        "sender channel assignee? assignee_type? hmac_verified",
    );
}

#[test]
fn webhooks_have_the_keys_of_the_contract() {
    let bodies = |name: EventName| {
        snapshots().map(|snapshot| {
            let body = wire::webhook_body(&event(name, snapshot));
            serde_json::from_slice::<Box<RawValue>>(&body).unwrap()
        })
    };
    let message = "account additional_attributes content_attributes content_type content \
        conversation created_at id inbox message_type private sender source_id attachments? event";
    assert_keys(&bodies(EventName::MessageCreated), message);
    assert_keys(&bodies(EventName::MessageUpdated), message);
    let conversation = "additional_attributes can_reply channel id inbox_id contact_inbox \
        messages labels meta status custom_attributes snoozed_until unread_count \
        first_reply_created_at priority waiting_since agent_last_seen_at contact_last_seen_at \
        last_activity_at timestamp created_at updated_at event";
    assert_keys(&bodies(EventName::ConversationCreated), conversation);
    let updated = format!("{conversation} changed_attributes");
    assert_keys(&bodies(EventName::ConversationUpdated), &updated);
    assert_keys(&bodies(EventName::ConversationStatusChanged), &updated);
    let contact = "account additional_attributes avatar custom_attributes email id identifier \
        name phone_number thumbnail blocked event";
    assert_keys(&bodies(EventName::ContactCreated), contact);
    assert_keys(
        &bodies(EventName::ContactUpdated),
        &format!("{contact} changed_attributes"),
    );
    let typing = "event user conversation is_private";
    assert_keys(&bodies(EventName::ConversationTypingOn), typing);
    assert_keys(&bodies(EventName::ConversationTypingOff), typing);
    let inbox = "allow_messages_after_resolved lock_to_single_conversation auto_assignment_config \
        enable_auto_assignment enable_email_collect greeting_enabled greeting_message \
        csat_survey_enabled business_name sender_name_type timezone out_of_office_message \
        working_hours_enabled working_hours created_at updated_at channel event";
    assert_keys(&bodies(EventName::InboxCreated), inbox);
    let updated = format!("{inbox} changed_attributes");
    assert_keys(&bodies(EventName::InboxUpdated), &updated);
    assert_keys(
        &bodies(EventName::ReceiverDisabled),
        "event account receiver?",
    );
}
