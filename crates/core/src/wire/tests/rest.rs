//! What REST answers.

use super::*;
use crate::wire;

fn user() -> User {
    User {
        id: UserId(5),
        name: "Lee".to_owned(),
        display_name: Some("Lee of Acme".to_owned()),
        email: "lee@acme.test".to_owned(),
        confirmed: true,
        pubsub_token: "pubsub-of-lee".to_owned(),
        message_signature: Some("Lee".to_owned()),
        ui_settings: attributes(json!({"locale": "en"})),
        custom_attributes: attributes(json!({"desk": 4})),
        memberships: vec![membership(false)],
    }
}

fn newcomer() -> User {
    User {
        display_name: None,
        confirmed: false,
        message_signature: None,
        ui_settings: Attributes::default(),
        custom_attributes: Attributes::default(),
        memberships: Vec::new(),
        ..user()
    }
}

fn membership(auto_offline: bool) -> Membership {
    Membership {
        account_id: AccountId(3),
        account_name: "Acme".to_owned(),
        account_status: AccountStatus::Active,
        role: Role::Administrator,
        inviter_id: Some(UserId(1)),
        availability: "busy",
        auto_offline,
        active_at: Some(NOW),
    }
}

fn inbox() -> Inbox {
    Inbox {
        id: InboxId(12),
        account_id: AccountId(3),
        channel: "api".to_owned(),
        name: "My API".to_owned(),
        settings: json!({"provider": "cloud"}),
        preferences: InboxPreferences::default(),
        lock_to_single_conversation: false,
        identifier: "identifier".to_owned(),
        hmac_token: "secret".to_owned(),
        receiver_id: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(super) fn agents() -> [wire::AgentView; 2] {
    [
        wire::AgentView::new(&newcomer(), &membership(true)),
        wire::AgentView::new(&user(), &membership(false)),
    ]
}

pub(super) fn users() -> [wire::UserView; 2] {
    [newcomer(), user()].map(|user| wire::UserView::new(&user, "token".to_owned()))
}

pub(super) fn contact_views() -> [wire::ContactView; 2] {
    let [bare, full] = contacts();
    let presence = wire::ContactInboxView {
        source_id: "crm-42".to_owned(),
        inbox: wire::InboxSlim::new(&inbox(), "Channel::Api"),
    };
    [
        wire::ContactView::new(&bare, None),
        wire::ContactView::new(&full, Some(vec![presence])),
    ]
}

pub(super) fn contacts_created() -> [wire::ContactCreated; 2] {
    let [bare, full] = contact_views();
    [
        wire::ContactCreated {
            contact: bare,
            contact_inbox: wire::ContactInboxCreated::default(),
        },
        wire::ContactCreated {
            contact: full,
            contact_inbox: wire::ContactInboxCreated {
                inbox: Some(wire::InboxRecord::new(&inbox(), "Channel::Api")),
                source_id: Some("crm-42".to_owned()),
            },
        },
    ]
}

pub(super) fn message_views() -> [wire::MessageView; 2] {
    let [contact, _] = contacts();
    let [bare, full] = messages();
    [
        wire::MessageView::new(&bare, &contact, None),
        wire::MessageView::new(&full, &contact, Some("mine-1".to_owned())),
    ]
}

pub(super) fn messages_metas() -> [wire::MessagesMeta; 2] {
    let [bare, full] = conversations();
    let [nobody, ana] = contacts();
    let labels = vec!["vip".to_owned()];
    [
        wire::MessagesMeta::new(&bare, &nobody, Vec::new(), None),
        wire::MessagesMeta::new(&full, &ana, labels, Some(&lee())),
    ]
}

pub(super) fn conversation_views() -> [wire::ConversationView; 2] {
    let [bare, full] = conversation_snapshots();
    let [newest, last_non_activity] = messages();
    let [_, agent] = agents();
    [
        wire::ConversationView::new(parts(&bare)),
        wire::ConversationView::new(wire::ConversationParts {
            assignee: Some(agent),
            newest: Some(&newest),
            last_non_activity: Some(&last_non_activity),
            ..parts(&full)
        }),
    ]
}

fn parts(of: &ConversationSnapshot) -> wire::ConversationParts<'_> {
    wire::ConversationParts {
        row: &of.row,
        contact: &of.contact,
        contact_inbox: &of.contact_inbox,
        labels: of.labels.clone(),
        assignee: None,
        channel: "Channel::Api",
        newest: None,
        last_non_activity: None,
        can_reply: of.can_reply,
    }
}

pub(super) fn public_conversations() -> [wire::PublicConversation; 2] {
    let [bare, full] = conversations();
    let [nobody, ana] = contacts();
    let [_, mut from_contact] = messages();
    from_contact.sender = Some(Sender::Contact(ana.id));
    let all = [&messages()[..], &[from_contact]].concat();
    [
        wire::PublicConversation::new(&bare, &nobody, &[]),
        wire::PublicConversation::new(&full, &ana, &all),
    ]
}

pub(super) fn public_contacts() -> [wire::PublicContact; 2] {
    contacts().map(|contact| wire::PublicContact::new(&contact, &presence()))
}

pub(super) fn statuses_toggled() -> [wire::StatusToggled; 2] {
    conversations().map(|row| wire::StatusToggled::new(&row))
}

#[test]
fn agent_shows_offline_when_presence_decides() {
    insta::assert_snapshot!("agent", golden(&agents()));
}

#[test]
fn user_takes_its_account_from_the_latest_membership() {
    insta::assert_snapshot!("user", golden(&users()));
}

#[test]
fn contact_lists_presences_only_when_given() {
    insta::assert_snapshot!("contact", golden(&contact_views()));
}

#[test]
fn contact_create_answers_null_members_without_inbox() {
    insta::assert_snapshot!("contact_created", golden(&contacts_created()));
}

#[test]
fn message_leaves_out_what_it_lacks() {
    insta::assert_snapshot!("message", golden(&message_views()));
}

#[test]
fn message_list_head_has_iso_times() {
    insta::assert_snapshot!("messages_meta", golden(&messages_metas()));
}

#[test]
fn conversation_shows_zero_for_never() {
    insta::assert_snapshot!("conversation", golden(&conversation_views()));
}

#[test]
fn public_conversation_shows_all_columns_of_its_contact() {
    insta::assert_snapshot!("public_conversation", golden(&public_conversations()));
}

#[test]
fn public_contact_shows_six_keys() {
    insta::assert_snapshot!("public_contact", golden(&public_contacts()));
}

#[test]
fn toggle_status_answers_the_new_state() {
    insta::assert_snapshot!("toggle_status", golden(&statuses_toggled()));
}
