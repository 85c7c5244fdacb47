use axum::extract::State;
use gatewright_core::conversation::Conversations;
use gatewright_core::wire::ConversationView;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200};

/// Notes that the caller has seen the conversation.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/update_last_seen",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_update_last_seen(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
) -> Result<Json200<ConversationView>, ApiError> {
    let seen = conversations.update_last_seen(&caller, path.id()).await?;
    Ok(Json200(seen.view()))
}

/// Makes the contact's newest message count as not seen.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/unread",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_unread(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
) -> Result<Json200<ConversationView>, ApiError> {
    let unread = conversations.unread(&caller, path.id()).await?;
    Ok(Json200(unread.view()))
}
