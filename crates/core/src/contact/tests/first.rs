use super::*;

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
