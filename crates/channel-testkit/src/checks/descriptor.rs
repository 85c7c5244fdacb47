use std::collections::BTreeSet;

use gatewright_channel::{
    ChannelDescriptor, InboundAuth, InboundRoute, InboxKey, Outbound, PROTOCOL, ReplyWindow,
};

use super::{expect, schema};
use crate::Subject;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Two plugins of one channel describe themselves equally.
pub fn descriptor_is_stable(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let (one, other) = (subject.plugin.descriptor().clone(), subject.another());
    expect(&mut problems, one == *other.descriptor(), || {
        format!(
            "expected equal descriptors, got {one:?} and {:?}",
            other.descriptor()
        )
    });
    problems
}

/// Id, names, version and protocol are what the host can work with, and every pointer into the
/// settings leads somewhere.
pub fn descriptor_is_well_formed(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let descriptor = subject.plugin.descriptor();
    let id = &descriptor.id;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    expect(
        &mut problems,
        id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(plain),
        || format!("expected an id like [a-z][a-z0-9_]*, got {id:?}"),
    );
    for (field, text) in [("name", &descriptor.name), ("version", &descriptor.version)] {
        expect(&mut problems, !text.trim().is_empty(), || {
            format!("expected a {field}, got none")
        });
    }
    let wire_type = &descriptor.wire_type;
    expect(
        &mut problems,
        wire_type
            .strip_prefix("Channel::")
            .is_some_and(|name| !name.is_empty()),
        || format!("expected a wire_type like Channel::Name, got {wire_type:?}"),
    );
    expect(&mut problems, descriptor.protocol == PROTOCOL, || {
        format!("expected protocol {PROTOCOL}, got {}", descriptor.protocol)
    });
    expect(&mut problems, descriptor.settings_version > 0, || {
        "expected a settings_version above 0".to_owned()
    });
    for pointer in pointers(descriptor) {
        expect(
            &mut problems,
            schema::declares(&descriptor.settings_schema, pointer),
            || format!("expected every pointer to name a setting, {pointer} does not"),
        );
    }
    problems
}

/// The descriptor is equal after a way through JSON.
pub fn descriptor_survives_json(subject: &Subject<'_>) -> Vec<String> {
    let descriptor = subject.plugin.descriptor();
    let back = serde_json::to_vec(descriptor)
        .and_then(|bytes| serde_json::from_slice::<ChannelDescriptor>(&bytes));
    match back {
        Ok(back) if back == *descriptor => Vec::new(),
        Ok(back) => vec![format!("expected {descriptor:?}, got {back:?}")],
        Err(error) => vec![format!("expected JSON, got {error}")],
    }
}

/// The settings have an object schema of the dialect 2020-12, and what an inbox's view shows is
/// in it.
pub fn schema_describes_the_settings(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let descriptor = subject.plugin.descriptor();
    let schema = &descriptor.settings_schema;
    for (key, value) in [("$schema", DIALECT), ("type", "object")] {
        expect(
            &mut problems,
            schema.get(key) == Some(&value.into()),
            || format!("expected the settings' schema to say {key} = {value}, got {schema}"),
        );
    }
    let names = schema::top_level(schema);
    for name in &descriptor.public_settings {
        expect(&mut problems, names.contains(name), || {
            format!("expected public settings to be declared, {name:?} is not")
        });
    }
    let settings = subject.fixture.full_settings();
    for name in &names {
        expect(&mut problems, settings.get(name).is_some(), || {
            format!("expected the full settings to have every field, {name:?} is missing")
        });
    }
    problems
}

/// What looks like a secret is marked as one, and no secret is public.
pub fn secrets_are_marked(subject: &Subject<'_>) -> Vec<String> {
    const WORDS: [&str; 6] = [
        "token",
        "secret",
        "password",
        "api_key",
        "private_key",
        "credential",
    ];
    let mut problems = Vec::new();
    let descriptor = subject.plugin.descriptor();
    for property in schema::properties(&descriptor.settings_schema) {
        let name = property.name.to_ascii_lowercase();
        let looks_secret = property.text && WORDS.iter().any(|word| name.contains(word));
        expect(&mut problems, property.secret || !looks_secret, || {
            format!("expected {} to carry \"x-secret\": true", property.pointer)
        });
        let top = property.pointer.split('/').nth(1).unwrap_or_default();
        let public = descriptor.public_settings.iter().any(|name| name == top);
        expect(&mut problems, !(property.secret && public), || {
            format!(
                "expected no secret below a public setting, {} is one",
                property.pointer
            )
        });
    }
    problems
}

/// Inbound routes are unique, below `/webhooks/`, and say how the inbox is found.
pub fn inbound_routes_are_well_formed(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for route in &subject.plugin.descriptor().inbound {
        let name = format!("{} {}", route.method, route.path);
        expect(
            &mut problems,
            route.path.len() > 10 && route.path.starts_with("/webhooks/"),
            || format!("expected {name} to be below /webhooks/"),
        );
        let upper =
            !route.method.is_empty() && route.method.bytes().all(|b| b.is_ascii_uppercase());
        expect(&mut problems, upper, || {
            format!("expected {name} to have an upper-case method")
        });
        expect(&mut problems, finds_its_inbox(route), || {
            format!(
                "expected {name} to name the place of its inbox, got {:?}",
                route.inbox
            )
        });
        expect(
            &mut problems,
            route.auth == InboundAuth::Channel || route.request_schema.is_object(),
            || format!("expected {name} to describe its request: callers read it"),
        );
        expect(&mut problems, seen.insert(name.clone()), || {
            format!("{name} is there twice")
        });
    }
    problems
}

fn finds_its_inbox(route: &InboundRoute) -> bool {
    let segment = |name: &str| {
        route
            .path
            .split('/')
            .any(|part| part == format!("{{{name}}}"))
    };
    match &route.inbox {
        // The key of a setting is either a path segment of that name or in the body.
        InboxKey::Setting(pointer) => pointer.0.starts_with('/'),
        InboxKey::Body(pointer) => pointer.starts_with('/'),
        InboxKey::Path(name) => segment(name),
    }
}

fn pointers(descriptor: &ChannelDescriptor) -> Vec<&str> {
    let mut pointers = Vec::new();
    if let Outbound::Events { target } = &descriptor.outbound {
        pointers.push(target.0.as_str());
    }
    if let ReplyWindow::Setting(pointer) = &descriptor.reply_window {
        pointers.push(&pointer.0);
    }
    if let Some(client) = &descriptor.public_client {
        pointers.push(&client.hmac_mandatory.0);
    }
    pointers.extend(
        descriptor
            .inbound
            .iter()
            .filter_map(|route| match &route.inbox {
                InboxKey::Setting(pointer) => Some(pointer.0.as_str()),
                _ => None,
            }),
    );
    let hosts = descriptor.permissions.http_hosts.iter();
    pointers.extend(hosts.filter_map(|host| host.strip_prefix("$settings")));
    pointers
}
