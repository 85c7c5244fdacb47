use axum::extract::State;
use axum::response::Response;
use gatewright_core::ids::{DisplayId, MessageId};
use gatewright_core::message::Messages;
use gatewright_core::wire::MessageView;

use super::answer;
use super::message_update::MessagePath;
use crate::Ids;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;

/// Takes a message's content and files away. The message stays and says that it was deleted.
#[utoipa::path(delete,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}",
    tag = "messages",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = MessageView), AppErrors))]
pub(super) async fn message_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<MessagePath>,
    State(messages): State<Messages>,
) -> Result<Response, ApiError> {
    let conversation = DisplayId(path.conversation_id);
    let stored = messages
        .delete(&caller, conversation, MessageId(path.message_id))
        .await?;
    Ok(answer(&stored))
}
