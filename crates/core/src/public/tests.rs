use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Map, json};

use super::{PublicClient, PublicMessageCreate};
use crate::contact::{PublicContactCreate, PublicContacts};
use crate::error::Error;
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::message::{MessageCreate, Messages};
use crate::testing::World;

fn client(kernel: &Arc<Kernel>) -> PublicClient {
    PublicClient::new(Arc::clone(kernel), Intake::start(kernel))
}

#[tokio::test]
async fn a_list_takes_as_many_statements_for_one_conversation_as_for_many() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let create = PublicContactCreate {
        source_id: Some("web-1".to_owned()),
        ..PublicContactCreate::default()
    };
    let contacts = PublicContacts::new(Arc::clone(&world.kernel));
    contacts.create(&inbox, create).await.unwrap();
    let (kernel, statements) = world.counting_node().await;
    let (writer, reader) = (client(&world.kernel), client(&kernel));
    let messages = Messages::new(Arc::clone(&world.kernel), Intake::start(&world.kernel));
    let mut counts = Vec::new();
    for round in 0..4 {
        for _ in 0..=round {
            let made = writer.conversation_create(&inbox.identifier, "web-1", Map::new());
            let conversation = made.await.unwrap().0.row.display_id;
            for _ in 0..3 {
                let said = MessageCreate::default();
                messages.create(&caller, conversation, said).await.unwrap();
            }
        }
        reader
            .conversations(&inbox.identifier, "web-1")
            .await
            .unwrap();
        statements.store(0, Ordering::SeqCst);
        let listed = reader.conversations(&inbox.identifier, "web-1").await;
        counts.push((listed.unwrap().len(), statements.load(Ordering::SeqCst)));
    }
    // The presence, its contact and account; which conversations, and what they are; which
    // messages, and what they are.
    assert_eq!(counts, [(1, 7), (3, 7), (6, 7), (10, 7)]);
}

#[tokio::test]
async fn a_channel_that_takes_no_messages_takes_none_from_its_public_client() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let inbox = world.inbox(&caller, "relay", json!({})).await.inbox;
    let create = PublicContactCreate {
        source_id: Some("web-1".to_owned()),
        ..PublicContactCreate::default()
    };
    let contacts = PublicContacts::new(Arc::clone(&world.kernel));
    contacts.create(&inbox, create).await.unwrap();
    let client = client(&world.kernel);
    let made = client.conversation_create(&inbox.identifier, "web-1", Map::new());
    let conversation = made.await.unwrap().0.row.display_id;
    let said = PublicMessageCreate {
        content: Some("Hello".to_owned()),
        ..PublicMessageCreate::default()
    };
    let refused = client.message_create(&inbox.identifier, "web-1", conversation, said);
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, Error::Unprocessable(_)), "{refused}");
    let phone = world.inbox(&caller, "phone", json!({})).await.inbox;
    let listed = client.conversations(&phone.identifier, "web-1").await;
    assert!(
        matches!(listed, Err(Error::NotFound)),
        "it has no public client"
    );
}
