mod first;
mod list;
mod public;

use std::sync::Arc;

use gatewright_channel::ContactRef;
use gatewright_store::entity::{contact_inboxes, contacts, events};
use ring::hmac;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    ContactCreate, Contacts, FirstContact, IdentityProof, PublicContactCreate, PublicContacts,
    find_or_create, lookup, presence_for,
};
use crate::error::{Denied, Error, Result};
use crate::ids::{ContactId, InboxId};
use crate::kernel::Kernel;
use crate::model::{ContactKind, Inbox};
use crate::testing::World;
use crate::transaction::transact;

fn service(world: &World) -> Contacts {
    Contacts::new(Arc::clone(&world.kernel))
}

fn email(email: &str) -> ContactCreate {
    ContactCreate {
        email: Some(email.to_owned()),
        ..ContactCreate::default()
    }
}

fn by_email(email: &str) -> ContactRef {
    ContactRef {
        email: Some(email.to_owned()),
        ..ContactRef::default()
    }
}

fn by_source(source_id: &str) -> ContactRef {
    ContactRef {
        source_id: Some(source_id.to_owned()),
        ..ContactRef::default()
    }
}

async fn first(kernel: &Kernel, inbox: &Inbox, reference: &ContactRef) -> Result<FirstContact> {
    transact!(kernel, |tx| find_or_create(
        kernel,
        tx,
        inbox.account_id,
        inbox,
        reference
    )
    .await)
    .await
}

async fn counts(world: &World) -> (u64, u64) {
    let conn = world.kernel.db.read();
    let contacts = contacts::Entity::find().count(conn).await.unwrap();
    (
        contacts,
        contact_inboxes::Entity::find().count(conn).await.unwrap(),
    )
}

async fn announced(world: &World) -> usize {
    let rows = events::Entity::find()
        .all(world.kernel.db.read())
        .await
        .unwrap();
    rows.iter()
        .filter(|row| row.name == "contact_created")
        .count()
}

#[tokio::test]
async fn a_contact_is_made_with_its_presence_and_told() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let create = ContactCreate {
        name: Some("Ana".to_owned()),
        inbox_id: Some(inbox.id),
        source_id: Some("crm-42".to_owned()),
        additional_attributes: json!({ "city": "Berlin" }).as_object().cloned(),
        ..email("Ana@Example.com")
    };
    let made = service(&world).create(&caller, create).await.unwrap();
    assert_eq!(made.contact.email.as_deref(), Some("ana@example.com"));
    assert_eq!(made.contact.kind, ContactKind::Lead);
    assert_eq!(made.presences[0].contact_inbox.source_id, "crm-42");
    assert_eq!(made.presences[0].inbox.id, inbox.id);
    assert_eq!(announced(&world).await, 1);

    let shown = service(&world)
        .show(&caller, made.contact.id)
        .await
        .unwrap();
    assert_eq!(shown.contact, made.contact);
    assert_eq!(
        shown.presences[0].contact_inbox,
        made.presences[0].contact_inbox
    );
}

#[tokio::test]
async fn taken_keys_are_all_named() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let create = ContactCreate {
        identifier: Some("7".to_owned()),
        phone_number: Some("+4930123".to_owned()),
        ..email("ana@example.com")
    };
    service(&world)
        .create(&caller, create.clone())
        .await
        .unwrap();
    let again = service(&world).create(&caller, create).await.unwrap_err();
    assert_eq!(
        again.to_string(),
        "Email has already been taken, Identifier has already been taken, \
         Phone number has already been taken"
    );
    let case = service(&world)
        .create(&caller, email("ANA@example.com"))
        .await
        .unwrap_err();
    assert_eq!(case.to_string(), "Email has already been taken");
    let stranger = world.administrator().await;
    service(&world)
        .create(&stranger, email("ana@example.com"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_contact_without_its_presence_is_not_made() {
    let world = World::new().await;
    let (caller, stranger) = (world.administrator().await, world.administrator().await);
    let own = world.inbox(&caller, "relay", json!({})).await.inbox;
    let foreign = world.inbox(&stranger, "relay", json!({})).await.inbox;
    let create = |inbox| ContactCreate {
        inbox_id: Some(inbox),
        source_id: Some("a".to_owned()),
        ..ContactCreate::default()
    };
    for inbox in [InboxId(77), foreign.id] {
        let refused = service(&world).create(&caller, create(inbox)).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    }
    service(&world)
        .create(&caller, create(own.id))
        .await
        .unwrap();
    let taken = service(&world)
        .create(&caller, create(own.id))
        .await
        .unwrap_err();
    assert!(matches!(&taken, Error::Unprocessable(text) if text == "source_id should be unique"));
    assert_eq!(counts(&world).await, (1, 1));
    assert_eq!(announced(&world).await, 1);
}

#[tokio::test]
async fn of_parallel_creates_with_one_email_one_succeeds() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (service, caller) = (service(&world), caller.clone());
        tasks.spawn(async move { service.create(&caller, email("ana@example.com")).await });
    }
    let answers = tasks.join_all().await;
    let refusals: Vec<String> = answers
        .iter()
        .filter_map(|a| a.as_ref().err())
        .map(ToString::to_string)
        .collect();
    assert_eq!(refusals, vec!["Email has already been taken"; 15]);
    assert_eq!(counts(&world).await, (1, 0));
}

#[tokio::test]
async fn other_accounts_see_no_contact() {
    let world = World::new().await;
    let (caller, stranger) = (world.administrator().await, world.administrator().await);
    let made = service(&world)
        .create(&caller, email("ana@example.com"))
        .await
        .unwrap();
    let foreign = service(&world).show(&stranger, made.contact.id).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let inbox = world.inbox(&stranger, "relay", json!({})).await.inbox;
    let reference = ContactRef {
        id: Some(made.contact.id.get()),
        ..ContactRef::default()
    };
    let foreign = first(&world.kernel, &inbox, &reference).await;
    assert!(matches!(foreign, Err(Error::NotFound)));
    let other = first(&world.kernel, &inbox, &by_email("ana@example.com"))
        .await
        .unwrap();
    assert_ne!(other.contact.id, made.contact.id);
    let wrong = lookup(
        world.kernel.db.read(),
        caller.account_id(),
        &inbox,
        &by_source("a"),
    )
    .await;
    assert!(matches!(wrong, Err(Error::NotFound)));
}
