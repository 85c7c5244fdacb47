use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde_json::json;

use super::*;
use crate::contact::{ContactCreate, Contacts};
use crate::conversation::{ConversationCreate, Conversations};
use crate::ids::DisplayId;
use crate::intake::Intake;
use crate::message::{MessageCreate, Messages, by_ids};
use crate::testing::World;

const DAY: Duration = Duration::from_hours(24);

fn files(world: &World) -> Attachments {
    Attachments::new(Arc::clone(&world.kernel))
}

async fn uploaded(world: &World, name: &str, bytes: &[u8]) -> UploadedFile {
    let mut upload = files(world).begin(name, None).await.unwrap();
    upload.write(Bytes::copy_from_slice(bytes)).await.unwrap();
    upload.finish().await.unwrap()
}

/// Names of all files in the store, unfinished ones among them.
fn stored(world: &World) -> Vec<String> {
    let root = &world.kernel.config.attachments.path;
    let Ok(days) = std::fs::read_dir(root) else {
        return Vec::new();
    };
    let names = |day: std::fs::DirEntry| {
        let entries = std::fs::read_dir(day.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap())
    };
    days.flat_map(|day| names(day.unwrap()).collect::<Vec<_>>())
        .collect()
}

fn signed(url: &str) -> &str {
    url.split('/').nth_back(1).unwrap()
}

#[tokio::test]
async fn a_file_is_hashed_and_measured_on_its_way() {
    let world = World::new().await;
    let mut upload = files(&world)
        .begin("../Report.PDF", Some("application/pdf"))
        .await
        .unwrap();
    // More than one part.
    for _ in 0..30 {
        upload.write(Bytes::from(vec![b'x'; 50_000])).await.unwrap();
    }
    let file = upload.finish().await.unwrap();
    assert_eq!(
        (
            file.filename.as_str(),
            file.content_type.as_str(),
            file.byte_size
        ),
        ("Report.PDF", "application/pdf", 1_500_000)
    );
    let expected = crate::cipher::sha256_hex(&vec![b'x'; 1_500_000]);
    assert_eq!(file.checksum, expected);
    let bytes = world.kernel.blobs.read(&file.key, 1_499_990..1_500_000);
    let bytes: Vec<Bytes> = bytes.await.unwrap().try_collect().await.unwrap();
    assert_eq!(bytes.concat(), b"xxxxxxxxxx");
    assert_eq!(stored(&world).len(), 1);
}

#[tokio::test]
async fn a_file_that_is_too_large_or_given_up_leaves_nothing() {
    let world = World::new().await;
    let mut upload = files(&world).begin("a", None).await.unwrap();
    let max = usize::try_from(world.kernel.config.attachments.max_file_bytes).unwrap();
    upload.write(Bytes::from(vec![0; max])).await.unwrap();
    let error = upload.write(Bytes::from_static(b"x")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "attachments: the file a is larger than 40 MiB (the setting attachments.max_file_bytes)"
    );
    drop(upload);
    // It is removed in the background.
    for _ in 0..500 {
        if stored(&world).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?} stayed", stored(&world));
}

#[tokio::test]
async fn what_no_row_names_is_swept_after_its_day() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let kept = uploaded(&world, "kept", b"kept").await;
    files(&world).upload(&caller, kept.clone()).await.unwrap();
    let lost = uploaded(&world, "lost", b"lost").await;
    let day = lost.key.split('/').next().unwrap();
    let root = world.kernel.config.attachments.path.join(day);
    std::fs::write(root.join("unfinished#1"), b"half").unwrap();
    let service = files(&world);
    assert_eq!(service.sweep().await.unwrap(), 0, "it is too young");
    assert_eq!(stored(&world).len(), 3);
    world.clock.advance(DAY * 2);
    let young = uploaded(&world, "young", b"young").await;
    assert_eq!(service.sweep().await.unwrap(), 1);
    let mut left = stored(&world);
    left.sort();
    let mut expected = [&kept, &young].map(|file| {
        let (_, name) = file.key.split_once('/').unwrap();
        name.to_owned()
    });
    expected.sort();
    assert_eq!(left, expected);
    assert_eq!(service.sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn a_signed_id_is_good_in_its_account_only() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let file = uploaded(&world, "a.txt", b"hello").await;
    let made = files(&world).upload(&caller, file).await.unwrap();
    let sources = |id: &str| AttachmentSources {
        signed_ids: vec![id.to_owned()],
        ..AttachmentSources::default()
    };
    let kernel = &world.kernel;
    let own = resolve(kernel, caller.account_id(), sources(&made.blob_id)).await;
    assert_eq!(own.unwrap().len(), 1);
    let other = world.account("Other").await;
    let foreign = resolve(kernel, other.id, sources(&made.blob_id)).await;
    assert!(matches!(foreign, Err(Error::Unprocessable(_))));
}

#[tokio::test]
async fn a_link_opens_its_file_and_a_forged_one_nothing() {
    let world = World::new().await;
    let caller = world.administrator().await;
    let service = files(&world);
    let file = uploaded(&world, "a.txt", b"hello").await;
    let made = service.upload(&caller, file).await.unwrap();
    let link = signed(&made.file_url);
    assert_eq!(service.open(link).await.unwrap().byte_size, 5);
    let forged = format!("{link}0");
    assert!(matches!(service.open(&forged).await, Err(Error::NotFound)));
}

/// A conversation in which there are `count` messages with two files each.
async fn conversation(world: &World, caller: &Caller, count: usize) -> DisplayId {
    let inbox = world.inbox(caller, "relay", json!({})).await.inbox.id;
    let contacts = Contacts::new(Arc::clone(&world.kernel));
    let contact = contacts.create(caller, ContactCreate::default()).await;
    let intake = Intake::start(&world.kernel);
    let conversations = Conversations::new(Arc::clone(&world.kernel), Arc::clone(&intake));
    let create = ConversationCreate {
        inbox_id: Some(inbox),
        contact_id: Some(contact.unwrap().contact.id),
        ..ConversationCreate::default()
    };
    let made = conversations.create(caller, create).await.unwrap();
    let messages = Messages::new(Arc::clone(&world.kernel), intake);
    for _ in 0..count {
        let files = vec![
            uploaded(world, "a.txt", b"a").await,
            uploaded(world, "b.txt", b"b").await,
        ];
        let create = MessageCreate {
            attachments: AttachmentSources {
                files,
                ..AttachmentSources::default()
            },
            ..MessageCreate::default()
        };
        let id = made.row.display_id;
        messages.create(caller, id, create).await.unwrap();
    }
    made.row.display_id
}

#[tokio::test]
async fn lists_take_as_many_statements_for_one_file_as_for_many() {
    let world = World::new().await;
    let caller = world.administrator().await;
    for count in [1, 9] {
        let id = conversation(&world, &caller, count).await;
        let (kernel, counted) = world.counting_node().await;
        let page = Attachments::new(kernel).list(&caller, id, 1).await.unwrap();
        assert_eq!(
            (page.total, page.attachments.len()),
            (u64::try_from(2 * count).unwrap(), 2 * count)
        );
        // The conversation, the number of all, the page, its messages.
        assert_eq!(counted.load(Ordering::SeqCst), 4);
        let (kernel, counted) = world.counting_node().await;
        let ids = (1..=20).collect();
        let all = by_ids(&kernel, kernel.db.read(), ids).await.unwrap();
        let files: usize = all.iter().map(|message| message.attachments.len()).sum();
        assert!(files >= 2 * count);
        assert_eq!(counted.load(Ordering::SeqCst), 1);
    }
}
