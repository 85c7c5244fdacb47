//! Files: those of a conversation, and uploads that a message names later.

mod attachment_list;
mod upload_create;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(attachment_list::attachment_list))
        .routes(routes!(upload_create::upload_create))
}
