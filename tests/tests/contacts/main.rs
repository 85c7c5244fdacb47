//! Contacts: found, listed, changed, merged, removed; by agents and by their own clients.

mod conversations;
mod delete;
mod filter;
mod labels;
mod lists;
mod merge;
mod presences;
mod public;
mod racing;
mod search;
mod support;
mod update;
