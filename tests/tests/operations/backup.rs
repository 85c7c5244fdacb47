//! A backup holds what was acknowledged before it began, and a gateway starts on it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use gatewright::{Builder, Config, Copied, Error, Gatewright};
use gatewright_plugin_api::ApiChannel;
use gatewright_tests::{Actor, Form, Listener, Options, TestDatabase, TestGateway};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Writers that go on while the backup is made.
const WRITERS: usize = 4;

fn builder(config: Config) -> Builder {
    Gatewright::builder().config(config).channel::<ApiChannel>()
}

fn elsewhere(config: &Config, folder: &Path) -> Config {
    let mut config = config.clone();
    if !TestDatabase::is_postgres() {
        config.database.url = format!("sqlite://{}", folder.join("data/g.db").display());
    }
    config.attachments.path = Some(folder.join("data/files"));
    config
}

fn refused<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("it was done"),
        Err(error) => error.to_string(),
    }
}

/// What writers do until they are stopped.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    /// Messages that were acknowledged, by writer.
    acknowledged: [AtomicUsize; WRITERS],
}

impl Load {
    fn acknowledged(&self) -> [usize; WRITERS] {
        std::array::from_fn(|writer| self.acknowledged[writer].load(SeqCst))
    }
}

/// Fills a conversation that is the writer's own.
async fn write(administrator: Actor, conversation: Value, load: Arc<Load>, writer: usize) {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let mut written = 0;
    while !load.stop.load(SeqCst) {
        let text = format!("word{written}of{}", conversation["id"]);
        let body = json!({ "content": text, "message_type": "incoming" });
        if administrator.post(&path, &body).await.status == 200 {
            written += 1;
            load.acknowledged[writer].store(written, SeqCst);
        }
    }
}

#[tokio::test]
async fn every_message_that_was_acknowledged_before_is_in_the_restored_copy() {
    if TestDatabase::is_postgres() {
        // It has tools of its own.
        return;
    }
    let listener = Listener::start().await;
    let options = Options {
        adjust: |config| config.intake.flood_per_minute = 1_000_000,
        ..Options::default()
    };
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let administrator = gateway.administrator();
    let load = Arc::<Load>::default();
    let mut writers = Vec::new();
    let mut conversations = Vec::new();
    for number in 0..WRITERS {
        let source = format!("crm-{number}");
        let body = json!({ "name": source, "inbox_id": inbox["id"], "source_id": source });
        let made = administrator.post("/contacts", &body).await.ok();
        let contact = &made["payload"]["contact"]["id"];
        let body = json!({ "inbox_id": inbox["id"], "contact_id": contact, "source_id": source });
        conversations.push(administrator.post("/conversations", &body).await.ok());
    }
    send_a_file(&administrator, &conversations[0]).await;
    gateway.settle().await;
    // From here on nothing arrives, so there is something on its way in the backup.
    listener.answer(500);
    for (writer, conversation) in conversations.iter().enumerate() {
        let (by, conversation) = (administrator.clone(), conversation.clone());
        writers.push(tokio::spawn(write(
            by,
            conversation,
            Arc::clone(&load),
            writer,
        )));
    }
    while load.acknowledged().iter().any(|count| *count < 10) {
        tokio::task::yield_now().await;
    }
    let before = load.acknowledged();
    let place = TempDir::new().expect("a folder");
    let backup = place.path().join("backup");
    let config = gateway.gateway().config().clone();
    let copied = backed_up(&config, &backup).await;
    load.stop.store(true, SeqCst);
    for writer in writers {
        writer.await.expect("it writes");
    }
    assert!(
        copied.database && copied.files == 1 && copied.damaged.is_empty(),
        "{copied:?}"
    );
    let again = refused(builder(config.clone()).backup(&backup).await);
    assert!(again.contains("is there already"), "{again}");

    let target = elsewhere(&config, place.path());
    restored(&target, &backup).await;
    let again = refused(builder(target.clone()).restore(&backup).await);
    assert!(again.contains("overwrites nothing"), "{again}");
    listener.answer(200);
    let arrived = listener.accepted().len();
    let copy = builder(target).build().await.expect("it starts");
    let token = administrator.token().map(str::to_owned);
    let reader = Actor::new(copy.router(), token, gateway.account_id());
    for (conversation, acknowledged) in conversations.iter().zip(before) {
        let restored = whole(&reader, conversation).await;
        assert!(restored >= acknowledged, "{restored} of {acknowledged}");
    }
    let word = format!("word0of{}", conversations[1]["id"]);
    let found = reader.get(&format!("/conversations?q={word}")).await.ok();
    assert_eq!(found["data"]["meta"]["all_count"], 1, "{word}");
    copy.wake();
    copy.idle().await;
    listener
        .wait_until(|listener| listener.accepted().len() > arrived)
        .await;
    copy.drain().await.expect("it ends");
    gateway.stop().await;
}

/// A conversation has its words in order, none missing; how many.
async fn whole(reader: &Actor, conversation: &Value) -> usize {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let mut words = Vec::new();
    let mut before = String::new();
    loop {
        let page = reader.get(&format!("{path}{before}")).await.ok();
        let page = page["payload"].as_array().expect("a page").clone();
        let Some(first) = page.first() else { break };
        before = format!("?before={}", first["id"]);
        let texts = page.iter().filter(|message| message["message_type"] == 0);
        let texts = texts.filter_map(|message| message["content"].as_str());
        words.splice(0..0, texts.map(str::to_owned).collect::<Vec<_>>());
    }
    words.retain(|word| word.starts_with("word"));
    let expected: Vec<String> = (0..words.len())
        .map(|number| format!("word{number}of{}", conversation["id"]))
        .collect();
    assert_eq!(words, expected);
    words.len()
}

async fn send_a_file(administrator: &Actor, conversation: &Value) {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let form = Form::new().file("attachments[]", "a.txt", "text/plain", b"kept");
    administrator.form(&path, form).await.ok();
}

/// A gateway with one message, which has a file.
async fn with_a_file() -> TestGateway {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    send_a_file(&gateway.administrator(), &conversation).await;
    gateway
}

async fn backed_up(config: &Config, folder: &Path) -> Copied {
    let copied = builder(config.clone()).backup(folder).await;
    copied.expect("it is backed up")
}

async fn restored(config: &Config, folder: &Path) -> Copied {
    let copied = builder(config.clone()).restore(folder).await;
    copied.expect("it is restored")
}

#[tokio::test]
async fn files_are_backed_up_and_restored_on_either_database() {
    let gateway = with_a_file().await;
    let place = TempDir::new().expect("a folder");
    let backup = place.path().join("backup");
    let config = gateway.gateway().config().clone();
    let copied = backed_up(&config, &backup).await;
    assert_eq!(
        (copied.files, copied.database),
        (1, !TestDatabase::is_postgres())
    );
    let target = elsewhere(&config, place.path());
    let found = restored(&target, &backup).await;
    assert_eq!(
        (found.files, found.database),
        (copied.files, copied.database)
    );
    let kept = files_in(target.attachments.path.as_deref().expect("a folder"));
    assert_eq!(kept, [b"kept".to_vec()]);
    gateway.stop().await;
}

fn files_in(root: &Path) -> Vec<Vec<u8>> {
    let days = std::fs::read_dir(root).expect("it is there");
    let of_day = |day: std::fs::DirEntry| std::fs::read_dir(day.path()).expect("a day");
    days.flat_map(|day| of_day(day.expect("a day")))
        .map(|file| std::fs::read(file.expect("a file").path()).expect("it is read"))
        .collect()
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let gateway = with_a_file().await;
    let config = gateway.gateway().config().clone();
    let damages: [(&str, Damage); 6] = [
        ("backup.json", spoil),
        ("SHA256SUMS", spoil),
        ("SHA256SUMS", shorten),
        ("attachments", spoil),
        ("attachments", lose),
        ("gatewright.db", spoil),
    ];
    for (file, damage) in damages {
        if file == "gatewright.db" && TestDatabase::is_postgres() {
            continue;
        }
        let place = TempDir::new().expect("a folder");
        let backup = place.path().join("backup");
        backed_up(&config, &backup).await;
        damage(&backup.join(file));
        let target = elsewhere(&config, place.path());
        let error = refused(builder(target).restore(&backup).await);
        let told = ["damaged", "is no checksum", "backup.json: "];
        assert!(
            told.iter().any(|told| error.contains(told)),
            "{file}: {error}"
        );
        let data = place.path().join("data");
        let left = std::fs::read_dir(data).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{file}: {error}");
    }
    gateway.stop().await;
}

/// Something that is done to a file or folder.
type Damage = fn(&Path);

/// Changes one byte of a file in the middle; of a folder, of each file in it.
fn spoil(path: &Path) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("it is there") {
            spoil(&entry.expect("an entry").path());
        }
        return;
    }
    let mut bytes = std::fs::read(path).expect("it is read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).expect("it is written");
}

/// Takes the first line away.
fn shorten(file: &Path) {
    let text = std::fs::read_to_string(file).expect("it is read");
    let (_, rest) = text.split_once('\n').expect("a line");
    std::fs::write(file, rest).expect("it is written");
}

/// Takes the files of a folder away, but not the folder.
fn lose(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("it is removed");
    std::fs::create_dir(folder).expect("it is made");
}

#[tokio::test]
async fn a_folder_that_is_no_backup_is_refused() {
    let place = TempDir::new().expect("a folder");
    let error = refused(builder(Config::default()).restore(place.path()).await);
    assert!(error.contains("is no backup"), "{error}");
}
