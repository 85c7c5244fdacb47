//! The rules that every channel keeps, one function each: it returns the problems it found.

mod deliver;
mod descriptor;
mod mutate;
mod receive;
mod schema;
mod settings;

pub use deliver::{
    deliver_asks_only_granted_hosts, deliver_outcomes_follow_the_table,
    deliver_refuses_the_other_shape, deliver_repeats_the_same_bytes, deliver_runs_concurrently,
    deliver_survives_cancellation,
};
pub use descriptor::{
    descriptor_is_stable, descriptor_is_well_formed, descriptor_survives_json,
    inbound_routes_are_well_formed, schema_describes_the_settings, secrets_are_marked,
};
pub use receive::{
    receive_gives_dedup_keys_by_auth, receive_repeats_itself, receive_understands_its_cases,
    receive_withstands_mutated_bodies,
};
pub use settings::{
    settings_examples_open, settings_invalid_fields_are_named, settings_missing_fields_are_named,
    settings_normalize_is_idempotent, settings_of_any_shape_never_panic,
    settings_secrets_never_leak,
};

/// Notes a problem unless the condition holds.
fn expect(problems: &mut Vec<String>, holds: bool, otherwise: impl FnOnce() -> String) {
    if !holds {
        problems.push(otherwise());
    }
}
