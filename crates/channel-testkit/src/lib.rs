//! What a channel is tested with.
//!
//! | to | use |
//! |---|---|
//! | run every rule that all channels keep | [`conformance!`] with a [`Fixture`] |
//! | script the host in a channel's own test | [`FakeHost`], [`ExpectedHttp`] |
//! | run a channel's futures | [`block_on`] |
//!
//! The suite runs every check twice: linked in, and behind [`gatewright_channel::loopback`], so
//! that what a channel says and asks is proved to survive the border of a process. A failure names
//! the check, the transport, what was expected and what came.
//!
//! Deliberately absent: a runtime, sockets and real time. A channel that waits for something other
//! than its host has stalled, and that is a failure.
//!
//! To add a check: a function in `checks/`, and its name in [`for_each_check!`].

pub mod checks;
mod executor;
mod fake_host;
mod fixture;
mod suite;

pub use executor::{Stalled, block_on, poll_times, try_block_on};
pub use fake_host::{ExpectedHttp, FakeHost, NOW_MS};
pub use fixture::{
    Fixture, InvalidSettings, OutcomeClass, ProviderAnswer, ReceiveCase, ReceiveExpected,
};
pub use suite::{Check, Failure, Subject, Transport, report, require};

/// Calls a macro with further arguments and the name of every check.
#[macro_export]
macro_rules! for_each_check {
    ([$($then:tt)*] $($argument:tt)*) => {
        $($then)*! { $($argument)*
            descriptor_is_stable
            descriptor_is_well_formed
            descriptor_survives_json
            schema_describes_the_settings
            secrets_are_marked
            inbound_routes_are_well_formed
            settings_examples_open
            settings_missing_fields_are_named
            settings_invalid_fields_are_named
            settings_of_any_shape_never_panic
            settings_normalize_is_idempotent
            settings_secrets_never_leak
            receive_understands_its_cases
            receive_repeats_itself
            receive_withstands_mutated_bodies
            receive_gives_dedup_keys_by_auth
            deliver_outcomes_follow_the_table
            deliver_repeats_the_same_bytes
            deliver_asks_only_granted_hosts
            deliver_survives_cancellation
            deliver_runs_concurrently
            deliver_refuses_the_other_shape
        }
    };
}

/// Makes one `#[test]` for every check: `conformance!(MyChannel, MyFixture);` with a
/// [`ChannelType`](gatewright_channel::ChannelType) and an expression that is its [`Fixture`].
#[macro_export]
macro_rules! conformance {
    ($channel:ty, $fixture:expr) => {
        $crate::for_each_check!([$crate::conformance_tests][$channel][$fixture]);
    };
}

/// The tests behind [`conformance!`].
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ([$channel:ty] [$fixture:expr] $($check:ident)*) => {
        $(
            #[test]
            fn $check() {
                $crate::require::<$channel>(
                    &$fixture,
                    stringify!($check),
                    $crate::checks::$check,
                );
            }
        )*
    };
}
