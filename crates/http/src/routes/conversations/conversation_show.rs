use axum::extract::State;
use gatewright_core::conversation::Conversations;
use gatewright_core::wire::ConversationView;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200};

/// One conversation.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_show(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
) -> Result<Json200<ConversationView>, ApiError> {
    Ok(Json200(
        conversations.show(&caller, path.id()).await?.view(),
    ))
}
