//! Messages with files, by callers.

use gatewright_tests::{Form, TestGateway};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{PNG, fetch, file, follow, only, path_of, shown, start, stored, stream_in};

#[tokio::test]
async fn a_form_with_files_makes_a_message_that_shows_them() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    let form = Form::new()
        .text("content", "Grüße")
        .text("private", "false")
        .text("content_attributes", "{\"in_reply_to\":null}")
        .text("echo_id", "mine")
        .file("attachments[]", "Photo.PNG", "text/plain", PNG)
        .file(
            "attachments[]",
            "voice.mp3",
            "audio/mpeg",
            b"ID3\x03\0\0\0\0\0\0",
        )
        .file("attachments[]", "notes.txt", "text/plain", b"Hello");
    let created = administrator.form(&path, form).await.ok();
    insta::assert_json_snapshot!("message_with_files", shown(&created));

    let listed = administrator.get(&path).await.ok();
    assert_eq!(listed["payload"][0]["attachments"], created["attachments"]);
    let conversation = administrator.get("/conversations?status=all").await.ok();
    let newest = &conversation["data"]["payload"][0]["messages"][0];
    assert_eq!(newest["attachments"], created["attachments"]);
    for (index, bytes) in [(0, PNG), (2, b"Hello".as_slice())] {
        let answer = follow(&gateway, &created["attachments"][index]["data_url"]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.bytes.as_slice()),
            (200, bytes)
        );
    }
    assert_eq!(stored(&gateway).len(), 3);
    gateway.stop().await;
}

#[tokio::test]
async fn texts_of_a_form_are_read_as_the_contract_reads_them() {
    let (gateway, path) = start().await;
    let form = Form::new()
        .text("content", "Note")
        .text("private", "true")
        .text("content_attributes", "{\"data\":{\"n\":1}}")
        .text("source_id", "ours-1");
    let made = gateway.administrator().form(&path, form).await.ok();
    assert_eq!(made["private"], true);
    assert_eq!(made["content_attributes"], json!({ "data": { "n": 1 } }));
    assert_eq!(made["source_id"], "ours-1");
    assert!(made.get("attachments").is_none());
    gateway.stop().await;
}

#[tokio::test]
async fn a_large_file_streams_in_and_out_in_pieces() {
    let (gateway, path) = start().await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let form = file("large.bin", "application/octet-stream", &large).text("content", "Large");
    let (status, made) = stream_in(&gateway, &path, form.into_bytes(), 10_007).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(only(&made)["file_size"], 3_000_000);
    let answer = follow(&gateway, &only(&made)["data_url"]).await;
    assert!(answer.bytes == large, "the same bytes come out");
    // In pieces that split boundaries and heads, too.
    let form = file("small.txt", "text/plain", b"Hello\r\n--gatewrigh").text("content", "Small");
    let (status, made) = stream_in(&gateway, &path, form.into_bytes(), 1).await;
    assert_eq!((status, &only(&made)["file_size"]), (200, &json!(18)));
    gateway.stop().await;
}

/// One piece of a body in chunked transfer coding.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[tokio::test]
async fn a_chunked_body_is_taken_over_a_socket() {
    let (gateway, path) = start().await;
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let actor = gateway.administrator();
    let body = file("big.bin", "application/octet-stream", &vec![7; 1_500_000]).into_bytes();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {}\r\n\
         api_access_token: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        actor.path(&path),
        Form::CONTENT_TYPE,
        actor.token().unwrap()
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        for piece in body.chunks(4096) {
            stream.write_all(&chunk(piece)).await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        stop.send(()).unwrap();
        answer
    };
    let serving = gateway.gateway().serve(socket, async {
        stopped.await.unwrap();
    });
    let (served, answer) = tokio::join!(serving, client);
    served.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\"file_size\":1500000"), "{answer}");
    assert_eq!(stored(&gateway).len(), 1);
}

#[tokio::test]
async fn files_of_every_odd_kind_are_taken() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    for (name, kind, bytes, extension, file_type) in [
        ("empty.png", "image/png", b"".as_slice(), "png", "file"),
        ("../../etc/passwd", "text/plain", b"root", "", "file"),
        ("page.html", "text/html", b"<script>1</script>", "html", "file"),
        ("icon.svg", "image/svg+xml", b"<svg/>", "svg", "file"),
        ("data.json", "application/json", b"{}", "json", "file"),
        ("пример.txt", "text/plain", b"x", "txt", "file"),
        ("clip.webm", "audio/webm", b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "webm", "audio"),
    ] {
        let made = administrator.form(&path, file(name, kind, bytes)).await.ok();
        let attachment = only(&made);
        assert_eq!(made["content"], Value::Null, "{name}");
        assert_eq!(attachment["file_type"], file_type, "{name}");
        assert_eq!(attachment["extension"].as_str().unwrap_or_default(), extension);
        assert_eq!(attachment["file_size"], bytes.len(), "{name}");
        let link = path_of(&attachment["data_url"]);
        assert!(!link.contains(".."), "{link}");
        let answer = fetch(&gateway, &link, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, bytes), "{name}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn files_nobody_asked_for_are_skipped() {
    let (gateway, path) = start().await;
    let form = Form::new()
        .file("avatar", "me.png", "image/png", PNG)
        .file("attachments[]", "", "application/octet-stream", b"")
        .text("content", "Hello");
    let made = gateway.administrator().form(&path, form).await.ok();
    assert!(made.get("attachments").is_none());
    let contact = Form::new()
        .file("avatar", "me.png", "image/png", &vec![0; 100_000])
        .text("name", "Ben");
    let made = gateway
        .administrator()
        .form("/contacts", contact)
        .await
        .ok();
    assert_eq!(made["payload"]["contact"]["name"], "Ben");
    assert_eq!(stored(&gateway), Vec::<std::path::PathBuf>::new());
    gateway.stop().await;
}

async fn upload(gateway: &TestGateway) -> Value {
    let form = Form::new().file("attachment", "photo.png", "image/png", PNG);
    gateway.administrator().form("/upload", form).await.ok()
}

#[tokio::test]
async fn an_upload_is_attached_by_its_signed_id() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    let uploaded = upload(&gateway).await;
    assert_eq!(follow(&gateway, &uploaded["file_url"]).await.bytes, PNG);
    let body = json!({ "content": "Look", "attachments": [uploaded["blob_id"]] });
    let made = administrator.post(&path, &body).await.ok();
    assert_eq!(only(&made)["file_type"], "image");
    assert_eq!(
        (&only(&made)["width"], &only(&made)["height"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(follow(&gateway, &only(&made)["data_url"]).await.bytes, PNG);
    // In a form, beside a file.
    let form = file("a.txt", "text/plain", b"a")
        .text("attachments[]", uploaded["blob_id"].as_str().unwrap());
    let made = administrator.form(&path, form).await.ok();
    assert_eq!(made["attachments"].as_array().unwrap().len(), 2);
    assert_eq!(stored(&gateway).len(), 2, "the picture is stored once");
    gateway.stop().await;
}

#[tokio::test]
async fn a_signed_id_of_another_account_is_refused() {
    let (gateway, _) = start().await;
    let uploaded = upload(&gateway).await;
    let other = gateway.other_account().await;
    let inbox = json!({ "name": "Theirs", "channel": { "type": "api" } });
    let inbox = other.post("/inboxes", &inbox).await.ok();
    let contact = json!({ "name": "Cid", "inbox_id": inbox["id"] });
    let contact = other.post("/contacts", &contact).await.ok();
    let body = json!({ "inbox_id": inbox["id"], "contact_id": contact["payload"]["contact"]["id"],
        "message": { "content": "Look", "attachments": [uploaded["blob_id"]] } });
    let refused = other.post("/conversations", &body).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("is no signed id of an upload"),
        "{}",
        refused.text
    );
    let none = other.get("/conversations?status=all").await.ok();
    assert_eq!(none["data"]["payload"], json!([]), "nothing half made");
    gateway.stop().await;
}

#[tokio::test]
async fn an_upload_is_one_file() {
    let (gateway, _) = start().await;
    let administrator = gateway.administrator();
    let two = Form::new()
        .file("attachment", "a", "text/plain", b"a")
        .file("attachment", "b", "text/plain", b"b");
    for (form, text) in [
        (
            Form::new(),
            "param is missing or the value is empty: attachment",
        ),
        (
            Form::new().text("attachment", "x"),
            "param is missing or the value is empty: attachment",
        ),
        (two, "attachment must be one file"),
    ] {
        let refused = administrator.form("/upload", form).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json(), json!({ "error": text }));
    }
    assert_eq!(stored(&gateway).len(), 0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_begins_with_a_file() {
    let (gateway, _) = start().await;
    let administrator = gateway.administrator();
    let form = Form::new().text("source_id", "crm-42").file(
        "message[attachments][]",
        "a.txt",
        "text/plain",
        b"Hello",
    );
    let made = administrator.form("/conversations", form).await.ok();
    let message = &made["messages"][0];
    assert_eq!(only(message)["extension"], "txt");
    assert_eq!(
        follow(&gateway, &only(message)["data_url"]).await.text,
        "Hello"
    );
    let refused = Form::new()
        .text("source_id", "crm-42")
        .text("status", "nonsense")
        .file("message[attachments][]", "a.txt", "text/plain", b"Hello");
    let refused = administrator.form("/conversations", refused).await;
    assert_eq!(refused.status, 422);
    assert_eq!(stored(&gateway).len(), 1, "the refused one's file is gone");
    gateway.stop().await;
}

#[tokio::test]
async fn a_repeat_answers_the_stored_files_and_keeps_no_others() {
    let (gateway, path) = start().await;
    let administrator = gateway.administrator();
    let form = || file("a.txt", "text/plain", b"Hello").text("source_id", "m-1");
    let first = administrator.form(&path, form()).await;
    let repeat = administrator.form(&path, form()).await;
    assert_eq!(repeat.headers["idempotent-replayed"], "true");
    assert_eq!(repeat.ok()["attachments"], first.ok()["attachments"]);
    assert_eq!(stored(&gateway).len(), 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_key_tells_files_apart() {
    let (gateway, path) = start().await;
    let actor = gateway.administrator();
    let headers = [
        ("content-type", Form::CONTENT_TYPE),
        ("idempotency-key", "once"),
    ];
    let target = actor.path(&path);
    let post = |bytes: &'static [u8]| {
        let body = file("a.txt", "text/plain", bytes).into_bytes();
        actor.send(http::Method::POST, &target, &headers, body)
    };
    let (first, again) = (post(b"Hello").await, post(b"Hello").await);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.ok(), first.ok());
    let other = post(b"World").await;
    assert_eq!(other.status, 422, "{}", other.text);
    assert_eq!(stored(&gateway).len(), 1);
    gateway.stop().await;
}
