//! Every operation: one file each, a folder per resource. A handler reads, converts, calls one
//! service and shows the result; its description stands on it, and both are registered as one.

mod accounts;
mod agents;
mod api;
mod attachments;
mod channels;
mod condition;
mod contacts;
mod conversations;
mod deliveries;
mod events;
pub(crate) mod files;
pub(crate) mod inbound;
mod inbox_members;
mod inboxes;
mod labels;
mod messages;
mod profile;
mod public;
mod survey;
mod webhooks;

use gatewright_core::Caller;
use gatewright_core::model::User;
use gatewright_core::wire::AgentView;
use utoipa_axum::router::OpenApiRouter;

use crate::error::ApiError;
use crate::state::AppState;

/// Routes and descriptions of every operation. Needs no database.
pub(crate) fn all() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(api::router())
        .merge(profile::router())
        .merge(accounts::router())
        .merge(agents::router())
        .merge(labels::router())
        .merge(channels::router())
        .merge(inboxes::router())
        .merge(inbox_members::router())
        .merge(contacts::router())
        .merge(conversations::router())
        .merge(messages::router())
        .merge(attachments::router())
        .merge(webhooks::router())
        .merge(deliveries::router())
        .merge(events::router())
        .merge(public::router())
        .merge(survey::router())
}

/// The value of this name; blank is none.
fn named<T>(
    name: Option<String>,
    param: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ApiError> {
    match name.filter(|name| !name.is_empty()) {
        None => Ok(None),
        Some(name) => find(&name).map(Some).ok_or_else(|| {
            let shown: String = name.chars().take(100).collect();
            ApiError::unprocessable(format!("'{shown}' is not a valid {param}"))
        }),
    }
}

/// Users as agents of the caller's account.
fn agents_of(caller: &Caller, users: &[User]) -> Vec<AgentView> {
    let view = |user| AgentView::in_account(user, caller.account_id());
    users.iter().filter_map(view).collect()
}
