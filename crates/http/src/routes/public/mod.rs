//! The public client API: a contact's own client (contract, section 5).

mod public_contact_create;
mod public_conversation_create;
mod public_message_create;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(public_contact_create::public_contact_create))
        .routes(routes!(
            public_conversation_create::public_conversation_create
        ))
        .routes(routes!(public_message_create::public_message_create))
}
