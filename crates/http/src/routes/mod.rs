//! Every operation: one file each, a folder per resource. A handler reads, converts, calls one
//! service and shows the result; its description stands on it, and both are registered as one.

mod api;
mod channels;
mod contacts;
mod conversations;
mod deliveries;
mod events;
mod inboxes;
pub(crate) mod inbound;
mod messages;
mod profile;
mod public;
mod webhooks;

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// Routes and descriptions of every operation. Needs no database.
pub(crate) fn all() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(api::router())
        .merge(profile::router())
        .merge(channels::router())
        .merge(inboxes::router())
        .merge(contacts::router())
        .merge(conversations::router())
        .merge(messages::router())
        .merge(webhooks::router())
        .merge(deliveries::router())
        .merge(events::router())
        .merge(public::router())
}
