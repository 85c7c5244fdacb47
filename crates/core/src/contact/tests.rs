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

#[tokio::test]
async fn parallel_first_contacts_make_one_contact_and_one_presence() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    for (index, reference) in [by_email("ana@example.com"), by_source("chat-1")]
        .iter()
        .enumerate()
    {
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let (kernel, inbox) = (Arc::clone(&world.kernel), Arc::clone(&inbox));
            let reference = reference.clone();
            tasks.spawn(async move { first(&kernel, &inbox, &reference).await.unwrap() });
        }
        let found = tasks.join_all().await;
        assert_eq!(
            found.iter().filter(|found| found.contact_created).count(),
            1
        );
        assert_eq!(
            found
                .iter()
                .filter(|found| found.contact_inbox_created)
                .count(),
            1
        );
        assert!(
            found
                .iter()
                .all(|one| one.contact_inbox.id == found[0].contact_inbox.id)
        );
        let expected = u64::try_from(index).unwrap() + 1;
        assert_eq!(counts(&world).await, (expected, expected));
    }
}

#[tokio::test]
async fn parallel_messages_of_a_known_contact_make_one_presence() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    service(&world)
        .create(&caller, email("ana@example.com"))
        .await
        .unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (kernel, inbox) = (Arc::clone(&world.kernel), Arc::clone(&inbox));
        tasks.spawn(async move {
            first(&kernel, &inbox, &by_email("ana@example.com"))
                .await
                .unwrap()
        });
    }
    tasks.join_all().await;
    assert_eq!(counts(&world).await, (1, 1));
}

#[tokio::test]
async fn a_known_contact_is_found_by_each_key_and_not_changed() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let create = ContactCreate {
        name: Some("Ana".to_owned()),
        identifier: Some("7".to_owned()),
        phone_number: Some("+4930123".to_owned()),
        inbox_id: Some(inbox.id),
        source_id: Some("crm-42".to_owned()),
        ..email("ana@example.com")
    };
    let made = service(&world)
        .create(&caller, create)
        .await
        .unwrap()
        .contact;
    let named = [
        ContactRef {
            id: Some(made.id.get()),
            ..ContactRef::default()
        },
        by_source("crm-42"),
        ContactRef {
            identifier: Some("7".to_owned()),
            ..ContactRef::default()
        },
        by_email("ANA@example.com"),
        ContactRef {
            phone_number: Some("+4930123".to_owned()),
            ..ContactRef::default()
        },
    ];
    for reference in named {
        let reference = ContactRef {
            name: Some("Other".to_owned()),
            ..reference
        };
        let found = first(&world.kernel, &inbox, &reference).await.unwrap();
        assert_eq!(
            (&found.contact, found.contact_created),
            (&made, false),
            "{reference:?}"
        );
        assert_eq!(found.contact_inbox.source_id, "crm-42");
        let (conn, account) = (world.kernel.db.read(), inbox.account_id);
        let (contact, presence) = lookup(conn, account, &inbox, &reference)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((contact, presence), (found.contact, found.contact_inbox));
    }
    let (conn, account) = (world.kernel.db.read(), inbox.account_id);
    assert!(
        lookup(conn, account, &inbox, &by_source("new"))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_reference_to_nobody_or_two_contacts_is_refused_by_name() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    service(&world)
        .create(&caller, email("ana@example.com"))
        .await
        .unwrap();
    let other = ContactCreate {
        identifier: Some("7".to_owned()),
        ..ContactCreate::default()
    };
    service(&world).create(&caller, other).await.unwrap();

    let text = async |reference: ContactRef| {
        first(&world.kernel, &inbox, &reference)
            .await
            .unwrap_err()
            .to_string()
    };
    let both = ContactRef {
        identifier: Some("7".to_owned()),
        ..by_email("ana@example.com")
    };
    let told = text(both).await;
    assert!(
        told.contains("contact.identifier and contact.email"),
        "{told}"
    );
    let told = text(ContactRef {
        name: Some("x".to_owned()),
        ..by_email(" ")
    })
    .await;
    assert!(told.starts_with("contact must have one of"), "{told}");
    let told = text(by_email("nonsense")).await;
    assert_eq!(told, "contact.email Invalid email");
    let unknown = ContactRef {
        id: Some(77),
        ..ContactRef::default()
    };
    assert!(matches!(
        first(&world.kernel, &inbox, &unknown).await,
        Err(Error::NotFound)
    ));
    assert_eq!(counts(&world).await, (2, 0));
}

#[tokio::test]
async fn phone_channels_make_source_ids_of_numbers_and_hand_them_over() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "phone", json!({})).await.inbox;
    let none = ContactCreate {
        inbox_id: Some(inbox.id),
        ..email("ana@example.com")
    };
    let missing = service(&world).create(&caller, none).await.unwrap_err();
    assert!(matches!(&missing, Error::Missing(what) if what == "contact phone number"));
    let bad = ContactCreate {
        inbox_id: Some(inbox.id),
        source_id: Some("+49".to_owned()),
        ..ContactCreate::default()
    };
    let bad = service(&world).create(&caller, bad).await;
    assert!(matches!(bad, Err(Error::Invalid(_))));

    let first_owner = first(&world.kernel, &inbox, &by_source("4930123"))
        .await
        .unwrap();
    let create = ContactCreate {
        phone_number: Some("+4930123".to_owned()),
        inbox_id: Some(inbox.id),
        ..ContactCreate::default()
    };
    let newer = service(&world).create(&caller, create).await.unwrap();
    assert_eq!(newer.presences[0].contact_inbox.source_id, "4930123");
    let earlier = service(&world)
        .show(&caller, first_owner.contact.id)
        .await
        .unwrap();
    assert_ne!(earlier.presences[0].contact_inbox.source_id, "4930123");
}

#[tokio::test]
async fn a_conversation_finds_or_makes_its_presence() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let ana = service(&world)
        .create(&caller, email("ana@example.com"))
        .await
        .unwrap()
        .contact;
    let bo = service(&world)
        .create(&caller, email("bo@example.com"))
        .await
        .unwrap()
        .contact;
    let (kernel, account) = (&world.kernel, inbox.account_id);
    let presence = async |contact: Option<ContactId>, source_id: Option<&str>| {
        transact!(kernel, |tx| presence_for(
            kernel, tx, account, &inbox, contact, source_id
        )
        .await)
        .await
    };
    let made = presence(Some(ana.id), Some("a")).await.unwrap();
    let again = presence(Some(ana.id), Some("a")).await.unwrap();
    assert_eq!(
        (made.contact_inbox_created, again.contact_inbox_created),
        (true, false)
    );
    assert_eq!(made.contact_inbox.id, again.contact_inbox.id);
    let alone = presence(None, Some("a")).await.unwrap();
    assert_eq!(alone.contact.id, ana.id);
    let fresh = presence(Some(ana.id), None).await.unwrap();
    assert!(
        fresh.contact_inbox_created,
        "without a source id a new one is minted"
    );
    let taken = presence(Some(bo.id), Some("a")).await.unwrap_err();
    assert!(matches!(&taken, Error::Unprocessable(text) if text == "source_id should be unique"));
    for (contact, source_id) in [
        (None, Some("b")),
        (None, None),
        (Some(ContactId(77)), Some("a")),
    ] {
        assert!(matches!(
            presence(contact, source_id).await,
            Err(Error::NotFound)
        ));
    }
}

fn public(world: &World) -> PublicContacts {
    PublicContacts::new(Arc::clone(&world.kernel))
}

fn proof(inbox: &Inbox, identifier: &str) -> IdentityProof {
    let key = hmac::Key::new(hmac::HMAC_SHA256, inbox.hmac_token.as_bytes());
    let tag = hmac::sign(&key, identifier.as_bytes());
    let hash: Vec<String> = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    IdentityProof {
        identifier: Some(identifier.to_owned()),
        identifier_hash: Some(hash.concat()),
    }
}

#[tokio::test]
async fn a_public_contact_is_named_reused_and_never_changed() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let create = PublicContactCreate {
        source_id: Some("web-1".to_owned()),
        email: Some("ana@example.com".to_owned()),
        ..PublicContactCreate::default()
    };
    let made = public(&world).create(&inbox, create.clone()).await.unwrap();
    assert_eq!(
        made.contact.name.split('-').count(),
        3,
        "{}",
        made.contact.name
    );
    assert_eq!(announced(&world).await, 1);
    let other = PublicContactCreate {
        name: Some("Bo".to_owned()),
        ..create.clone()
    };
    assert_eq!(public(&world).create(&inbox, other).await.unwrap(), made);
    let elsewhere = PublicContactCreate {
        source_id: None,
        ..create
    };
    let elsewhere = public(&world).create(&inbox, elsewhere).await.unwrap();
    assert_eq!(elsewhere.contact, made.contact);
    assert_ne!(elsewhere.contact_inbox.id, made.contact_inbox.id);
    assert_eq!(announced(&world).await, 1);

    let shown = public(&world)
        .show(&inbox, "web-1", IdentityProof::default())
        .await
        .unwrap();
    assert_eq!(shown, made);
    let absent = public(&world)
        .show(&inbox, "web-2", IdentityProof::default())
        .await;
    assert!(matches!(absent, Err(Error::NotFound)));
}

#[tokio::test]
async fn of_two_names_the_first_decides_at_the_public_door() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    service(&world)
        .create(&caller, email("ana@example.com"))
        .await
        .unwrap();
    let seven = ContactCreate {
        identifier: Some("7".to_owned()),
        ..ContactCreate::default()
    };
    let seven = service(&world)
        .create(&caller, seven)
        .await
        .unwrap()
        .contact;
    let both = PublicContactCreate {
        proof: IdentityProof {
            identifier: Some("7".to_owned()),
            identifier_hash: None,
        },
        email: Some("ana@example.com".to_owned()),
        ..PublicContactCreate::default()
    };
    assert_eq!(
        public(&world)
            .create(&inbox, both)
            .await
            .unwrap()
            .contact
            .id,
        seven.id
    );
    let bad = PublicContactCreate {
        email: Some("no".to_owned()),
        ..Default::default()
    };
    let bad = public(&world).create(&inbox, bad).await.unwrap_err();
    assert_eq!(bad.to_string(), "Email Invalid email");
}

#[tokio::test]
async fn identity_hashes_are_checked_when_sent_or_demanded() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let open = world.inbox(&caller, "relay", json!({})).await.inbox;
    let strict = world
        .inbox(&caller, "relay", json!({ "hmac_mandatory": true }))
        .await
        .inbox;
    let create = |proof| PublicContactCreate {
        proof,
        ..PublicContactCreate::default()
    };
    let good = proof(&strict, "ana");
    let upper = IdentityProof {
        identifier_hash: good
            .identifier_hash
            .as_ref()
            .map(|hash| hash.to_uppercase()),
        ..good.clone()
    };
    let wrong = IdentityProof {
        identifier: Some("bo".to_owned()),
        ..good.clone()
    };
    let none = IdentityProof::default();
    for (inbox, bad) in [
        (&strict, upper),
        (&strict, wrong.clone()),
        (&strict, none.clone()),
        (&open, wrong),
    ] {
        let refused = public(&world).create(inbox, create(bad)).await;
        assert!(matches!(refused, Err(Error::Denied(Denied::Identity))));
    }
    public(&world).create(&open, create(none)).await.unwrap();
    let made = public(&world)
        .create(&strict, create(good.clone()))
        .await
        .unwrap();
    assert!(
        !made.contact_inbox.hmac_verified,
        "a create does not verify"
    );
    let source_id = &made.contact_inbox.source_id;
    let shown = public(&world).show(&strict, source_id, good).await.unwrap();
    assert!(shown.contact_inbox.hmac_verified);
}
