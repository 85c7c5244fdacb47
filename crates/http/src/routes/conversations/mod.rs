//! Conversations (contract, section 4.2).

mod conversation_create;
mod conversation_list;
mod conversation_show;
mod conversation_toggle_status;
mod conversation_toggle_typing_status;

use gatewright_core::ids::DisplayId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            conversation_list::conversation_list,
            conversation_create::conversation_create
        ))
        .routes(routes!(conversation_show::conversation_show))
        .routes(routes!(
            conversation_toggle_status::conversation_toggle_status
        ))
        .routes(routes!(
            conversation_toggle_typing_status::conversation_toggle_typing_status
        ))
}

/// Where a conversation stands in the path.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationPath {
    conversation_id: i64,
}

impl ConversationPath {
    pub(super) fn id(&self) -> DisplayId {
        DisplayId(self.conversation_id)
    }
}
