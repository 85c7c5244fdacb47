//! Rows, written directly.

use gatewright_core::delivery::SECRET_CONTEXT;
use gatewright_core::event::{EventName, Origin};
use gatewright_core::ids::{AccountId, DeliveryId, InboxId, ReceiverId};
use gatewright_core::{Caller, model};
use gatewright_store::Database;
use gatewright_store::entity::{accounts, attempts, deliveries, events, inboxes, receivers};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Set,
};
use serde_json::json;

use super::{World, snapshot};

/// The signing secret of every receiver here.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(super) async fn account(db: &Database) -> AccountId {
    let row = accounts::Model {
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
        created_at: 1,
        updated_at: 1,
    };
    let known = accounts::Entity::find().one(db.read()).await.unwrap();
    if known.is_none() {
        row.into_active_model().insert(db.write()).await.unwrap();
    }
    AccountId(1)
}

impl World {
    /// A channel receiver with its inbox.
    pub(crate) async fn inbox(&self, channel: &str) -> (InboxId, ReceiverId) {
        let receiver = self.receiver(0, None).await;
        let row = inboxes::Model {
            id: 0,
            account_id: self.account.get(),
            channel: channel.to_owned(),
            name: "Shop".to_owned(),
            settings: json!({}),
            secrets_sealed: None,
            settings_version: 1,
            preferences: json!({}),
            lock_to_single_conversation: false,
            identifier: format!("i{receiver}"),
            hmac_token_sealed: self.kernel.cipher.seal("inbox_hmac_token", "t"),
            path_token: format!("p{receiver}"),
            receiver_id: Some(receiver.get()),
            removed_at: None,
            created_at: 1,
            updated_at: 1,
        };
        let mut row = row.into_active_model();
        row.id = ActiveValue::NotSet;
        let inbox = row.insert(self.kernel.db.write()).await.unwrap();
        self.change_receiver(receiver, |row| row.inbox_id = Set(Some(inbox.id)))
            .await;
        (InboxId(inbox.id), receiver)
    }

    pub(crate) async fn webhook(&self, url: &str) -> ReceiverId {
        self.receiver(1, Some(url)).await
    }

    async fn receiver(&self, kind: i16, url: Option<&str>) -> ReceiverId {
        let row = receivers::Model {
            id: 0,
            account_id: self.account.get(),
            kind,
            inbox_id: None,
            url: url.map(str::to_owned),
            subscriptions: json!(["message_created", "receiver_disabled"]),
            secret_sealed: self.kernel.cipher.seal(SECRET_CONTEXT, SECRET),
            previous_secret_sealed: None,
            previous_secret_until: None,
            state: 0,
            state_reason: None,
            failures: 0,
            first_failure_at: None,
            probe_due_at: None,
            probe_interval_ms: None,
            probe_lease_until: None,
            created_at: 1,
            updated_at: 1,
        };
        let mut row = row.into_active_model();
        row.id = ActiveValue::NotSet;
        ReceiverId(row.insert(self.kernel.db.write()).await.unwrap().id)
    }

    pub(crate) async fn change_receiver(
        &self,
        id: ReceiverId,
        change: impl FnOnce(&mut receivers::ActiveModel),
    ) {
        let mut row = self.receiver_row(id).await.into_active_model();
        change(&mut row);
        row.update(self.kernel.db.write()).await.unwrap();
    }

    pub(crate) async fn receiver_row(&self, id: ReceiverId) -> receivers::Model {
        receivers::Entity::find_by_id(id.get())
            .one(self.kernel.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    /// Queues the event of a new message for a receiver.
    pub(crate) async fn queue(
        &self,
        inbox: InboxId,
        receiver: ReceiverId,
        lane: Option<i64>,
    ) -> DeliveryId {
        let tx = self.kernel.db.begin_write().await.unwrap();
        let counts = [
            (Sequence::Events, 1),
            (Sequence::Deliveries, 1),
            (Sequence::Messages, 1),
        ];
        let ids = sequence::draw(&tx, self.kernel.db.dialect(), &counts)
            .await
            .unwrap();
        let (event, delivery, message) = (ids[0][0], ids[1][0], ids[2][0]);
        let now = self.now().0;
        self.write_event(&tx, (event, message), inbox, lane.unwrap_or(1))
            .await;
        let row = deliveries::Model {
            id: delivery,
            account_id: self.account.get(),
            event_id: event,
            receiver_id: receiver.get(),
            lane,
            state: 0,
            late: false,
            attempts: 0,
            due_at: now,
            lease_token: None,
            lease_until: None,
            started: false,
            last_status: None,
            last_error: None,
            last_attempt_at: None,
            last_duration_ms: None,
            finished_at: None,
            replays: 0,
            created_at: now,
        };
        row.into_active_model().insert(&tx).await.unwrap();
        tx.commit().await.unwrap();
        DeliveryId(delivery)
    }

    /// Writes the event of a new message.
    pub(crate) async fn write_event(
        &self,
        tx: &DatabaseTransaction,
        (event, message): (i64, i64),
        inbox: InboxId,
        conversation: i64,
    ) {
        let snapshot = snapshot::of_message(self.account, inbox, conversation, message);
        let row = events::Model {
            id: event,
            account_id: self.account.get(),
            inbox_id: Some(inbox.get()),
            conversation_id: Some(conversation),
            contact_id: None,
            message_id: Some(message),
            name: EventName::MessageCreated.as_str().to_owned(),
            occurred_at: self.now().0,
            origin: serde_json::to_string(&Origin::default()).unwrap(),
            snapshot: serde_json::to_string(&snapshot).unwrap(),
        };
        row.into_active_model().insert(tx).await.unwrap();
    }

    pub(crate) async fn exists(&self, id: DeliveryId) -> bool {
        let found = deliveries::Entity::find_by_id(id.get())
            .one(self.kernel.db.read())
            .await;
        found.unwrap().is_some()
    }

    pub(crate) async fn change(
        &self,
        id: DeliveryId,
        change: impl FnOnce(&mut deliveries::ActiveModel),
    ) {
        let mut row = self.row(id).await.into_active_model();
        change(&mut row);
        row.update(self.kernel.db.write()).await.unwrap();
    }

    pub(crate) async fn row(&self, id: DeliveryId) -> deliveries::Model {
        deliveries::Entity::find_by_id(id.get())
            .one(self.kernel.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    /// The states of deliveries: 0 queued, 1 leased, 2 delivered, 3 dead.
    pub(crate) async fn states(&self, ids: &[DeliveryId]) -> Vec<i16> {
        let mut states = Vec::new();
        for id in ids {
            states.push(self.row(*id).await.state);
        }
        states
    }

    pub(crate) async fn attempts(&self, id: DeliveryId) -> Vec<attempts::Model> {
        attempts::Entity::find()
            .filter(attempts::Column::DeliveryId.eq(id.get()))
            .order_by_asc(attempts::Column::Id)
            .all(self.kernel.db.read())
            .await
            .unwrap()
    }

    /// Events with this name.
    pub(crate) async fn events(&self, name: EventName) -> Vec<events::Model> {
        events::Entity::find()
            .filter(events::Column::Name.eq(name.as_str()))
            .all(self.kernel.db.read())
            .await
            .unwrap()
    }

    /// A caller of an account.
    pub(crate) fn caller(account: AccountId, role: model::Role) -> Caller {
        Caller {
            account: model::AccountRef {
                id: account,
                name: "Acme".to_owned(),
            },
            role,
            token_id: gatewright_core::ids::TokenId(1),
            user: model::UserRef {
                id: gatewright_core::ids::UserId(1),
                name: "Lee".to_owned(),
                available_name: "Lee".to_owned(),
                email: "lee@acme.test".to_owned(),
            },
            claim: None,
        }
    }
}
