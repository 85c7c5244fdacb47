//! Inboxes (contract, section 4.4).

mod inbox_create;
mod inbox_delete;
mod inbox_list;
mod inbox_show;
mod inbox_signing_secret_rotate;
mod inbox_update;
mod params;

use gatewright_core::ids::InboxId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(inbox_list::inbox_list, inbox_create::inbox_create))
        .routes(routes!(inbox_show::inbox_show, inbox_update::inbox_update))
        .routes(routes!(
            inbox_update::inbox_replace,
            inbox_delete::inbox_delete
        ))
        .routes(routes!(
            inbox_signing_secret_rotate::inbox_signing_secret_rotate
        ))
}

#[derive(Debug, Deserialize)]
struct InboxPath {
    inbox_id: i64,
}

impl InboxPath {
    fn id(&self) -> InboxId {
        InboxId(self.inbox_id)
    }
}
