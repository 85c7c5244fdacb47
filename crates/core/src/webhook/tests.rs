use std::sync::Arc;
use std::time::Duration;

use super::{DEFAULT_SUBSCRIPTIONS, WebhookChange, Webhooks};
use crate::error::{Denied, Error};
use crate::event::EventName;
use crate::ids::InboxId;
use crate::model::Role;
use crate::receiver::repo::{find, receivers, signing_secrets};
use crate::testing::World;

fn webhooks(world: &World) -> Webhooks {
    Webhooks::new(Arc::clone(&world.kernel))
}

fn to(url: &str) -> WebhookChange {
    WebhookChange {
        url: Some(url.to_owned()),
        ..WebhookChange::default()
    }
}

#[tokio::test]
async fn a_webhook_has_the_default_events_and_shows_its_secret_once() {
    let world = World::new().await;
    let caller = world.administrator().await;
    assert!(
        receivers(&world.kernel, caller.account_id())
            .await
            .unwrap()
            .is_empty()
    );
    let created = webhooks(&world)
        .create(&caller, to("https://a.example/h"))
        .await
        .unwrap();
    assert!(created.secret.starts_with("whsec_"));
    assert_eq!(created.webhook.subscriptions, DEFAULT_SUBSCRIPTIONS);
    assert_eq!(
        webhooks(&world).list(&caller).await.unwrap(),
        std::slice::from_ref(&created.webhook)
    );

    let served = receivers(&world.kernel, caller.account_id()).await.unwrap();
    assert_eq!(
        served[0].id, created.webhook.receiver_id,
        "the cache was dropped"
    );
    assert_eq!(served[0].subscriptions, DEFAULT_SUBSCRIPTIONS);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_contracts_words() {
    let world = World::new().await;
    let caller = world.administrator().await;
    for url in ["", "nonsense", "ftp://a.example", "https://"] {
        let refused = webhooks(&world).create(&caller, to(url)).await.unwrap_err();
        assert_eq!(refused.to_string(), "Url is invalid", "{url}");
    }
    for names in [
        vec![],
        vec!["nonsense"],
        vec!["message_created", "automation"],
    ] {
        let names = names.into_iter().map(str::to_owned).collect();
        let change = WebhookChange {
            subscriptions: Some(names),
            ..to("https://a.example")
        };
        let refused = webhooks(&world).create(&caller, change).await.unwrap_err();
        assert_eq!(refused.to_string(), "Subscriptions Invalid events");
    }
    webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap();
    let other = webhooks(&world)
        .create(&caller, to("https://b.example"))
        .await
        .unwrap();
    let twice = webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap_err();
    assert_eq!(twice.to_string(), "Url has already been taken");
    let moved = webhooks(&world)
        .update(&caller, other.webhook.id, to("https://a.example"))
        .await;
    assert_eq!(moved.unwrap_err().to_string(), "Url has already been taken");
}

#[tokio::test]
async fn a_removed_url_can_be_used_again() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let first = webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap();
    webhooks(&world)
        .delete(&caller, first.webhook.id)
        .await
        .unwrap();
    assert!(
        receivers(&world.kernel, caller.account_id())
            .await
            .unwrap()
            .is_empty()
    );
    let second = webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap();
    assert_ne!(first.webhook.receiver_id, second.webhook.receiver_id);
    let gone = webhooks(&world).delete(&caller, first.webhook.id).await;
    assert!(matches!(gone, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world
        .inbox(&caller, "relay", serde_json::json!({}))
        .await
        .inbox;
    let made = webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap()
        .webhook;
    let change = WebhookChange {
        name: Some(Some("Mine".to_owned())),
        subscriptions: Some(vec!["inbox_created".to_owned(), "inbox_created".to_owned()]),
        inbox_id: Some(Some(inbox.id)),
        ..WebhookChange::default()
    };
    let changed = webhooks(&world)
        .update(&caller, made.id, change)
        .await
        .unwrap();
    assert_eq!(changed.url, "https://a.example");
    assert_eq!(changed.subscriptions, [EventName::InboxCreated]);
    assert_eq!(changed.inbox, Some((inbox.id, inbox.name.clone())));
    let cleared = WebhookChange {
        name: Some(None),
        inbox_id: Some(None),
        ..Default::default()
    };
    let cleared = webhooks(&world)
        .update(&caller, made.id, cleared)
        .await
        .unwrap();
    assert_eq!((cleared.name, cleared.inbox), (None, None));
    assert_eq!(cleared.subscriptions, [EventName::InboxCreated]);
}

#[tokio::test]
async fn both_secrets_are_valid_for_a_day_after_a_rotation() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let created = webhooks(&world)
        .create(&caller, to("https://a.example"))
        .await
        .unwrap();
    let new = webhooks(&world)
        .rotate_secret(&caller, created.webhook.id)
        .await
        .unwrap();
    assert_ne!(new, created.secret);
    let valid = async || {
        let (conn, account) = (world.kernel.db.read(), caller.account_id());
        let row = find(conn, account, created.webhook.receiver_id)
            .await
            .unwrap()
            .unwrap();
        signing_secrets(&world.kernel, &row).unwrap()
    };
    assert_eq!(valid().await, [new.clone(), created.secret.clone()]);
    world.clock.advance(Duration::from_hours(24));
    assert_eq!(valid().await, [new]);
}

#[tokio::test]
async fn agents_and_other_accounts_reach_no_webhook() {
    let world = World::new().await;
    let account = world.account("Acme").await;
    let owner = world.caller(&account, Role::Administrator).await;
    let agent = world.caller(&account, Role::Agent).await;
    let stranger = world.administrator().await;
    let made = webhooks(&world)
        .create(&owner, to("https://a.example"))
        .await
        .unwrap()
        .webhook;

    let denied = webhooks(&world).list(&agent).await;
    assert!(matches!(denied, Err(Error::Denied(Denied::Policy))));
    let denied = webhooks(&world)
        .create(&agent, to("https://b.example"))
        .await;
    assert!(matches!(denied, Err(Error::Denied(Denied::Policy))));

    assert!(webhooks(&world).list(&stranger).await.unwrap().is_empty());
    let foreign = webhooks(&world)
        .update(&stranger, made.id, WebhookChange::default())
        .await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    assert!(matches!(
        webhooks(&world).delete(&stranger, made.id).await,
        Err(Error::NotFound)
    ));
    let foreign = webhooks(&world).rotate_secret(&stranger, made.id).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let change = WebhookChange {
        inbox_id: Some(Some(InboxId(77))),
        ..to("https://c.example")
    };
    let foreign = webhooks(&world).create(&stranger, change).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    webhooks(&world)
        .create(&stranger, to("https://a.example"))
        .await
        .unwrap();
}
