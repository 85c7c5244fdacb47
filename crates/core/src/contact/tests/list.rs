use super::*;
use crate::contact::{ContactInboxCreate, ContactQuery, Sort};
use crate::filter::Condition;

/// Contacts in inboxes of their own, and a node that counts its statements.
async fn filled(contacts: usize, inboxes: usize) -> (World, crate::caller::Caller) {
    let world = World::new().await;
    let caller = world.administrator().await;
    let mut made = Vec::new();
    for _ in 0..inboxes {
        made.push(world.inbox(&caller, "relay", json!({})).await.inbox.id);
    }
    for number in 0..contacts {
        let create = email(&format!("c{number}@example.com"));
        let contact = service(&world).create(&caller, create).await.unwrap();
        for inbox_id in &made {
            let create = ContactInboxCreate {
                inbox_id: *inbox_id,
                source_id: None,
                hmac_verified: false,
            };
            let id = contact.contact.id;
            let presence = service(&world).create_presence(&caller, id, &create).await;
            presence.unwrap();
        }
    }
    (world, caller)
}

/// How many statements a node with empty caches makes for each way to list contacts.
async fn statements(contacts: usize, inboxes: usize) -> Vec<u32> {
    let (world, caller) = filled(contacts, inboxes).await;
    let (plain, sorted) = (ContactQuery::default(), by("-email"));
    let conditions = [Condition {
        attribute_key: "email".to_owned(),
        filter_operator: "contains".to_owned(),
        values: vec!["example".to_owned()],
        query_operator: None,
    }];
    let mut all = Vec::new();
    for way in 0..5 {
        let (kernel, counted) = world.counting_node().await;
        let service = Contacts::new(kernel);
        let found = match way {
            0 => service.list(&caller, &asked(&plain)).await,
            1 => service.list(&caller, &sorted).await,
            2 => service.list(&caller, &by("last_activity_at")).await,
            3 => service.search(&caller, "example", &asked(&plain)).await,
            _ => service.filter(&caller, &conditions, &asked(&plain)).await,
        };
        let page = found.unwrap();
        assert_eq!(page.contacts.len(), contacts.min(15));
        assert!(
            page.contacts
                .iter()
                .all(|one| one.presences.len() == inboxes)
        );
        all.push(counted.load(std::sync::atomic::Ordering::SeqCst));
    }
    all
}

fn asked(query: &ContactQuery) -> ContactQuery {
    ContactQuery {
        page: 1,
        presences: true,
        ..query.clone()
    }
}

fn by(sort: &str) -> ContactQuery {
    asked(&ContactQuery {
        sort: Sort::parse(sort).unwrap(),
        ..ContactQuery::default()
    })
}

#[tokio::test]
async fn a_page_takes_as_many_statements_for_few_contacts_as_for_many() {
    // The page, how many there are, their presences, their inboxes; and those that lack what is
    // sorted by.
    assert_eq!(statements(1, 1).await, [4, 5, 5, 4, 4]);
    assert_eq!(statements(16, 2).await, [4, 4, 5, 4, 4]);
    assert_eq!(statements(32, 4).await, [4, 4, 5, 4, 4]);
}

#[tokio::test]
async fn a_page_far_behind_takes_one_statement_more() {
    let (world, caller) = filled(3, 1).await;
    let (kernel, counted) = world.counting_node().await;
    let query = ContactQuery {
        page: 9,
        ..by("-email")
    };
    let page = Contacts::new(kernel).list(&caller, &query).await.unwrap();
    assert_eq!((page.count, page.contacts.len()), (Some(3), 0));
    // The page, how many have an email, those that have none, how many there are.
    assert_eq!(counted.load(std::sync::atomic::Ordering::SeqCst), 4);
}
