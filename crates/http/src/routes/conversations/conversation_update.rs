use axum::extract::State;
use gatewright_core::conversation::Conversations;
use gatewright_core::model::Priority;
use gatewright_core::wire::ConversationView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200, Params, Patch, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConversationUpdateParams)]
pub(super) struct UpdateParams {
    /// `low`, `medium`, `high` or `urgent`; null clears it.
    #[schema(value_type = Option<String>, example = "high")]
    priority: Patch<String>,
}

impl Root for UpdateParams {}

/// Sets how urgent a conversation is. What is left out stays as it is.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_update(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<UpdateParams>,
) -> Result<Json200<ConversationView>, ApiError> {
    if let Some(name) = params.priority.into_option() {
        let priority = crate::routes::named(name, "priority", Priority::from_name)?;
        conversations
            .set_priority(&caller, path.id(), priority)
            .await?;
    }
    Ok(Json200(
        conversations.show(&caller, path.id()).await?.view(),
    ))
}

/// The same as PATCH.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = UpdateParams,
    responses((status = 200, body = ConversationView), AppErrors))]
pub(super) async fn conversation_replace(
    caller: InAccount,
    ids: Ids<ConversationPath>,
    conversations: State<Conversations>,
    params: Params<UpdateParams>,
) -> Result<Json200<ConversationView>, ApiError> {
    conversation_update(caller, ids, conversations, params).await
}
