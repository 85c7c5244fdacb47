//! Ids of another account in the fields of bodies, as the document names them.

use gatewright_tests::{Operation, meant, properties};
use serde_json::{Value, json};

use super::Walk;

/// The id of the world that a field of a body takes; `None` when it is none of a record.
fn id_of(name: &str) -> Option<&str> {
    match name {
        "base_contact_id" | "mergee_contact_id" => Some("contact_id"),
        "user_ids" => Some("user_id"),
        // Texts of the caller's own, numbers of what no gateway has, and bounds of a range of the
        // caller's own deliveries.
        "source_id" | "echo_id" | "campaign_id" | "portal_id" | "from_id" | "until_id" => None,
        other => Some(other),
    }
}

/// The fields of an operation's body that take ids, one level of objects deep, with the names of
/// those in the world.
fn id_fields(spec: &Value, operation: &Operation) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut take = |pointer: String, name: &str| {
        let is_id = name.ends_with("_id") || name.ends_with("_ids");
        if let Some(id) = id_of(name).filter(|_| is_id) {
            found.push((pointer, id.to_owned()));
        }
    };
    for (outer, schema) in operation
        .body
        .iter()
        .flat_map(|body| properties(spec, body))
    {
        take(format!("/{outer}"), &outer);
        for (inner, _) in properties(spec, schema) {
            take(format!("/{outer}/{inner}"), &inner);
        }
    }
    found
}

/// The body with an id in a field, as a list where it takes one.
fn with_id(mut body: Value, pointer: &str, id: i64) -> Value {
    let id = if pointer.ends_with('s') {
        json!([id])
    } else {
        json!(id)
    };
    let (outer, name) = pointer.rsplit_once('/').expect("a pointer");
    let object = match outer.strip_prefix('/') {
        None => &mut body,
        Some(outer) => &mut body[outer],
    };
    if outer == "/contact" {
        // By this id alone.
        *object = json!({});
    }
    object[name] = id;
    body
}

#[tokio::test]
async fn ids_of_another_account_in_the_body_do_not_exist() {
    let walk = Walk::start().await;
    let spec = &walk.spec;
    let mut tried = 0;
    for operation in &walk.operations {
        for (pointer, id) in id_fields(spec, operation) {
            let is_assignment = operation.id == "assignment_create";
            // Of two whom a conversation is assigned to, the first is taken.
            let meant = if is_assignment {
                json!({})
            } else {
                meant(operation, &walk.own.ids)
            };
            let body = with_id(meant, &pointer, walk.foreign.number(&id));
            let path = operation.at(&walk.own.ids);
            let actor = &walk.own.administrator;
            let answer = walk.unchanged(actor, operation, &path, &body).await;
            let context = format!("{} {body}", operation.id);
            tried += 1;
            // Whom nobody knows is nobody, and not there to be removed.
            let is_removal = operation.id == "inbox_member_remove" && pointer == "/user_ids";
            if is_assignment || is_removal {
                assert_eq!(answer.ok(), Value::Null, "{context}");
                continue;
            }
            answer.assert_refused(&context);
            let status = answer.status.as_u16();
            assert!(
                matches!(status, 401 | 404 | 422),
                "{context}: {}",
                answer.text
            );
        }
    }
    assert!(tried >= 20, "{tried} bodies were tried");
    walk.stop().await;
}
