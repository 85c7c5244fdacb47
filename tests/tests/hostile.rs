//! What a gateway must survive: nothing a client sends makes a 5xx other than a 503 that says when
//! to come back, every refusal has the contract's shape, and what is refused changes no row.

use std::collections::BTreeMap;

use gatewright_tests::{
    Actor, Answer, Operation, TableReader, Tables, TestGateway, World, properties,
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A filled account, the operations of the document, and the tables.
struct Siege {
    gateway: TestGateway,
    world: World,
    tables: TableReader,
    /// The tables as they were read last, until something is written.
    known: Mutex<Option<Tables>>,
    operations: Vec<Operation>,
    spec: Value,
}

impl Siege {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let world = World::fill(&gateway, gateway.administrator(), "Mine", 1).await;
        let tables = gateway.tables().await;
        let spec = gateway.gateway().spec();
        Self {
            operations: Operation::all(&spec),
            gateway,
            world,
            tables,
            known: Mutex::new(None),
            spec,
        }
    }

    fn with_body(&self) -> impl Iterator<Item = &Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.body.is_some())
    }

    fn actor(&self) -> &Actor {
        &self.world.administrator
    }

    fn path(&self, operation: &Operation) -> String {
        operation.at(&self.world.ids)
    }

    /// Sends anything; a refusal must have the contract's shape and must not have changed a row.
    async fn attack(
        &self,
        operation: &Operation,
        path: &str,
        header: (&str, &str),
        body: Vec<u8>,
        context: &str,
    ) -> Answer {
        let context = format!("{} {:.300} {context}", operation.id, path);
        let mut known = self.known.lock().await;
        let before = match known.take() {
            Some(tables) => tables,
            None => self.tables.read().await,
        };
        let method = operation.method.clone();
        let answer = self.actor().send(method, path, &[header], body).await;
        if answer.status == 200 {
            self.gateway.settle().await;
            return answer;
        }
        // The one refusal of the contract that has no body.
        let nobody = operation.id == "contact_inbox_filter" && answer.text.is_empty();
        if !nobody || answer.status != 404 {
            answer.assert_refused(&context);
        }
        let faults = operation.faults(&self.spec, &answer);
        assert!(faults.is_empty(), "{context}: {faults:?} {}", answer.text);
        let after = self.tables.read().await;
        let changed = before.changed(&after);
        assert!(
            changed.is_empty(),
            "{context}: {changed:?} after {}",
            answer.text
        );
        *known = Some(after);
        answer
    }

    async fn attack_json(&self, operation: &Operation, body: &Value, context: &str) -> Answer {
        let bytes = body.to_string().into_bytes();
        self.attack(operation, &self.path(operation), JSON, bytes, context)
            .await
    }

    /// The fields of an operation's body, one level of objects deep, as pointers.
    fn fields(&self, operation: &Operation) -> Vec<Vec<String>> {
        let body = operation.body.as_ref().expect("a body");
        let mut fields = Vec::new();
        for (name, schema) in properties(&self.spec, body) {
            fields.push(vec![name.clone()]);
            for (inner, _) in properties(&self.spec, schema) {
                fields.push(vec![name.clone(), inner]);
            }
        }
        fields
    }

    async fn stop(self) {
        self.tables.close().await;
        self.gateway.stop().await;
    }
}

/// What each operation is sent around the field under attack, so that validation gets that far.
fn base(operation: &Operation, world: &World) -> Value {
    let number = |name: &str| world.number(name);
    match operation.id.as_str() {
        "conversation_create" => json!({
            "inbox_id": number("inbox_id"), "contact_id": number("contact_id") }),
        "contact_merge" => json!({ "base_contact_id": number("contact_id"),
            "mergee_contact_id": number("mergee_contact_id") }),
        "contact_filter" => json!({ "payload": [] }),
        "contact_inbox_create" => json!({ "inbox_id": number("inbox_id") }),
        "contact_inbox_filter" => json!({
            "inbox_id": number("inbox_id"), "source_id": world.ids["contact_identifier"] }),
        "inbox_create" => json!({ "name": "X", "channel": { "type": "api" } }),
        "webhook_create" => json!({ "url": "https://hostile.example.com/" }),
        "webhooks_api_channel" => json!({ "inbox_id": number("inbox_id"),
            "contact": { "source_id": "hostile" }, "message": { "content": "X" } }),
        "message_create" | "public_message_create" => json!({ "content": "X" }),
        _ => json!({}),
    }
}

fn with(mut body: Value, field: &[String], value: &Value) -> Value {
    match field {
        [name] => body[name] = value.clone(),
        [outer, name] => {
            if !body[outer].is_object() {
                body[outer] = json!({});
            }
            body[outer][name] = value.clone();
        }
        _ => panic!("fields are at most two deep"),
    }
    body
}

#[tokio::test]
async fn wrong_types_in_every_field() {
    let siege = Siege::start().await;
    let values = [
        json!(null),
        json!(true),
        json!(""),
        json!("nonsense"),
        json!(-1),
        json!(0.5),
        json!([]),
        json!([1, "a", null, {}]),
        json!({}),
        json!({ "a": { "b": [1] } }),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                siege.attack_json(operation, &body, &body.to_string()).await;
            }
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn numbers_beyond_every_range() {
    let siege = Siege::start().await;
    let values = [
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!("9223372036854775808"),
        json!("-9223372036854775809"),
        json!("99999999999999999999999999"),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                siege.attack_json(operation, &body, &body.to_string()).await;
            }
            // Larger than any number of JSON that is read as a float.
            let body = with(base(operation, &siege.world), &field, &json!("@"));
            let text = body.to_string().replace("\"@\"", "1e999");
            let path = siege.path(operation);
            siege
                .attack(operation, &path, JSON, text.into_bytes(), "1e999")
                .await;
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn the_null_character_in_every_field_and_key() {
    let siege = Siege::start().await;
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            let last = field.last().expect("a name");
            for value in [json!("a\0b"), json!({ "a\0": 1 }), json!(["\0"])] {
                let body = with(base(operation, &siege.world), &field, &value);
                let answer = siege.attack_json(operation, &body, "U+0000").await;
                assert_eq!(answer.status, 422, "{} {field:?} {value}", operation.id);
                assert!(answer.text.contains(last.as_str()), "{}", answer.text);
            }
        }
        let path = siege.path(operation);
        let answer = siege
            .attack(operation, &path, FORM, b"a=%00".to_vec(), "form")
            .await;
        assert_eq!(answer.status, 422, "{}", operation.id);
    }
    siege.stop().await;
}

#[tokio::test]
async fn very_long_texts_in_every_field() {
    let siege = Siege::start().await;
    let values = [
        json!("x".repeat(1 << 20)),
        json!(format!("{}@example.com", "x".repeat(100_000))),
    ];
    for operation in siege.with_body() {
        for field in siege.fields(operation) {
            for value in &values {
                let body = with(base(operation, &siege.world), &field, value);
                let context = format!("{field:?}");
                siege.attack_json(operation, &body, &context).await;
            }
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn unique_texts_of_a_hundred_thousand_characters_are_refused() {
    let siege = Siege::start().await;
    let long = "i".repeat(100_000);
    for (id, field) in [
        ("contact_create", "source_id"),
        ("contact_create", "identifier"),
        ("contact_create", "name"),
        ("contact_create", "email"),
        ("contact_update", "identifier"),
        ("contact_update", "name"),
        ("contact_update", "email"),
        ("contact_inbox_create", "source_id"),
        ("public_contact_update", "name"),
        ("public_contact_update", "email"),
        ("public_contact_create", "source_id"),
        ("public_contact_create", "name"),
        ("public_contact_create", "email"),
        ("message_create", "source_id"),
        ("conversation_create", "source_id"),
        ("webhook_create", "url"),
        ("webhook_create", "name"),
        ("inbox_create", "name"),
    ] {
        let operation = siege
            .operations
            .iter()
            .find(|it| it.id == id)
            .expect("an operation");
        let mut body = base(operation, &siege.world);
        body[field] = json!(match field {
            "email" => format!("{long}@example.com"),
            "url" => format!("https://example.com/{long}"),
            _ => long.clone(),
        });
        if id == "contact_create" && field == "source_id" {
            body["inbox_id"] = json!(siege.world.number("inbox_id"));
        }
        let answer = siege.attack_json(operation, &body, field).await;
        assert_eq!(answer.status, 422, "{id} {field}: {}", answer.text);
        assert!(
            answer.text.len() < 1000,
            "{id} {field}: the text is not given back"
        );
    }
    siege.stop().await;
}

#[tokio::test]
async fn bodies_that_are_no_bodies() {
    let siege = Siege::start().await;
    let deep_list = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let malformed: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"{\"a\":}".to_vec(),
        b"{'a':1}".to_vec(),
        b"nonsense".to_vec(),
        b"{\"name\":\"\xff\xfe\"}".to_vec(),
        b"{\"name\":\"\\ud800\"}".to_vec(),
        b"{} {}".to_vec(),
        deep_list.into_bytes(),
        deep_object.into_bytes(),
    ];
    let form: Vec<Vec<u8>> = vec![
        b"a=%ff".to_vec(),
        b"a=1&a[b]=2".to_vec(),
        format!("a{}=1", "[b]".repeat(1_000)).into_bytes(),
        "a=1&".repeat(5_000).into_bytes(),
    ];
    let odd: Vec<Vec<u8>> = vec![b"[]".to_vec(), b"null".to_vec(), b"1".to_vec(), Vec::new()];
    for operation in siege.with_body() {
        let path = siege.path(operation);
        for (header, bodies) in [(JSON, &malformed), (FORM, &form)] {
            for body in bodies {
                let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                let answer = siege
                    .attack(operation, &path, header, body.clone(), &shown)
                    .await;
                assert_eq!(
                    answer.status, 400,
                    "{} {shown}: {}",
                    operation.id, answer.text
                );
                assert_eq!(
                    answer.json(),
                    json!({ "status": 400, "error": "Bad Request" })
                );
            }
        }
        for body in &odd {
            siege
                .attack(operation, &path, JSON, body.clone(), "odd")
                .await;
            siege
                .attack(operation, &path, FORM, body.clone(), "odd")
                .await;
        }
        let garbage = b"&&==&=&[=]&a[&%&%zz=%".to_vec();
        siege
            .attack(operation, &path, FORM, garbage, "garbage")
            .await;
        let multipart = ("content-type", "multipart/form-data; boundary=x");
        siege
            .attack(operation, &path, multipart, b"--x--".to_vec(), "multipart")
            .await;
        let unknown = ("content-type", "\u{7f}".trim_end_matches('\u{7f}'));
        siege
            .attack(operation, &path, unknown, b"\x00\x01".to_vec(), "no type")
            .await;
    }
    siege.stop().await;
}

#[tokio::test]
async fn bodies_larger_than_the_limit_are_413() {
    let siege = Siege::start().await;
    let limit = siege.gateway.gateway().config().http.max_body_bytes;
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(limit)).into_bytes();
    for operation in siege.with_body() {
        let path = siege.path(operation);
        let answer = siege
            .attack(operation, &path, JSON, huge.clone(), "huge")
            .await;
        assert_eq!(answer.status, 413, "{}", operation.id);
    }
    siege.stop().await;
}

#[tokio::test]
async fn queries_of_every_kind() {
    let siege = Siege::start().await;
    let long = "9".repeat(4_000);
    let values = [
        "",
        "-1",
        "0",
        "1.5",
        "abc",
        "null",
        "true",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999999",
        "1e400",
        "%F0%9F%98%80",
        "%27%22--",
        long.as_str(),
    ];
    for operation in &siege.operations {
        let path = siege.path(operation);
        for name in &operation.query {
            let stem = name.trim_end_matches("[]");
            let mut queries: Vec<String> = values
                .iter()
                .map(|value| format!("{name}={value}"))
                .collect();
            let forms = ["", "[]=1", "[a]=1", "[][a]=1", "[0]=1"];
            queries.extend(forms.iter().map(|form| format!("{stem}{form}")));
            for query in queries {
                let path = format!("{path}?{query}");
                siege
                    .attack(operation, &path, JSON, Vec::new(), "query")
                    .await;
            }
            let path = format!("{path}?{name}=a%00b");
            let answer = siege
                .attack(operation, &path, JSON, Vec::new(), "query")
                .await;
            assert_eq!(answer.status, 422, "{path}");
            let path = path.replace("%00", "%ff");
            let answer = siege
                .attack(operation, &path, JSON, Vec::new(), "query")
                .await;
            assert_eq!(answer.status, 400, "{path}");
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn paths_of_every_kind() {
    let siege = Siege::start().await;
    let long = "9".repeat(4_000);
    let values = [
        "0",
        "-1",
        "abc",
        "1.5",
        "%00",
        "1%00",
        "%ff",
        "%2e%2e",
        "%2f",
        "%F0%9F%98%80",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999",
        "+1",
        "%201",
        long.as_str(),
    ];
    for operation in siege.operations.iter().filter(|it| !it.page) {
        for name in &operation.path_params {
            for value in values {
                let mut ids: BTreeMap<String, String> = siege.world.ids.clone();
                ids.insert(name.clone(), value.to_owned());
                let path = operation.at(&ids);
                let body = base(operation, &siege.world).to_string().into_bytes();
                let answer = siege.attack(operation, &path, JSON, body, name).await;
                let status = answer.status.as_u16();
                let refused = matches!(status, 400 | 401 | 404 | 422);
                assert!(
                    refused,
                    "{} {path:.200}: {status} {}",
                    operation.id, answer.text
                );
            }
        }
    }
    siege.stop().await;
}

#[tokio::test]
async fn unknown_ids_and_names_in_bodies_are_refused() {
    let siege = Siege::start().await;
    let cases = [
        ("contact_create", json!({ "inbox_id": 999_999 }), 404),
        (
            "conversation_create",
            json!({ "inbox_id": 999_999, "contact_id": 1 }),
            404,
        ),
        (
            "conversation_create",
            json!({ "inbox_id": 1, "contact_id": 999_999 }),
            404,
        ),
        ("conversation_create", json!({ "status": "nonsense" }), 422),
        (
            "conversation_toggle_status",
            json!({ "status": "nonsense" }),
            422,
        ),
        ("message_create", json!({ "message_type": "nonsense" }), 422),
        ("message_create", json!({ "content_type": "nonsense" }), 422),
        (
            "inbox_create",
            json!({ "channel": { "type": "nonsense" } }),
            422,
        ),
        (
            "webhook_create",
            json!({ "subscriptions": ["nonsense"] }),
            422,
        ),
        ("webhook_create", json!({ "inbox_id": 999_999 }), 404),
        ("webhooks_api_channel", json!({ "inbox_id": 999_999 }), 404),
        ("contact_merge", json!({ "base_contact_id": 999_999 }), 404),
        (
            "contact_merge",
            json!({ "mergee_contact_id": 999_999 }),
            404,
        ),
        ("contact_inbox_create", json!({ "inbox_id": 999_999 }), 404),
        ("contact_inbox_filter", json!({ "inbox_id": 999_999 }), 404),
        ("contact_filter", json!({ "payload": [{}] }), 422),
        ("contact_filter", json!({ "payload": null }), 422),
        ("contact_filter", json!({ "sort": "nonsense" }), 422),
    ];
    for (id, change, status) in cases {
        let operation = siege
            .operations
            .iter()
            .find(|it| it.id == id)
            .expect("an operation");
        let mut body = base(operation, &siege.world);
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = siege.attack_json(operation, &body, &body.to_string()).await;
        assert_eq!(answer.status, status, "{id} {body}: {}", answer.text);
    }
    siege.stop().await;
}
