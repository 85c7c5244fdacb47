use std::thread;

use futures_util::future::join_all;
use gatewright_channel::{
    Delivery, DeliveryOutcome, EffectResult, FailCode, HttpEffect, Outbound, OutboundEvent,
    OutboundMessage, Payload, SettingPtr,
};
use serde_json::{Map, Value};

use super::expect;
use crate::suite::{deliver, delivery_host};
use crate::{Fixture, OutcomeClass, ProviderAnswer, Subject, poll_times, try_block_on};

/// More polls than any delivery of a fixture should take.
const MAX_POLLS: usize = 1000;

/// Every answer of the provider comes to the outcome that the fixture says, with a reason.
pub fn deliver_outcomes_follow_the_table(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let channel = subject.channel();
    let delivery = subject.fixture.delivery();
    for answer in ProviderAnswer::all() {
        let result = effect_result(subject.fixture, answer);
        let delivered = match deliver(&*channel, &delivery, &result) {
            Ok(delivered) => delivered,
            Err(problem) => {
                problems.push(format!("{answer:?}: {problem}"));
                continue;
            }
        };
        let (outcome, expected) = (&delivered.outcome, subject.fixture.outcome(answer));
        expect(
            &mut problems,
            OutcomeClass::from(outcome) == expected,
            || format!("{answer:?}: expected {expected:?}, got {outcome:?}"),
        );
        expect(&mut problems, !delivered.host.requests().is_empty(), || {
            format!("{answer:?}: expected a request, there was none")
        });
        expect(
            &mut problems,
            reason(outcome).is_none_or(|text| !text.trim().is_empty()),
            || format!("{answer:?}: expected a reason for a person, got {outcome:?}"),
        );
        // Repeating what may have arrived is the host's decision, and it must know of the doubt.
        let doubted = !matches!(outcome, DeliveryOutcome::Retry { .. });
        expect(
            &mut problems,
            answer != ProviderAnswer::Ambiguous || doubted,
            || format!("{answer:?}: Retry means certainly not sent, got {outcome:?}"),
        );
    }
    problems
}

/// The same delivery sends the same requests at every attempt.
pub fn deliver_repeats_the_same_bytes(subject: &Subject<'_>) -> Vec<String> {
    let success = effect_result(subject.fixture, ProviderAnswer::Status(200));
    let channel = subject.channel();
    let requests_of = |attempt: u32| {
        let delivery = at_attempt(subject.fixture.delivery(), attempt);
        deliver(&*channel, &delivery, &success).map(|delivered| delivered.host.requests())
    };
    let (once, again) = (requests_of(1), requests_of(2));
    if once.is_ok() && once == again {
        return Vec::new();
    }
    vec![format!(
        "expected the same requests at every attempt, got {once:?} and {again:?}"
    )]
}

/// Only the hosts of the descriptor's permissions are asked.
pub fn deliver_asks_only_granted_hosts(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let settings = subject.fixture.full_settings();
    let granted = granted_hosts(
        &subject.plugin.descriptor().permissions.http_hosts,
        &settings,
    );
    let channel = subject.channel();
    for answer in ProviderAnswer::all() {
        let result = effect_result(subject.fixture, answer);
        let requests = match deliver(&*channel, &subject.fixture.delivery(), &result) {
            Ok(delivered) => delivered.host.requests(),
            Err(problem) => {
                problems.push(format!("{answer:?}: {problem}"));
                continue;
            }
        };
        for HttpEffect { url, .. } in requests {
            let asked = host_of(&url);
            expect(
                &mut problems,
                asked.as_ref().is_some_and(|host| granted.contains(host)),
                || format!("expected only the hosts {granted:?} to be asked, got {url}"),
            );
        }
    }
    problems
}

/// A delivery dropped at any point leaves nothing behind: the next one goes through.
pub fn deliver_survives_cancellation(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let success = effect_result(subject.fixture, ProviderAnswer::Status(200));
    let delivery = subject.fixture.delivery();
    let channel = subject.channel();
    for polls in 0..MAX_POLLS {
        let host = delivery_host(&delivery).answer_all(success.clone());
        let finished = poll_times(channel.deliver(&host, delivery.clone()), polls).is_some();
        problems.extend(host.take_problems());
        match deliver(&*channel, &delivery, &success).map(|next| next.outcome) {
            Ok(DeliveryOutcome::Accepted { .. }) => {}
            next => problems.push(format!(
                "expected the delivery after one cancelled after {polls} polls to be accepted, got {next:?}"
            )),
        }
        if finished || !problems.is_empty() {
            return problems;
        }
    }
    vec![format!(
        "expected a delivery to end within {MAX_POLLS} polls"
    )]
}

/// 100 deliveries at once, on four threads, are all accepted.
pub fn deliver_runs_concurrently(subject: &Subject<'_>) -> Vec<String> {
    let success = effect_result(subject.fixture, ProviderAnswer::Status(200));
    let delivery = subject.fixture.delivery();
    let channel = subject.channel();
    let one = async || {
        let host = delivery_host(&delivery).answer_all(success.clone());
        let outcome = channel.deliver(&host, delivery.clone()).await;
        let mut problems = host.take_problems();
        let accepted = matches!(outcome, DeliveryOutcome::Accepted { .. });
        expect(&mut problems, accepted, || {
            format!("expected Accepted, got {outcome:?}")
        });
        problems
    };
    let batch = || match try_block_on(join_all((0..25).map(|_| one()))) {
        Ok(problems) => problems.concat(),
        Err(_) => vec!["concurrent deliveries stalled".to_owned()],
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(batch)).collect();
        let joined = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| vec!["a concurrent delivery panicked".to_owned()])
        });
        joined.flatten().collect()
    })
}

/// A delivery of the shape that the channel does not take fails for good, without a request.
pub fn deliver_refuses_the_other_shape(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let takes_messages = subject.plugin.descriptor().outbound == Outbound::Messages;
    let sample_is_message = matches!(subject.fixture.delivery(), Delivery::Message(_));
    expect(&mut problems, takes_messages == sample_is_message, || {
        "expected the fixture's delivery in the shape that the descriptor names".to_owned()
    });
    let other = if takes_messages {
        an_event()
    } else {
        a_message()
    };
    let success = effect_result(subject.fixture, ProviderAnswer::Status(200));
    match deliver(&*subject.channel(), &other, &success) {
        Ok(delivered) => {
            let class = OutcomeClass::from(&delivered.outcome);
            let right = class == OutcomeClass::Failed(FailCode::Unsupported)
                && delivered.host.requests().is_empty();
            expect(&mut problems, right, || {
                format!("expected Failed(Unsupported) without a request, got {class:?}")
            });
        }
        Err(problem) => problems.push(problem),
    }
    problems
}

/// What the host tells the channel when the provider answers so.
pub(super) fn effect_result(fixture: &dyn Fixture, answer: ProviderAnswer) -> EffectResult {
    let http = |status: u16, headers: &[(&str, &str)], body: Payload| EffectResult::Http {
        status,
        headers: headers
            .iter()
            .map(|&(name, of)| (name.to_owned(), of.to_owned()))
            .collect(),
        body,
    };
    let limited = |after: &str| http(429, &[("Retry-After", after)], "{}".into());
    match answer {
        ProviderAnswer::Status(204) => http(204, &[], Payload::default()),
        ProviderAnswer::Status(status @ 200..300) => {
            http(status, &[], fixture.success_body().into())
        }
        ProviderAnswer::Status(status) => http(status, &[], "{}".into()),
        ProviderAnswer::RetryAfterSeconds => limited("30"),
        ProviderAnswer::RetryAfterDate => limited("Thu, 01 Jan 2026 00:01:30 GMT"),
        ProviderAnswer::Malformed => http(200, &[], "<html>{".into()),
        ProviderAnswer::NotSent => EffectResult::NotSent {
            reason: "connection refused".to_owned(),
        },
        ProviderAnswer::Ambiguous => EffectResult::Ambiguous {
            reason: "timed out reading the answer".to_owned(),
        },
        ProviderAnswer::Denied => EffectResult::Denied {
            reason: "egress.allow_hosts does not name it".to_owned(),
        },
        ProviderAnswer::Unsupported => EffectResult::Unsupported,
    }
}

fn reason(outcome: &DeliveryOutcome) -> Option<&str> {
    match outcome {
        DeliveryOutcome::Accepted { .. } => None,
        DeliveryOutcome::Retry { reason, .. }
        | DeliveryOutcome::Uncertain { reason }
        | DeliveryOutcome::Failed { reason, .. } => Some(reason),
    }
}

fn at_attempt(mut delivery: Delivery, attempt: u32) -> Delivery {
    match &mut delivery {
        Delivery::Message(message) => message.attempt = attempt,
        Delivery::Event(event) => event.attempt = attempt,
    }
    delivery
}

fn granted_hosts(permitted: &[String], settings: &Value) -> Vec<String> {
    let resolve = |host: &String| match host.strip_prefix("$settings") {
        Some(pointer) => host_of(SettingPtr::from(pointer).text(settings)?),
        None => Some(host.to_ascii_lowercase()),
    };
    permitted.iter().filter_map(resolve).collect()
}

/// The host of an absolute http or https URL, in lower case and without user, password and port.
fn host_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn an_event() -> Delivery {
    Delivery::Event(OutboundEvent {
        id: "delivery-other".to_owned(),
        name: "message_created".to_owned(),
        body: "{}".into(),
        attempt: 1,
    })
}

fn a_message() -> Delivery {
    Delivery::Message(Box::new(OutboundMessage {
        id: "delivery-other".to_owned(),
        attempt: 1,
        source_id: "1".to_owned(),
        content: Some("Hello".to_owned()),
        content_type: "text".to_owned(),
        content_attributes: Map::new(),
        template_params: None,
        reply_to: None,
        attachments: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_are_read_without_their_trimmings() {
        let host = Some("a.test".to_owned());
        for url in [
            "https://a.test",
            "http://A.test:80/x",
            "https://b.test@a.test/",
            "https://a.test?b",
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
        assert_eq!(host_of("http://[::1]:80/"), Some("::1".to_owned()));
        assert_eq!(host_of("ftp://a.test/"), None);
        assert_eq!(host_of("a.test"), None);
    }
}
