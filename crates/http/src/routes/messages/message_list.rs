use axum::extract::State;
use gatewright_core::ids::MessageId;
use gatewright_core::message::{MessageWindow, Messages};
use gatewright_core::wire::{MessageView, MessagesMeta};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::caller::InAccount;
use crate::error::ApiError;
use crate::routes::conversations::ConversationPath;
use crate::view::{AppErrors, Page};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct WindowParams {
    /// Ids below this one.
    before: Option<i64>,
    /// Ids above this one; with `before`, from this one.
    after: Option<i64>,
    /// Any text leaves out private notes and activities.
    filter_internal_messages: Option<String>,
}

impl Root for WindowParams {}

/// A window of a conversation's messages, ascending: the newest 20; 20 below `before`; up to 100
/// above `after`; up to 1000 between the two.
#[utoipa::path(get,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages",
    tag = "messages",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), WindowParams),
    responses((status = 200, body = Page<MessagesMeta, MessageView>), AppErrors))]
pub(super) async fn message_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(messages): State<Messages>,
    Params(params): Params<WindowParams>,
) -> Result<Json200<Page<MessagesMeta, MessageView>>, ApiError> {
    let window = MessageWindow {
        before: params.before.map(MessageId),
        after: params.after.map(MessageId),
        public_only: params
            .filter_internal_messages
            .is_some_and(|text| !text.trim().is_empty()),
    };
    let page = messages.list(&caller, path.id(), &window).await?;
    let conversation = &page.conversation;
    let meta = MessagesMeta::new(
        &conversation.row,
        &conversation.contact,
        conversation.labels.clone(),
        page.assignee.as_ref(),
    );
    let payload = page
        .messages
        .iter()
        .map(|message| MessageView::new(message, &conversation.contact, None))
        .collect();
    Ok(Json200(Page { meta, payload }))
}
