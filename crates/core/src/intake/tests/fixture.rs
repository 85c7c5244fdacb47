//! A database with an account, an inbox, contacts and conversations.

use std::sync::{Arc, Mutex};

use gatewright_store::entity::{
    account_counters, accounts, contact_inboxes, contacts, conversations, inboxes, receivers, users,
};
use gatewright_store::{Database, DatabaseConfig};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use tempfile::TempDir;

use crate::cipher::Cipher;
use crate::config::CoreConfig;
use crate::event::{EventName, Origin};
use crate::ids::{AccountId, ContactId, ConversationId, InboxId, ReceiverId, UserId};
use crate::intake::{Command, Job, NewMessage};
use crate::kernel::{Kernel, KernelParts};
use crate::model::{AccountRef, Inbox, InboxPreferences, MessageType, UserRef};
use crate::random::{Randomness, SystemRandomness};
use crate::receiver::{Receiver, ReceiverKind, ReceiverState, Receivers};
use crate::registry::Registry;
use crate::time::{Clock, Timestamp};

pub(super) const NOW: i64 = 1_768_900_502_113_000;

/// A clock that the test sets.
#[derive(Clone)]
pub(super) struct StillClock(Arc<Mutex<i64>>);

impl StillClock {
    pub(super) fn set(&self, micros: i64) {
        *self.0.lock().unwrap() = micros;
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp(*self.0.lock().unwrap())
    }
}

/// A kernel on a database of its own.
pub(super) struct Fixture {
    pub(super) kernel: Arc<Kernel>,
    pub(super) clock: StillClock,
    inbox: Arc<Inbox>,
    receivers: Receivers,
    _dir: TempDir,
}

impl Fixture {
    /// `count` conversations with a contact each, numbered from 1, and two receivers.
    pub(super) async fn new(count: i64) -> Self {
        Self::prepared(count, |_| {}).await
    }

    /// The same, with something done to the database's pools first.
    pub(super) async fn prepared(count: i64, prepare: impl FnOnce(&mut Database)) -> Self {
        let dir = TempDir::new().unwrap();
        let url = crate::testing::database_url(dir.path()).await;
        let mut db = Database::open(&DatabaseConfig::new(url)).await.unwrap();
        gatewright_store::migrate(&db).await.unwrap();
        prepare(&mut db);
        let clock = StillClock(Arc::new(Mutex::new(NOW)));
        let random: Arc<dyn Randomness> = Arc::new(SystemRandomness);
        let kernel = Arc::new(Kernel::from(KernelParts {
            config: CoreConfig::default(),
            db,
            clock: Arc::new(clock.clone()),
            cipher: Cipher::new(&[7; 32], Arc::clone(&random)),
            random,
            registry: Registry::default(),
        }));
        let receivers = rows(&kernel.db, count).await;
        Self {
            kernel,
            clock,
            inbox: inbox(),
            receivers,
            _dir: dir,
        }
    }

    /// Switches on everything that the inbox answers without a person.
    pub(super) fn answer_by_itself(&mut self) {
        let preferences = InboxPreferences {
            greeting_enabled: true,
            greeting_message: Some("Welcome {{ contact.name }}".to_owned()),
            working_hours_enabled: true,
            out_of_office_message: Some("Nobody is there".to_owned()),
            csat_survey_enabled: true,
            ..InboxPreferences::default()
        };
        self.inbox = Arc::new(Inbox {
            preferences,
            ..(*self.inbox).clone()
        });
    }

    /// A job for a conversation.
    pub(super) fn job(&self, conversation: i64, command: Command) -> Job {
        Job {
            account: AccountRef {
                id: AccountId(1),
                name: "Acme".to_owned(),
            },
            inbox: Arc::clone(&self.inbox),
            receivers: Arc::clone(&self.receivers),
            conversation_id: ConversationId(conversation),
            contact_id: ContactId(conversation),
            origin: Origin::default(),
            command,
        }
    }

    /// A job that adds a message.
    pub(super) fn message(&self, conversation: i64, kind: MessageType, content: &str) -> Job {
        self.job(
            conversation,
            Command::AddMessage(Box::new(new_message(kind, content))),
        )
    }
}

pub(super) fn new_message(message_type: MessageType, content: &str) -> NewMessage {
    NewMessage {
        message_type,
        content: Some(content.to_owned()),
        content_type: "text".to_owned(),
        content_attributes: json!({}).into(),
        additional_attributes: json!({}).into(),
        private: false,
        source_id: None,
        author: Some(lee()),
        attachments: Vec::new(),
        unless_resolved: false,
        answer: None,
    }
}

pub(super) fn lee() -> UserRef {
    UserRef {
        id: UserId(1),
        name: "Lee".to_owned(),
        available_name: "Lee".to_owned(),
        email: "lee@acme.test".to_owned(),
    }
}

fn inbox() -> Arc<Inbox> {
    Arc::new(Inbox {
        id: InboxId(1),
        account_id: AccountId(1),
        channel: "test".to_owned(),
        name: "Test".to_owned(),
        settings: json!({}),
        preferences: InboxPreferences::default(),
        lock_to_single_conversation: false,
        identifier: "identifier".to_owned(),
        hmac_token: "hmac".to_owned(),
        receiver_id: Some(ReceiverId(1)),
        created_at: Timestamp(NOW),
        updated_at: Timestamp(NOW),
    })
}

async fn rows(db: &Database, count: i64) -> Receivers {
    let conn = db.write();
    let account = accounts::Model {
        id: 1,
        name: "Acme".to_owned(),
        locale: "en".to_owned(),
        domain: None,
        support_email: None,
        status: 0,
        settings: json!({}),
        custom_attributes: json!({}),
        labels_changed_at: None,
        inboxes_changed_at: None,
        created_at: NOW,
        updated_at: NOW,
    };
    accounts::Entity::insert(account.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
    let counter = account_counters::Model {
        account_id: 1,
        conversations: count,
    };
    account_counters::Entity::insert(counter.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
    let user = users::Model {
        id: 1,
        email: "lee@acme.test".to_owned(),
        name: "Lee".to_owned(),
        display_name: None,
        password_hash: None,
        pubsub_token: "lee".to_owned(),
        message_signature: None,
        ui_settings: json!({}),
        custom_attributes: json!({}),
        confirmed_at: Some(NOW),
        created_at: NOW,
        updated_at: NOW,
    };
    users::Entity::insert(user.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
    let receivers = receiver_rows(db).await;
    let inbox = inboxes::ActiveModel {
        id: Set(1),
        account_id: Set(1),
        channel: Set("test".to_owned()),
        name: Set("Test".to_owned()),
        settings: Set(json!({})),
        secrets_sealed: Set(None),
        settings_version: Set(1),
        preferences: Set(json!({})),
        lock_to_single_conversation: Set(false),
        identifier: Set("identifier".to_owned()),
        hmac_token_sealed: Set("sealed".to_owned()),
        path_token: Set("path".to_owned()),
        receiver_id: Set(Some(1)),
        removed_at: Set(None),
        created_at: Set(NOW),
        updated_at: Set(NOW),
    };
    inboxes::Entity::insert(inbox)
        .exec_without_returning(conn)
        .await
        .unwrap();
    for number in 1..=count {
        conversation_rows(db, number).await;
    }
    receivers
}

async fn receiver_rows(db: &Database) -> Receivers {
    let mut receivers = Vec::new();
    for (id, kind) in [(1, ReceiverKind::Channel), (2, ReceiverKind::Webhook)] {
        let row = receivers::ActiveModel {
            id: Set(id),
            account_id: Set(1),
            kind: Set(kind.code()),
            inbox_id: Set((id == 1).then_some(1)),
            url: Set(Some("http://127.0.0.1:9/".to_owned())),
            subscriptions: Set(json!(["message_created"])),
            secret_sealed: Set("sealed".to_owned()),
            state: Set(0),
            failures: Set(0),
            created_at: Set(NOW),
            updated_at: Set(NOW),
            state_reason: NotSet,
            previous_secret_sealed: NotSet,
            previous_secret_until: NotSet,
            first_failure_at: NotSet,
            probe_due_at: NotSet,
            probe_interval_ms: NotSet,
            probe_lease_until: NotSet,
        };
        receivers::Entity::insert(row)
            .exec_without_returning(db.write())
            .await
            .unwrap();
        receivers.push(Receiver {
            id: ReceiverId(id),
            account_id: AccountId(1),
            kind,
            inbox_id: (id == 1).then_some(InboxId(1)),
            subscriptions: vec![EventName::MessageCreated],
            message_shaped: false,
            state: ReceiverState::Active,
        });
    }
    receivers.into()
}

async fn conversation_rows(db: &Database, number: i64) {
    let contact = contacts::Model {
        id: number,
        account_id: 1,
        name: format!("Ana {number}"),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        contact_type: 0,
        additional_attributes: json!({}),
        custom_attributes: json!({ "n": number }),
        last_activity_at: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let presence = contact_inboxes::Model {
        id: number,
        account_id: 1,
        contact_id: number,
        inbox_id: 1,
        source_id: format!("crm-{number}"),
        hmac_verified: false,
        pubsub_token: format!("token-{number}"),
        created_at: NOW,
        updated_at: NOW,
    };
    let conversation = conversations::Model {
        id: number,
        account_id: 1,
        inbox_id: 1,
        contact_id: number,
        contact_inbox_id: number,
        display_id: number,
        uuid: format!("uuid-{number}"),
        status: 0,
        priority: None,
        assignee_id: None,
        snoozed_until: None,
        additional_attributes: json!({}),
        custom_attributes: json!({}),
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        contact_last_seen_at: None,
        first_reply_created_at: None,
        waiting_since: Some(NOW),
        last_activity_at: NOW,
        last_incoming_at: None,
        last_seq: 0,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: NOW,
        updated_at: NOW,
    };
    let conn = db.write();
    contacts::Entity::insert(contact.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
    contact_inboxes::Entity::insert(presence.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
    conversations::Entity::insert(conversation.into_active_model())
        .exec_without_returning(conn)
        .await
        .unwrap();
}
