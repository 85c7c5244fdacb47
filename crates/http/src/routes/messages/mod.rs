//! Messages (contract, section 4.3).

mod message_create;
mod message_delete;
mod message_list;
mod message_retry;
mod message_update;

use axum::response::{IntoResponse, Response};
use gatewright_core::message::Stored;
use gatewright_core::wire::MessageView;
use http::HeaderValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::state::AppState;

pub(super) use message_create::MessageParams;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            message_list::message_list,
            message_create::message_create
        ))
        .routes(routes!(message_update::message_update))
        .routes(routes!(message_update::message_replace))
        .routes(routes!(message_delete::message_delete))
        .routes(routes!(message_retry::message_retry))
}

/// A stored message; one that an earlier request stored says so in `Idempotent-Replayed`.
pub(crate) fn answer(stored: &Stored) -> Response {
    let view = MessageView::new(&stored.message, &stored.contact, stored.echo_id.clone());
    marked(stored, Json200(view))
}

/// An answer about a stored message, marked when an earlier request stored it.
pub(crate) fn marked(stored: &Stored, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if stored.replayed {
        response
            .headers_mut()
            .insert(crate::once::REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
