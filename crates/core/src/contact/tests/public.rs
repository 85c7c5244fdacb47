use super::*;

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
