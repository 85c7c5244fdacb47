//! Who may do what where: every operation of the served document, called by everybody who must not.
//! Nothing is written and nothing of another account is shown.

mod bodies;

use std::collections::BTreeMap;

use gatewright_tests::{Actor, Answer, Operation, TableReader, TestGateway, World, meant, sent};
use http::Method;
use serde_json::{Value, json};

type Ids = BTreeMap<String, String>;

/// What an agent who is in no inbox meets: what is named nowhere is refused.
#[derive(PartialEq)]
enum Agent {
    /// 401, policy.
    Refused,
    /// 200 without anything of an inbox.
    SeesNothing,
    /// As an administrator: contacts are everybody's, and the catalogue is no secret.
    Allowed,
}

fn agent_rule(operation: &Operation) -> Agent {
    match operation.id.as_str() {
        "channel_list"
        | "contact_show"
        | "contact_create"
        | "upload_create"
        | "contact_list"
        | "contact_search"
        | "contact_active_list"
        | "contact_filter"
        | "contact_update"
        | "contact_replace"
        | "contact_label_list"
        | "contact_label_replace"
        | "contact_custom_attributes_destroy"
        | "contact_avatar_delete"
        | "contact_merge"
        | "account_show"
        | "account_update_active_at"
        | "account_cache_keys"
        | "agent_list"
        | "label_list" => Agent::Allowed,
        "inbox_list"
        | "conversation_list"
        | "conversation_meta"
        | "conversation_filter"
        | "contact_conversation_list"
        | "contact_contactable_inbox_list" => Agent::SeesNothing,
        _ => Agent::Refused,
    }
}

const NO_TOKEN: &str = r#"{"errors":["You need to sign in or sign up before continuing."]}"#;
const UNKNOWN_TOKEN: &str = r#"{"error":"Invalid Access Token"}"#;
const NOT_A_MEMBER: &str = r#"{"error":"You are not authorized to access this account"}"#;
const REFUSED: &str = r#"{"error":"You are not authorized to do this action"}"#;
const NOT_FOUND: &str = r#"{"error":"Resource could not be found"}"#;

/// Two accounts, each with one of everything; the foreign one has more conversations.
struct Walk {
    gateway: TestGateway,
    own: World,
    foreign: World,
    tables: TableReader,
    operations: Vec<Operation>,
    spec: Value,
}

impl Walk {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let own = World::fill(&gateway, gateway.administrator(), "Mine", 1).await;
        let other = gateway.other_account().await;
        let foreign = World::fill(&gateway, other, "Foreign", 3).await;
        let spec = gateway.gateway().spec();
        let mut operations = Operation::all(&spec);
        operations.retain(|operation| !operation.public && !operation.page);
        let tables = gateway.tables().await;
        Self {
            gateway,
            own,
            foreign,
            tables,
            operations,
            spec,
        }
    }

    /// The operations of a resource of the account.
    fn in_account(&self) -> impl Iterator<Item = &Operation> {
        let all = self.operations.iter();
        all.filter(|operation| operation.in_account() || is_door(operation))
    }

    /// Calls an operation and asserts that no row of any table changed, that nothing of the
    /// foreign account is in the answer, and that the answer is as the document says.
    async fn unchanged(
        &self,
        actor: &Actor,
        operation: &Operation,
        path: &str,
        body: &Value,
    ) -> Answer {
        let before = self.tables.read().await;
        let answer = call(actor, operation, path, body, &self.own).await;
        self.gateway.settle().await;
        let changed = before.changed(&self.tables.read().await);
        let context = format!("{} {path} {body}", operation.id);
        assert!(changed.is_empty(), "{context}: {changed:?} {}", answer.text);
        assert!(
            !answer.text.contains(&self.foreign.mark),
            "{context}: {}",
            answer.text
        );
        let faults = operation.faults(&self.spec, &answer);
        assert!(faults.is_empty(), "{context}: {faults:?} {}", answer.text);
        answer
    }

    /// The operation as it is meant, in the own account, by somebody; answers 401 with this text.
    async fn all_refused(&self, actor: &Actor, text: &str) {
        self.refused(actor, text, |_| true).await;
    }

    async fn refused(&self, actor: &Actor, text: &str, which: impl Fn(&Operation) -> bool) {
        for operation in self.operations.iter().filter(|it| which(it)) {
            let path = operation.at(&self.own.ids);
            let body = meant(operation, &self.own.ids);
            let answer = self.unchanged(actor, operation, &path, &body).await;
            assert_eq!(answer.status, 401, "{}: {}", operation.id, answer.text);
            assert_eq!(answer.text, text, "{}", operation.id);
        }
    }

    async fn stop(self) {
        self.tables.close().await;
        self.gateway.stop().await;
    }
}

/// What a path of a record that is not there answers: 404, but for a message to be sent again,
/// where the contract has 422 for whatever is wrong with it.
fn absent(operation: &Operation, name: &str, ids: &Ids) -> (u16, String) {
    if operation.id == "message_retry" && name == "message_id" {
        let text = format!(
            r#"{{"error":"Couldn't find Message with 'id'={}"}}"#,
            ids[name]
        );
        return (422, text);
    }
    (404, NOT_FOUND.to_owned())
}

/// The operations of the account itself: to who is not in it, it does not exist.
fn is_account(operation: &Operation) -> bool {
    operation.id.starts_with("account_")
}

/// The doors of channels carry the account in a header.
fn is_door(operation: &Operation) -> bool {
    operation.path.starts_with("/webhooks/")
}

async fn call(
    actor: &Actor,
    operation: &Operation,
    path: &str,
    body: &Value,
    world: &World,
) -> Answer {
    let (content_type, bytes) = sent(operation, body);
    let mut headers = vec![("content-type", content_type)];
    if is_door(operation) {
        headers.push(("api_account_id", world.ids["account_id"].as_str()));
    }
    actor
        .send(operation.method.clone(), path, &headers, bytes)
        .await
}

#[tokio::test]
async fn without_a_token_nothing_happens() {
    let walk = Walk::start().await;
    walk.all_refused(&walk.gateway.anonymous(), NO_TOKEN).await;
    walk.stop().await;
}

#[tokio::test]
async fn with_an_unknown_token_nothing_happens() {
    let walk = Walk::start().await;
    walk.all_refused(&walk.gateway.stranger(), UNKNOWN_TOKEN)
        .await;
    walk.stop().await;
}

#[tokio::test]
async fn another_accounts_administrator_gets_nowhere() {
    let walk = Walk::start().await;
    let foreign = &walk.foreign.administrator;
    let theirs = |it: &Operation| (it.in_account() || is_door(it)) && !is_account(it);
    walk.refused(foreign, NOT_A_MEMBER, theirs).await;
    for operation in walk.in_account().filter(|it| is_account(it)) {
        let path = operation.at(&walk.own.ids);
        let body = meant(operation, &walk.own.ids);
        let answer = walk.unchanged(foreign, operation, &path, &body).await;
        assert_eq!(answer.status, 404, "{}: {}", operation.id, answer.text);
        assert_eq!(answer.text, NOT_FOUND, "{}", operation.id);
    }
    walk.stop().await;
}

#[tokio::test]
async fn ids_of_another_account_in_the_path_do_not_exist() {
    let walk = Walk::start().await;
    let mut tried = 0;
    for operation in walk.in_account() {
        for name in operation
            .path_params
            .iter()
            .filter(|name| *name != "account_id")
        {
            let mut ids = walk.own.ids.clone();
            ids.insert(name.clone(), walk.foreign.ids[name].clone());
            let (path, body) = (operation.at(&ids), meant(operation, &walk.own.ids));
            let actor = &walk.own.administrator;
            let answer = walk.unchanged(actor, operation, &path, &body).await;
            let (status, text) = absent(operation, name, &ids);
            assert_eq!(answer.text, text, "{} {path}", operation.id);
            assert_eq!(answer.status, status, "{} {path}", operation.id);
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} paths were tried");
    walk.stop().await;
}

/// A contact's own client, whose path names an inbox, a contact and a conversation: each of them
/// must belong to the one before.
#[tokio::test]
async fn ids_of_another_inbox_in_a_public_path_do_not_exist() {
    let walk = Walk::start().await;
    let mut operations = Operation::all(&walk.spec);
    operations.retain(|it| it.path.starts_with("/public/") && it.path_params.len() > 1);
    let mut tried = 0;
    for operation in &operations {
        for name in &operation.path_params {
            let mut ids = walk.own.ids.clone();
            ids.insert(name.clone(), walk.foreign.ids[name].clone());
            let (path, body) = (operation.at(&ids), meant(operation, &walk.own.ids));
            let anonymous = walk.gateway.anonymous();
            let answer = walk.unchanged(&anonymous, operation, &path, &body).await;
            assert_eq!(
                answer.status, 404,
                "{} {path}: {}",
                operation.id, answer.text
            );
            answer.assert_refused(&path);
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} paths were tried");
    walk.stop().await;
}

#[tokio::test]
async fn filters_by_ids_of_another_account_find_nothing() {
    let walk = Walk::start().await;
    let mut tried = 0;
    for operation in walk.operations.iter().filter(|it| it.method == Method::GET) {
        for name in operation.query.iter().filter(|name| name.ends_with("_id")) {
            let Some(id) = walk.foreign.ids.get(name.as_str()) else {
                assert_eq!(
                    name, "source_id",
                    "{}: no rule for the filter",
                    operation.id
                );
                continue;
            };
            let path = format!("{}?{name}={id}", operation.at(&walk.own.ids));
            let actor = &walk.own.administrator;
            let answer = walk.unchanged(actor, operation, &path, &Value::Null).await;
            let body = answer.json();
            let payload = body.get("payload").unwrap_or(&body["data"]["payload"]);
            let nothing = answer.status == 404
                || *payload == json!([])
                || body["meta"]["all_count"] == json!(0);
            assert!(nothing, "{path}: {} {}", answer.status, answer.text);
            tried += 1;
        }
    }
    assert!(tried >= 5, "{tried} filters were tried");
    walk.stop().await;
}

#[tokio::test]
async fn an_agent_in_no_inbox_reaches_no_inbox() {
    let walk = Walk::start().await;
    let agent = walk.gateway.agent("Agent").await;
    for operation in walk.in_account() {
        let path = operation.at(&walk.own.ids);
        let body = meant(operation, &walk.own.ids);
        let rule = agent_rule(operation);
        let answer = if rule == Agent::Allowed {
            call(&agent, operation, &path, &body, &walk.own).await
        } else {
            walk.unchanged(&agent, operation, &path, &body).await
        };
        let context = format!("{} {}", operation.id, answer.text);
        match rule {
            Agent::Refused => {
                assert_eq!(answer.status, 401, "{context}");
                assert_eq!(answer.text, REFUSED, "{context}");
            }
            Agent::SeesNothing => {
                answer.ok();
                assert!(!answer.text.contains(&walk.own.mark), "{context}");
            }
            Agent::Allowed => drop(answer.ok()),
        }
    }
    walk.stop().await;
}

/// The same requests by the right caller: the refusals above are not about the requests.
#[tokio::test]
async fn the_walks_requests_are_right() {
    let walk = Walk::start().await;
    let mut operations: Vec<&Operation> = walk.operations.iter().collect();
    operations.sort_by_key(|operation| operation.turn());
    for operation in operations {
        let path = operation.at(&walk.own.ids);
        let body = meant(operation, &walk.own.ids);
        let answer = call(&walk.own.administrator, operation, &path, &body, &walk.own).await;
        assert_eq!(answer.status, 200, "{}: {}", operation.id, answer.text);
        assert!(
            !answer.text.contains(&walk.foreign.mark),
            "{}",
            operation.id
        );
    }
    walk.stop().await;
}
