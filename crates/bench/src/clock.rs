//! The one clock that this process and the receiver share.

use std::time::UNIX_EPOCH;

/// Microseconds since 1970 UTC. Two processes of one machine compare it.
#[expect(
    clippy::disallowed_methods,
    reason = "the time itself is measured here, over the border of a process"
)]
pub(crate) fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}
