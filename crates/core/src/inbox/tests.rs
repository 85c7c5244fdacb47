use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatewright_channel::{ChannelError, Health};
use gatewright_store::entity::{events, inboxes, receivers};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{InboxChange, PreferencesChange};
use crate::cipher::sha256_hex;
use crate::error::{Denied, Error};
use crate::ids::InboxId;
use crate::model::Role;
use crate::receiver::{ReceiverState, repo};
use crate::registry::ChannelRuntime;
use crate::testing::{World, object, with_type};

fn channel(settings: Value) -> InboxChange {
    InboxChange {
        channel: Some(object(settings)),
        ..InboxChange::default()
    }
}

#[tokio::test]
async fn an_inbox_is_made_with_its_credentials_and_receiver() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let settings = json!({ "webhook_url": "https://a.example", "api_key": "s3cret" });
    let created = world.inbox(&caller, "relay", settings).await;
    let inbox = &created.inbox;
    assert_eq!((inbox.identifier.len(), inbox.hmac_token.len()), (24, 24));
    assert!(created.signing_secret.starts_with("whsec_"));
    assert_eq!(inbox.settings["webhook_url"], "https://a.example");
    assert_eq!(
        inbox.settings.get("api_key"),
        None,
        "secrets are kept apart"
    );

    let served = repo::receivers(&world.kernel, caller.account_id())
        .await
        .unwrap();
    assert_eq!(served[0].inbox_id, Some(inbox.id));
    assert!(!served[0].message_shaped);
    let open = world
        .inboxes()
        .open_for_host(inbox.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.settings["api_key"], "s3cret");
    assert_eq!(
        open.signing_secrets,
        std::slice::from_ref(&created.signing_secret)
    );
    assert!(
        world
            .inboxes()
            .open_for_host(InboxId(77))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn no_secret_stands_in_the_database_in_clear() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let created = world
        .inbox(&caller, "relay", json!({ "api_key": "s3cret" }))
        .await;
    let conn = world.kernel.db.read();
    let row = format!("{:?}", inboxes::Entity::find().all(conn).await.unwrap());
    assert!(!row.contains("s3cret") && !row.contains(&created.inbox.hmac_token));
    let row = format!("{:?}", receivers::Entity::find().all(conn).await.unwrap());
    assert!(!row.contains(&created.signing_secret));
    let row = format!("{:?}", events::Entity::find().all(conn).await.unwrap());
    assert!(row.contains("inbox_created") && !row.contains("s3cret"));
}

#[tokio::test]
async fn an_unknown_or_missing_channel_must_exist() {
    let world = World::new().await;
    let caller = world.administrator().await;
    for given in [
        None,
        Some(json!({})),
        Some(json!({ "type": "smoke" })),
        Some(json!({ "type": 1 })),
    ] {
        let create = InboxChange {
            name: Some("x".to_owned()),
            channel: given.and_then(|given| given.as_object().cloned()),
            ..InboxChange::default()
        };
        let refused = world.inboxes().create(&caller, create).await.unwrap_err();
        assert_eq!(refused.to_string(), "Channel must exist");
    }
}

#[tokio::test]
async fn names_and_settings_are_checked() {
    let world = World::new().await;
    let caller = world.administrator().await;
    for name in [None, Some(" "), Some("null")] {
        let create = InboxChange {
            name: name.map(str::to_owned),
            channel: Some(with_type("relay", json!({}))),
            ..InboxChange::default()
        };
        let refused = world.inboxes().create(&caller, create).await.unwrap_err();
        assert_eq!(refused.to_string(), "Name can't be blank");
    }
    let create = InboxChange {
        name: Some("x".to_owned()),
        channel: Some(with_type("relay", json!({ "webhook_url": "refuse" }))),
        ..InboxChange::default()
    };
    let refused = world.inboxes().create(&caller, create).await.unwrap_err();
    assert_eq!(refused.to_string(), "Webhook url must be another one");
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_name_secrets_included() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let settings = json!({ "webhook_url": "https://a.example", "api_key": "s3cret" });
    let made = world.inbox(&caller, "relay", settings).await.inbox;
    world.clock.advance(Duration::from_secs(1));
    let change = InboxChange {
        preferences: PreferencesChange {
            greeting_message: Some(Some("hi".to_owned())),
            ..PreferencesChange::default()
        },
        ..channel(json!({ "hmac_mandatory": true, "type": "ignored" }))
    };
    let changed = world
        .inboxes()
        .update(&caller, made.id, change)
        .await
        .unwrap();
    assert_eq!(changed.name, made.name);
    assert_eq!(changed.settings["webhook_url"], "https://a.example");
    assert_eq!(changed.settings["hmac_mandatory"], true);
    assert_eq!(changed.preferences.greeting_message.as_deref(), Some("hi"));
    assert_eq!(
        (&changed.channel, &changed.identifier),
        (&made.channel, &made.identifier)
    );
    let open = world
        .inboxes()
        .open_for_host(made.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.settings["api_key"], "s3cret");
    let shown = world.inboxes().show(&caller, made.id).await.unwrap();
    assert_eq!(shown, changed, "the cache was dropped");
}

#[tokio::test]
async fn a_blank_target_takes_the_receiver_out_and_a_new_one_starts_afresh() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let made = world
        .inbox(
            &caller,
            "relay",
            json!({ "webhook_url": "https://a.example" }),
        )
        .await;
    let (id, account) = (made.inbox.id, caller.account_id());
    let served = async || repo::receivers(&world.kernel, account).await.unwrap();

    let blank = channel(json!({ "webhook_url": " " }));
    world.inboxes().update(&caller, id, blank).await.unwrap();
    assert!(served().await.is_empty());

    let receiver = made.inbox.receiver_id.unwrap();
    let broken = receivers::ActiveModel {
        id: sea_orm::Set(receiver.get()),
        state: sea_orm::Set(ReceiverState::Disabled.code()),
        failures: sea_orm::Set(9),
        ..Default::default()
    };
    receivers::Entity::update(broken)
        .exec(world.kernel.db.write())
        .await
        .unwrap();
    let target = channel(json!({ "webhook_url": "https://b.example" }));
    world.inboxes().update(&caller, id, target).await.unwrap();
    assert_eq!(served().await[0].state, ReceiverState::Active);
    let row = repo::find(world.kernel.db.read(), account, receiver)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.url.as_deref(), row.failures),
        (Some("https://b.example"), 0)
    );
}

#[tokio::test]
async fn a_channel_that_takes_messages_is_a_receiver_without_a_target() {
    let world = World::new().await;
    let caller = world.administrator().await;
    world.inbox(&caller, "phone", json!({})).await;
    let served = repo::receivers(&world.kernel, caller.account_id())
        .await
        .unwrap();
    assert!(served[0].message_shaped);
}

#[tokio::test]
async fn routing_keys_are_unique_per_channel() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let first = world
        .inbox(&caller, "relay", json!({ "number": "+491" }))
        .await
        .inbox;
    let route = async |key: &str| {
        world
            .inboxes()
            .route("relay", &sha256_hex(key.as_bytes()))
            .await
            .unwrap()
    };
    assert_eq!(route("+491").await, Some(first.id));

    let second = world
        .inbox(&caller, "relay", json!({ "number": "+492" }))
        .await
        .inbox;
    let taken = channel(json!({ "number": "+491" }));
    let taken = world
        .inboxes()
        .update(&caller, second.id, taken)
        .await
        .unwrap_err();
    assert_eq!(taken.to_string(), "Number has already been taken");
    let freed = channel(json!({ "number": "+493" }));
    world
        .inboxes()
        .update(&caller, first.id, freed)
        .await
        .unwrap();
    assert_eq!(
        (route("+491").await, route("+493").await),
        (None, Some(first.id))
    );

    let phone = world.inbox(&caller, "phone", json!({})).await.inbox;
    let open = world
        .inboxes()
        .open_for_host(phone.id)
        .await
        .unwrap()
        .unwrap();
    let hash = sha256_hex(open.path_token.as_bytes());
    assert_eq!(
        world.inboxes().route("phone", &hash).await.unwrap(),
        Some(phone.id)
    );
}

#[tokio::test]
async fn agents_see_the_inboxes_they_work_in() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let owner = world.caller(&account, Role::Administrator).await;
    let agent = world.caller(&account, Role::Agent).await;
    let first = world.inbox(&owner, "relay", json!({})).await.inbox;
    let second = world.inbox(&owner, "relay", json!({})).await.inbox;
    let inboxes = world.inboxes();
    assert_eq!(inboxes.list(&owner).await.unwrap().len(), 2);
    assert!(inboxes.list(&agent).await.unwrap().is_empty());
    let refused = inboxes.show(&agent, first.id).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::Policy))));

    inboxes
        .add_members(&owner, first.id, &[agent.user.id])
        .await
        .unwrap();
    inboxes
        .add_members(&owner, first.id, &[agent.user.id])
        .await
        .unwrap();
    assert_eq!(inboxes.list(&agent).await.unwrap(), [Arc::clone(&first)]);
    assert_eq!(inboxes.show(&agent, first.id).await.unwrap(), first);
    assert_eq!(
        inboxes.visible_ids(&agent).await.unwrap(),
        Some(vec![first.id])
    );
    let refused = inboxes.show(&agent, second.id).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::Policy))));
    let refused = inboxes
        .update(&agent, first.id, InboxChange::default())
        .await;
    assert!(matches!(refused, Err(Error::Denied(Denied::Policy))));
}

#[tokio::test]
async fn other_accounts_reach_no_inbox() {
    let world = World::new().await;
    let (owner, stranger) = (world.administrator().await, world.administrator().await);
    let inbox = world.inbox(&owner, "relay", json!({})).await.inbox;
    let inboxes = world.inboxes();
    assert!(matches!(
        inboxes.show(&stranger, inbox.id).await,
        Err(Error::NotFound)
    ));
    let change = channel(json!({ "webhook_url": "https://evil.example" }));
    assert!(matches!(
        inboxes.update(&stranger, inbox.id, change).await,
        Err(Error::NotFound)
    ));
    let rotated = inboxes.rotate_signing_secret(&stranger, inbox.id).await;
    assert!(matches!(rotated, Err(Error::NotFound)));
    let member = inboxes
        .add_members(&owner, inbox.id, &[stranger.user.id])
        .await
        .unwrap_err();
    assert_eq!(member.to_string(), "User must exist");
    assert!(inboxes.list(&stranger).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_channels_with_a_public_client_are_found_by_identifier() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let relay = world.inbox(&caller, "relay", json!({})).await.inbox;
    let phone = world.inbox(&caller, "phone", json!({})).await.inbox;
    assert_eq!(
        world
            .inboxes()
            .by_identifier(&relay.identifier)
            .await
            .unwrap(),
        relay
    );
    for hidden in [phone.identifier.as_str(), "nonsense"] {
        assert!(matches!(
            world.inboxes().by_identifier(hidden).await,
            Err(Error::NotFound)
        ));
    }
}

#[tokio::test]
async fn a_rotated_secret_is_valid_beside_the_earlier_one() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let made = world.inbox(&caller, "relay", json!({})).await;
    let new = world
        .inboxes()
        .rotate_signing_secret(&caller, made.inbox.id)
        .await
        .unwrap();
    let open = world
        .inboxes()
        .open_for_host(made.inbox.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.signing_secrets, [new, made.signing_secret]);
}

#[derive(Default)]
struct Runtime(Mutex<Vec<InboxId>>);

#[async_trait::async_trait]
impl ChannelRuntime for Runtime {
    async fn connect(&self, inbox: InboxId) -> Result<(), ChannelError> {
        self.0.lock().unwrap().push(inbox);
        Err(ChannelError::Unavailable)
    }

    async fn disconnect(&self, _: InboxId) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn health(&self, _: InboxId) -> Result<Health, ChannelError> {
        Ok(Health::Unknown)
    }
}

#[tokio::test]
async fn a_channel_is_connected_when_its_settings_change_and_its_failure_undoes_nothing() {
    let world = World::new().await;
    let runtime = Arc::new(Runtime::default());
    world
        .kernel
        .attach_runtime(Arc::clone(&runtime) as Arc<dyn ChannelRuntime>);
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let rename = InboxChange {
        name: Some("New".to_owned()),
        ..InboxChange::default()
    };
    world
        .inboxes()
        .update(&caller, inbox.id, rename)
        .await
        .unwrap();
    assert_eq!(
        *runtime.0.lock().unwrap(),
        [inbox.id],
        "a name is nothing to the channel"
    );
    let settings = channel(json!({ "webhook_url": "https://a.example" }));
    world
        .inboxes()
        .update(&caller, inbox.id, settings)
        .await
        .unwrap();
    assert_eq!(*runtime.0.lock().unwrap(), [inbox.id, inbox.id]);
}
