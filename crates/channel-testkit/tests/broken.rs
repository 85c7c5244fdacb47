//! The suite finds what it looks for: a sound channel passes, each broken one fails by the check
//! that is meant for it, over both transports.

mod mock;

use std::collections::BTreeSet;

use gatewright_channel_testkit::{Failure, Transport, report};
use mock::{Mock, MockFixture};

/// Runs the suite: the fault is caught by this check, over both transports.
fn is_caught_by<const FAULT: u8>(check: &str) -> Vec<Failure> {
    let failures = report::<Mock<FAULT>>(&MockFixture::of(FAULT));
    for transport in [Transport::Static, Transport::Loopback] {
        assert!(
            failures.iter().any(|failure| failure.check == check
                && failure.transport == transport
                && !failure.problem.is_empty()),
            "{check} did not fail over {transport:?}: {failures:?}"
        );
    }
    failures
}

/// No other check fails, so that a report points at the cause.
fn is_caught_only_by<const FAULT: u8>(check: &str) {
    let failures = is_caught_by::<FAULT>(check);
    let checks: BTreeSet<&str> = failures.iter().map(|failure| failure.check).collect();
    assert_eq!(checks, BTreeSet::from([check]));
}

mod sound {
    use crate::mock::{Mock, MockFixture, SOUND};

    gatewright_channel_testkit::conformance!(Mock<SOUND>, MockFixture::of(SOUND));
}

#[test]
fn an_unstable_descriptor_is_caught() {
    is_caught_only_by::<{ mock::UNSTABLE_DESCRIPTOR }>("descriptor_is_stable");
}

#[test]
fn a_wrong_id_is_caught() {
    is_caught_only_by::<{ mock::WRONG_ID }>("descriptor_is_well_formed");
}

#[test]
fn a_pointer_to_nowhere_is_caught() {
    is_caught_only_by::<{ mock::UNKNOWN_POINTER }>("descriptor_is_well_formed");
}

#[test]
fn a_public_secret_is_caught() {
    is_caught_only_by::<{ mock::PUBLIC_SECRET }>("secrets_are_marked");
}

#[test]
fn an_undeclared_public_setting_is_caught() {
    is_caught_only_by::<{ mock::UNDECLARED_PUBLIC }>("schema_describes_the_settings");
}

#[test]
fn a_migration_that_never_ends_is_caught() {
    is_caught_only_by::<{ mock::MIGRATES_FOR_EVER }>("settings_examples_open");
}

#[test]
fn a_route_elsewhere_is_caught() {
    is_caught_only_by::<{ mock::ROUTE_ELSEWHERE }>("inbound_routes_are_well_formed");
}

#[test]
fn settings_without_checks_are_caught() {
    is_caught_only_by::<{ mock::ACCEPTS_ANY_SETTINGS }>("settings_invalid_fields_are_named");
}

#[test]
fn settings_that_grow_are_caught() {
    is_caught_only_by::<{ mock::GROWING_SETTINGS }>("settings_normalize_is_idempotent");
}

#[test]
fn a_panic_in_open_is_caught() {
    is_caught_only_by::<{ mock::PANICS_IN_OPEN }>("settings_of_any_shape_never_panic");
}

#[test]
fn a_secret_in_the_log_is_caught() {
    is_caught_only_by::<{ mock::LOGS_SECRET }>("settings_secrets_never_leak");
}

#[test]
fn a_secret_in_an_error_is_caught() {
    is_caught_only_by::<{ mock::LEAKS_IN_ERROR }>("settings_secrets_never_leak");
}

#[test]
fn a_panic_on_an_odd_body_is_caught() {
    is_caught_only_by::<{ mock::PANICS_ON_ODD_BODY }>("receive_withstands_mutated_bodies");
}

#[test]
fn a_server_error_on_an_odd_body_is_caught() {
    is_caught_only_by::<{ mock::FAILS_ON_ODD_BODY }>("receive_withstands_mutated_bodies");
}

#[test]
fn an_effect_in_receive_is_caught() {
    is_caught_by::<{ mock::EFFECT_IN_RECEIVE }>("receive_understands_its_cases");
}

#[test]
fn a_signature_that_is_not_checked_is_caught() {
    is_caught_only_by::<{ mock::NO_CHECK_OF_SECRET }>("receive_understands_its_cases");
}

#[test]
fn a_missing_dedup_key_is_caught() {
    is_caught_by::<{ mock::NO_DEDUP_KEY }>("receive_gives_dedup_keys_by_auth");
}

#[test]
fn a_channel_that_remembers_requests_is_caught() {
    is_caught_only_by::<{ mock::FORGETS_IN_RECEIVE }>("receive_repeats_itself");
}

#[test]
fn a_retry_in_doubt_is_caught() {
    is_caught_only_by::<{ mock::RETRIES_THE_AMBIGUOUS }>("deliver_outcomes_follow_the_table");
}

#[test]
fn bytes_that_change_by_attempt_are_caught() {
    is_caught_only_by::<{ mock::COUNTS_ATTEMPTS }>("deliver_repeats_the_same_bytes");
}

#[test]
fn another_host_is_caught() {
    is_caught_only_by::<{ mock::ASKS_OTHER_HOST }>("deliver_asks_only_granted_hosts");
}

#[test]
fn what_a_cancelled_call_leaves_behind_is_caught() {
    is_caught_by::<{ mock::BUSY_AFTER_CANCEL }>("deliver_survives_cancellation");
    is_caught_by::<{ mock::BUSY_AFTER_CANCEL }>("deliver_runs_concurrently");
}

#[test]
fn a_stall_is_caught() {
    is_caught_by::<{ mock::STALLS }>("deliver_outcomes_follow_the_table");
}

#[test]
fn a_delivery_of_the_wrong_shape_is_caught() {
    is_caught_only_by::<{ mock::TAKES_EVENTS }>("deliver_refuses_the_other_shape");
}
