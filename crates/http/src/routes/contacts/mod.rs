//! Contacts (contract, section 4.1).

mod contact_create;
mod contact_show;

use gatewright_core::contact::presence_views as presences;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(contact_create::contact_create))
        .routes(routes!(contact_show::contact_show))
}
