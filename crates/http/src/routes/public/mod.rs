//! The public client API: a contact's own client (contract, section 5).

mod public_contact_create;
mod public_contact_show;
mod public_contact_update;
mod public_conversation_create;
mod public_conversation_list;
mod public_conversation_show;
mod public_conversation_toggle_status;
mod public_conversation_toggle_typing;
mod public_conversation_update_last_seen;
mod public_inbox_show;
mod public_message_create;
mod public_message_list;
mod public_message_update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(public_inbox_show::public_inbox_show))
        .routes(routes!(public_contact_create::public_contact_create))
        .routes(routes!(
            public_contact_show::public_contact_show,
            public_contact_update::public_contact_update
        ))
        .routes(routes!(public_contact_update::public_contact_replace))
        .routes(routes!(
            public_conversation_list::public_conversation_list,
            public_conversation_create::public_conversation_create
        ))
        .routes(routes!(public_conversation_show::public_conversation_show))
        .routes(routes!(
            public_conversation_toggle_status::public_conversation_toggle_status
        ))
        .routes(routes!(
            public_conversation_toggle_typing::public_conversation_toggle_typing
        ))
        .routes(routes!(
            public_conversation_update_last_seen::public_conversation_update_last_seen
        ))
        .routes(routes!(
            public_message_list::public_message_list,
            public_message_create::public_message_create
        ))
        .routes(routes!(public_message_update::public_message_update))
}
