use axum::extract::State;
use gatewright_core::conversation::Conversations;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Empty200, Ids};

/// Deletes a conversation and its messages. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    responses((status = 200), AppErrors))]
pub(super) async fn conversation_delete(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
) -> Result<Empty200, ApiError> {
    conversations.delete(&caller, path.id()).await?;
    Ok(Empty200)
}
