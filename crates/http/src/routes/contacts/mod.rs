//! Contacts (contract, section 4.1).

mod contact_create;
mod contact_show;

use gatewright_core::contact::Presence;
use gatewright_core::registry::Registry;
use gatewright_core::wire::{ContactInboxView, InboxSlim};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(contact_create::contact_create))
        .routes(routes!(contact_show::contact_show))
}

/// The presences of a contact, as its view lists them.
fn presences(registry: &Registry, presences: &[Presence]) -> Vec<ContactInboxView> {
    presences
        .iter()
        .map(|presence| ContactInboxView {
            source_id: presence.contact_inbox.source_id.clone(),
            inbox: InboxSlim::new(&presence.inbox, registry.wire_type(&presence.inbox.channel)),
        })
        .collect()
}
