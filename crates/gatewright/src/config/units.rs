//! Durations, sizes, lists and addresses as an operator writes them.

pub(super) mod address;
pub(super) mod duration;
pub(super) mod durations;
pub(super) mod limit;
pub(super) mod list;
pub(super) mod size;
