//! The public client API: a contact's own client (contract, section 5).

mod public_contact_create;
mod public_contact_show;
mod public_contact_update;
mod public_conversation_create;
mod public_inbox_show;
mod public_message_create;

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
            public_conversation_create::public_conversation_create
        ))
        .routes(routes!(public_message_create::public_message_create))
}
