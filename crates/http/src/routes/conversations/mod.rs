//! Conversations (contract, section 4.2).

mod assignment_create;
mod conversation_create;
mod conversation_custom_attributes;
mod conversation_delete;
mod conversation_filter;
mod conversation_labels;
mod conversation_list;
mod conversation_meta;
mod conversation_seen;
mod conversation_show;
mod conversation_toggle_priority;
mod conversation_toggle_status;
mod conversation_toggle_typing_status;
mod conversation_update;

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
        .routes(routes!(conversation_meta::conversation_meta))
        .routes(routes!(conversation_filter::conversation_filter))
        .routes(routes!(conversation_show::conversation_show))
        .routes(routes!(conversation_update::conversation_update))
        .routes(routes!(conversation_update::conversation_replace))
        .routes(routes!(conversation_delete::conversation_delete))
        .routes(routes!(
            conversation_toggle_status::conversation_toggle_status
        ))
        .routes(routes!(
            conversation_toggle_priority::conversation_toggle_priority
        ))
        .routes(routes!(assignment_create::assignment_create))
        .routes(routes!(
            conversation_labels::conversation_label_list,
            conversation_labels::conversation_label_set
        ))
        .routes(routes!(
            conversation_custom_attributes::conversation_custom_attributes
        ))
        .routes(routes!(conversation_seen::conversation_update_last_seen))
        .routes(routes!(conversation_seen::conversation_unread))
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
