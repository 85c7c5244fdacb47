//! One module per table, named as the table: `entity::accounts::{Entity, Model, ActiveModel, Column}`.
//!
//! Times are `i64` microseconds since 1970 (UTC), enumerations are `i16`, flexible attributes are
//! [`Json`](sea_orm::entity::prelude::Json), secrets are sealed text. The numbers of every
//! enumeration stand on its column and are held by a CHECK in the migration. Conversion to domain
//! types lives in core's repositories only.
//!
//! The rows of `messages`, `events`, `deliveries`, `conversations`, `contacts` and
//! `contact_inboxes` always carry an id drawn by [`crate::sequence::draw`]; all other ids are
//! given by the database.

pub mod access_tokens;
pub mod account_counters;
pub mod account_users;
pub mod accounts;
pub mod attachments;
pub mod attempts;
pub mod blobs;
pub mod contact_inboxes;
pub mod contact_labels;
pub mod contacts;
pub mod conversation_labels;
pub mod conversations;
pub mod csat_survey_responses;
pub mod deliveries;
pub mod erasures;
pub mod events;
pub mod idempotency_records;
pub mod inbound_dedup;
pub mod inbound_log;
pub mod inbox_members;
pub mod inbox_routes;
pub mod inboxes;
pub mod installation;
pub mod labels;
pub mod message_provider_ids;
pub mod messages;
pub mod receivers;
pub mod sequences;
pub mod users;
pub mod webhooks;
