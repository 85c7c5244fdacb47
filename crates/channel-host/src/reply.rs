//! What a channel may answer.

use gatewright_channel::{HttpReply, InboundEvent, Received, Reply};
use http::{HeaderName, HeaderValue, header};

/// Whether the answer can be given.
///
/// # Errors
/// The rule that is broken, for a person.
pub(crate) fn check(received: &Received) -> Result<(), String> {
    let is_message = |event: &InboundEvent| matches!(event, InboundEvent::Message(_));
    match &received.reply {
        Reply::Fixed(reply) if !(200..600).contains(&reply.status) => {
            Err(format!("{} is no status of an answer", reply.status))
        }
        Reply::Stored if !received.events.iter().any(is_message) => {
            Err("it answers a stored message, but has none".to_owned())
        }
        _ => Ok(()),
    }
}

/// The answer without headers that are malformed, or that are the server's to set.
pub(crate) fn sendable(mut reply: HttpReply) -> HttpReply {
    reply.headers.retain(|(name, value)| {
        HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !SERVERS.contains(&name))
            && HeaderValue::from_str(value).is_ok()
    });
    reply
}

/// Framing belongs to the server, and a channel's cookie would be one for the gateway's host.
const SERVERS: [HeaderName; 5] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::SET_COOKIE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[cfg(test)]
mod tests {
    use gatewright_channel::Payload;

    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)]) -> HttpReply {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        HttpReply {
            status,
            headers: headers.iter().map(own).collect(),
            body: Payload(b"x".to_vec()),
        }
    }

    #[test]
    fn headers_that_break_the_answer_are_left_out() {
        let given = reply(
            200,
            &[
                ("Content-Type", "text/plain"),
                ("content-length", "7"),
                ("Set-Cookie", "a=b"),
                ("bad name", "x"),
                ("x-split", "a\r\nb: c"),
            ],
        );
        assert_eq!(
            sendable(given),
            reply(200, &[("Content-Type", "text/plain")])
        );
    }

    #[test]
    fn an_answer_needs_a_final_status_or_a_message() {
        let fixed = |status| Received {
            events: Vec::new(),
            reply: Reply::Fixed(reply(status, &[])),
        };
        for status in [200, 401, 503, 599] {
            assert_eq!(check(&fixed(status)), Ok(()), "{status}");
        }
        for status in [0, 101, 199, 600] {
            assert!(check(&fixed(status)).is_err(), "{status}");
        }
        assert!(
            check(&Received {
                events: Vec::new(),
                reply: Reply::Stored
            })
            .is_err()
        );
    }
}
