use gatewright_channel::{
    ChannelError, InboundAuth, InboundBody, InboundEvent, InboundRequest, InboxKey, Received, Reply,
};
use serde_json::Value;

use super::{expect, mutate};
use crate::suite::receive;
use crate::{Fixture, ReceiveCase, ReceiveExpected, Subject};

/// Every case of the fixture comes to what it should, and every route has cases of both kinds.
pub fn receive_understands_its_cases(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let channel = subject.channel();
    let cases = subject.fixture.receive_cases();
    for case in &cases {
        match receive(&*channel, &case.request) {
            Ok(result) => expect(&mut problems, case.expected.matches(&result), || {
                format!(
                    "{}: expected {:?}, got {result:?}",
                    case.name, case.expected
                )
            }),
            Err(problem) => problems.push(format!("{}: {problem}", case.name)),
        }
    }
    for route in &subject.plugin.descriptor().inbound {
        let of_route = |case: &&ReceiveCase| {
            case.request.route == route.path && case.request.method == route.method
        };
        let cases: Vec<&ReceiveCase> = cases.iter().filter(of_route).collect();
        let has =
            |wanted: fn(&ReceiveExpected) -> bool| cases.iter().any(|case| wanted(&case.expected));
        let name = &route.path;
        expect(
            &mut problems,
            has(|of| matches!(of, ReceiveExpected::Received(_))),
            || format!("expected a case that {name} understands, there is none"),
        );
        expect(
            &mut problems,
            has(|of| !matches!(of, ReceiveExpected::Received(_))),
            || format!("expected a case that {name} refuses, there is none"),
        );
        let verifies =
            route.auth == InboundAuth::Channel && !matches!(route.inbox, InboxKey::Path(_));
        let tested = has(|of| matches!(of, ReceiveExpected::Unauthorized));
        expect(&mut problems, tested || !verifies, || {
            format!("expected a case with a wrong signature for {name}, there is none")
        });
    }
    problems
}

/// The same request gives the same result twice.
pub fn receive_repeats_itself(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let channel = subject.channel();
    for case in subject.fixture.receive_cases() {
        let (once, twice) = (
            receive(&*channel, &case.request),
            receive(&*channel, &case.request),
        );
        expect(&mut problems, once == twice, || {
            format!(
                "{}: expected the same result twice, got {once:?} and {twice:?}",
                case.name
            )
        });
    }
    problems
}

/// A mutated body is understood or refused: no panic, no stall, no error that would be a 5xx.
pub fn receive_withstands_mutated_bodies(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let channel = subject.channel();
    let mut routes_seen = Vec::new();
    for case in subject.fixture.receive_cases() {
        if !matches!(case.expected, ReceiveExpected::Received(_)) {
            continue;
        }
        // The heavy ones take time; one case per route shows what there is to see.
        let first = !routes_seen.contains(&case.request.route);
        routes_seen.push(case.request.route.clone());
        for (name, body) in bodies(&case.request.body, first) {
            let request = changed(subject.fixture, &case.request, body);
            let came = match receive(&*channel, &request) {
                Ok(Ok(received)) if is_whole(&received) => continue,
                Ok(Err(
                    ChannelError::Invalid { .. }
                    | ChannelError::Unauthorized
                    | ChannelError::Unparsable { .. },
                )) => continue,
                Ok(Ok(received)) => format!("{received:?}"),
                Ok(Err(error)) => format!("{error:?}"),
                Err(problem) => problem,
            };
            let what = case.name;
            problems.push(format!(
                "{what}, {name}: expected events or a refusal, got {came}"
            ));
        }
    }
    problems
}

/// Events carry a dedup key where the channel authenticates, and none where the host does.
pub fn receive_gives_dedup_keys_by_auth(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let channel = subject.channel();
    for case in subject.fixture.receive_cases() {
        let request = &case.request;
        let routes = &subject.plugin.descriptor().inbound;
        let route = routes
            .iter()
            .find(|route| route.path == request.route && route.method == request.method);
        let Some(route) = route else {
            problems.push(format!("{}: expected a declared route", case.name));
            continue;
        };
        let Ok(Ok(received)) = receive(&*channel, request) else {
            continue;
        };
        for event in &received.events {
            let key = match event {
                InboundEvent::Message(message) => message.dedup_key.as_deref(),
                InboundEvent::Status(status) => status.dedup_key.as_deref(),
                InboundEvent::Unknown => continue,
            };
            let right = match route.auth {
                InboundAuth::Caller => key.is_none(),
                InboundAuth::Channel => key.is_some_and(|key| !key.trim().is_empty()),
            };
            expect(&mut problems, right, || {
                format!(
                    "{}: a dedup_key {key:?} with auth {:?}",
                    case.name, route.auth
                )
            });
        }
    }
    problems
}

/// `Stored` answers with the message of the first event, so there must be one.
fn is_whole(received: &Received) -> bool {
    match &received.reply {
        Reply::Fixed(reply) => (100..600).contains(&reply.status),
        Reply::Stored => matches!(received.events.first(), Some(InboundEvent::Message(_))),
    }
}

fn bodies(body: &InboundBody, with_heavy: bool) -> Vec<(String, InboundBody)> {
    match body {
        InboundBody::Bag { params, files } => {
            let mut found = mutate::bag(params, mutate::mutants);
            if with_heavy {
                found.extend(mutate::bag(params, mutate::heavy));
            }
            found.push(("an empty bag".to_owned(), serde_json::Map::new()));
            let whole = |params| InboundBody::Bag {
                params,
                files: files.clone(),
            };
            found
                .into_iter()
                .map(|(name, params)| (name, whole(params)))
                .collect()
        }
        InboundBody::Raw(bytes) => {
            let mut found = mutate::raw(&bytes.0);
            if let Ok(value) = serde_json::from_slice::<Value>(&bytes.0) {
                let mut values = mutate::mutants(&value);
                if with_heavy {
                    values.extend(mutate::heavy(&value));
                }
                let text = |value: Value| value.to_string().into_bytes();
                found.extend(values.into_iter().map(|(name, value)| (name, text(value))));
            }
            found
                .into_iter()
                .map(|(name, bytes)| (name, InboundBody::Raw(bytes.into())))
                .collect()
        }
    }
}

fn changed(fixture: &dyn Fixture, request: &InboundRequest, body: InboundBody) -> InboundRequest {
    let mut request = InboundRequest {
        body,
        ..request.clone()
    };
    fixture.sign(&mut request);
    request
}
