//! What a gateway must survive: nothing a client sends makes a 5xx other than a 503 that says when
//! to come back, every refusal has the contract's shape, and what is refused changes no row.

mod bodies;
mod fields;
mod targets;

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

    fn operation(&self, id: &str) -> &Operation {
        let mut all = self.operations.iter();
        all.find(|operation| operation.id == id)
            .expect("an operation")
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
