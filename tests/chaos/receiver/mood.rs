//! How receivers misbehave.

use std::time::Duration;

use http::StatusCode;

/// What is wrong with a receiver.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Vice {
    /// Answers after 20 to 80 ms, one in 23 with 503.
    Busy,
    /// Answers every third with 500, 429 or 503.
    Errs,
    /// Never answers one in 30, and holds the connection.
    Hangs,
    /// Resets the connection of one in 5.
    Resets,
    /// Down for 1.5 s of every 4.
    Flaps,
    /// Takes up to 2.4 s for one in 10: some beyond the sender's patience.
    Crawls,
    /// Closes the connection of one in 5 without an answer, or in its midst.
    ClosesEarly,
    /// Sends one in 4 elsewhere.
    Redirects,
    /// Never takes one message in 100, else busy.
    Picky,
}

/// What becomes of one request.
pub(super) enum Reply {
    Accept,
    Refuse(StatusCode),
    Redirect,
    HalfBody,
    Close,
    Reset,
    Hang,
}

/// A reply, and how long it takes.
pub(super) struct Timed {
    pub(super) after: Duration,
    pub(super) reply: Reply,
}

impl Vice {
    pub(super) fn reply(self, dice: u64, message: i64, up: Duration, quick: bool) -> Timed {
        let never = matches!(self, Self::Picky) && message % 100 == 7;
        if quick {
            let after = Duration::ZERO;
            let reply = if never { refuse() } else { Reply::Accept };
            return Timed { after, reply };
        }
        let mut after = 20 + (dice >> 32) % 60;
        let one_in = |n: u64| dice.is_multiple_of(n);
        let reply = match self {
            Self::Busy if one_in(23) => Reply::Refuse(StatusCode::SERVICE_UNAVAILABLE),
            Self::Errs if one_in(3) => match dice % 4 {
                0 => Reply::Refuse(StatusCode::TOO_MANY_REQUESTS),
                1 => Reply::Refuse(StatusCode::SERVICE_UNAVAILABLE),
                _ => refuse(),
            },
            Self::Hangs if one_in(30) => Reply::Hang,
            Self::Resets if one_in(5) => Reply::Reset,
            Self::Flaps if up.as_millis() % 4000 < 1500 => match dice % 3 {
                0 => Reply::Reset,
                1 => Reply::Close,
                _ => refuse(),
            },
            Self::Crawls if one_in(10) => {
                after = (dice >> 16) % 2400;
                Reply::Accept
            }
            Self::ClosesEarly if one_in(10) => Reply::HalfBody,
            Self::ClosesEarly if one_in(5) => Reply::Close,
            Self::Redirects if one_in(4) => Reply::Redirect,
            Self::Picky if never => refuse(),
            _ => Reply::Accept,
        };
        Timed {
            after: Duration::from_millis(after),
            reply,
        }
    }
}

fn refuse() -> Reply {
    Reply::Refuse(StatusCode::INTERNAL_SERVER_ERROR)
}
