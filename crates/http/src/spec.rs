//! The OpenAPI document: what the handlers say, what the channels declare, and the webhooks.

use gatewright_core::channel::InboundAuth;
use gatewright_core::registry::Registry;
use gatewright_core::wire;
use http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::routes;
use crate::view;

/// What stands beside the operations.
#[derive(OpenApi)]
#[openapi(
    info(title = "Gatewright", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        description = "A channel gateway: messages in, stored, delivered, never lost."),
    components(schemas(
        gatewright_core::wire::InboundStored,
        view::TextError,
        view::ErrorsBody,
        view::UnauthorizedError,
        view::FrameworkError,
        view::ValidationError,
        wire::MessageEvent<'static>,
        wire::ConversationEvent<'static>,
        wire::ContactEvent<'static>,
        wire::TypingEvent<'static>,
        wire::InboxEvent<'static>,
        wire::ReceiverEvent<'static>,
    )),
    tags(
        (name = "api", description = "What is running here."),
        (name = "profile", description = "The caller's own user."),
        (name = "channels", description = "The channels that are built in."),
        (name = "inboxes", description = "Connected accounts of channels."),
        (name = "contacts", description = "People who write."),
        (name = "conversations", description = "What is talked about."),
        (name = "messages", description = "What is said."),
        (name = "attachments", description = "Files."),
        (name = "webhooks", description = "Who must know."),
        (name = "deliveries", description = "What was told to whom, and how that went."),
        (name = "events", description = "What happened, in order."),
        (name = "public", description = "A contact's own client."),
        (name = "inbound", description = "Doors of the channels."),
    )
)]
struct Document;

/// The whole document, as JSON in the order in which it is written. Needs no database.
pub fn spec(registry: &Registry) -> Value {
    let mut document = Document::openapi();
    document.merge(routes::all().split_for_parts().1);
    let mut spec = serde_json::to_value(document).unwrap_or_default();
    describe_answers(&mut spec);
    leave_out_null_defaults(&mut spec["components"]["schemas"]);
    flatten_forms(&mut spec["components"]["schemas"]);
    spec["components"]["securitySchemes"] = json!({
        "token": { "type": "apiKey", "in": "header", "name": "api_access_token",
            "description": "Also read as `api-access-token`, and from `Authorization: Bearer`." }
    });
    spec["security"] = json!([{ "token": [] }]);
    spec["webhooks"] = webhooks();
    for plugin in registry.iter() {
        let descriptor = plugin.descriptor();
        add_schemas(
            &mut spec,
            &descriptor.settings_schema,
            &settings_name(&descriptor.id),
        );
        for route in &descriptor.inbound {
            let request = add_schemas(&mut spec, &route.request_schema, "");
            let path = route.path.clone();
            let method = route.method.to_ascii_lowercase();
            spec["paths"][path][method] = operation(&descriptor.id, route, request);
        }
    }
    spec
}

/// Every answer has a description, which the format requires: the status in words where the
/// operation says no more.
fn describe_answers(spec: &mut Value) {
    let paths = spec["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            if answer["description"].as_str().is_none_or(str::is_empty) {
                let status = StatusCode::from_bytes(status.as_bytes()).ok();
                let reason = status.and_then(|status| status.canonical_reason());
                answer["description"] = reason.unwrap_or("Answer").into();
            }
        }
    }
}

/// A field that may be left out says no more by a default of null, and client generators take one
/// with a default for one that is always there.
fn leave_out_null_defaults(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("default").is_some_and(Value::is_null) {
                drop(map.remove("default"));
            }
            map.values_mut().for_each(leave_out_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_null_defaults),
        _ => {}
    }
}

/// A form with files is one object: what its JSON form has, but for the ids of uploaded files, which
/// have nearly the name of the files themselves.
fn flatten_forms(schemas: &mut Value) {
    let all = schemas.clone();
    let forms = schemas.as_object_mut().into_iter().flatten();
    for (_, form) in forms.filter(|(name, _)| name.ends_with("Form")) {
        let Some(parts) = form["allOf"].as_array().cloned() else {
            continue;
        };
        let mut flat = json!({ "type": "object", "description": form["description"] });
        for part in parts {
            let name = part["$ref"].as_str().and_then(|at| at.rsplit('/').next());
            let part = name.map_or(&part, |name| &all[name]);
            for (key, property) in part["properties"].as_object().into_iter().flatten() {
                if key != "attachments" {
                    flat["properties"][key] = property.clone();
                }
            }
        }
        *form = flat;
    }
}

fn settings_name(channel: &str) -> String {
    let mut chars = channel.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase()).into_iter();
    first
        .chain(chars)
        .chain("ChannelSettings".chars())
        .collect()
}

/// An inbound route, described as its channel declares it.
fn operation(
    channel: &str,
    route: &gatewright_core::channel::InboundRoute,
    request: Option<String>,
) -> Value {
    let name: String = route
        .path
        .trim_start_matches('/')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let response = if route.response_schema.is_null() {
        json!({ "$ref": "#/components/schemas/InboundStored" })
    } else {
        route.response_schema.clone()
    };
    let error = |name: &str, text: &str| {
        json!({ "description": text, "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{name}") } } } })
    };
    let mut operation = json!({
        "tags": ["inbound"],
        "operationId": name,
        "summary": route.summary,
        "description": format!("Declared by the channel `{channel}`."),
        "responses": {
            "200": { "description": "Stored.",
                "content": { "application/json": { "schema": response } } },
            "400": error("FrameworkError", "Malformed body."),
            "401": match route.auth {
                InboundAuth::Caller => error("UnauthorizedError", "No token, or an unknown one."),
                InboundAuth::Channel => error("TextError", "A wrong signature."),
            },
            "404": error("TextError", "No such inbox."),
            "413": error("TextError", "The body is too large."),
            "422": error("ValidationError", "Fields that are missing or contradict each other."),
            "503": error("TextError", "Overloaded; `Retry-After` says when to come back."),
        },
    });
    if let Some(name) = request {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let mut content = json!({ "application/json": { "schema": &schema } });
        if route.auth == InboundAuth::Caller {
            content["multipart/form-data"] = json!({ "schema": with_files(&schema) });
        }
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    match route.auth {
        InboundAuth::Caller => {
            operation["parameters"] = json!([{ "name": "api_account_id", "in": "header",
                "required": false, "schema": { "type": "integer", "format": "int64" },
                "description": "The account; found by the inbox when absent." },
                { "name": "Idempotency-Key", "in": "header", "required": false,
                "schema": { "type": "string" },
                "description": "The same request with the same key has no second effect and gets \
                    the first answer, for 24 hours." }]);
        }
        InboundAuth::Channel => operation["security"] = json!([]),
    }
    operation
}

/// A body with files beside it, as a form.
fn with_files(schema: &Value) -> Value {
    let file = json!({ "type": "string", "format": "binary" });
    let files = json!({ "type": "array", "items": file, "description": "Files." });
    json!({ "allOf": [schema, {
        "type": "object", "properties": { "attachments[]": files } }] })
}

/// Adds a schema of schemars and its definitions to the components; answers its name.
fn add_schemas(spec: &mut Value, schema: &Value, name: &str) -> Option<String> {
    let mut schema = schema.as_object()?.clone();
    schema.remove("$schema");
    let definitions = schema.remove("$defs");
    let title = schema
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let name = if name.is_empty() {
        title
    } else {
        name.to_owned()
    };
    let schemas = spec["components"]["schemas"].as_object_mut()?;
    if let Some(Value::Object(definitions)) = definitions {
        for (name, definition) in definitions {
            schemas
                .entry(name)
                .or_insert_with(|| point_at_components(definition));
        }
    }
    schemas.insert(name.clone(), point_at_components(Value::Object(schema)));
    Some(name)
}

/// `#/$defs/X` becomes `#/components/schemas/X`.
fn point_at_components(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| match value {
                    Value::String(text) if key == "$ref" => (
                        key,
                        Value::String(text.replace("#/$defs/", "#/components/schemas/")),
                    ),
                    other => (key, point_at_components(other)),
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(point_at_components).collect(),
        other => other,
    }
}

/// What receivers are posted, by event name.
fn webhooks() -> Value {
    let events = [
        ("message_created", "MessageEvent"),
        ("message_updated", "MessageEvent"),
        ("conversation_created", "ConversationEvent"),
        ("conversation_updated", "ConversationEvent"),
        ("conversation_status_changed", "ConversationEvent"),
        ("conversation_typing_on", "TypingEvent"),
        ("conversation_typing_off", "TypingEvent"),
        ("contact_created", "ContactEvent"),
        ("contact_updated", "ContactEvent"),
        ("inbox_created", "InboxEvent"),
        ("inbox_updated", "InboxEvent"),
        ("receiver_disabled", "ReceiverEvent"),
    ];
    let described: Map<String, Value> = events
        .iter()
        .map(|(event, schema)| ((*event).to_owned(), webhook(event, schema)))
        .collect();
    Value::Object(described)
}

fn webhook(event: &str, schema: &str) -> Value {
    let header = |name: &str, text: &str| {
        json!({ "name": name, "in": "header", "required": true, "description": text,
            "schema": { "type": "string" } })
    };
    json!({ "post": {
        "operationId": format!("on_{event}"),
        "summary": format!("`{event}`, to account webhooks that subscribe to it and to channels."),
        "security": [],
        "parameters": [
            header("webhook-id", "Id of the delivery, equal over its attempts and replays."),
            header("webhook-timestamp", "Unix seconds of this attempt."),
            header("webhook-signature", "Standard Webhooks signature, `v1,<base64>`."),
            header("X-Chatwoot-Delivery", "Id of the delivery."),
            header("X-Chatwoot-Timestamp", "Unix seconds of this attempt."),
            header("X-Chatwoot-Signature", "`sha256=<hex>` over `{timestamp}.{body}`."),
        ],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{schema}") } } } },
        "responses": {
            "2XX": { "description": "Taken." },
            "410": { "description": "Never again: the receiver is disabled." },
            "default": { "description": "Tried again on schedule." },
        },
    }})
}
