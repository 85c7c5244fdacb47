use axum::extract::State;
use gatewright_core::conversation::Conversations;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConversationLabelParams)]
pub(super) struct LabelParams {
    /// All labels; unknown names are allowed. None clear the set.
    labels: Option<Vec<String>>,
}

impl Root for LabelParams {}

/// The labels of a conversation.
#[utoipa::path(get,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<String>>), AppErrors))]
pub(super) async fn conversation_label_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
) -> Result<Json200<Payload<Vec<String>>>, ApiError> {
    let payload = conversations.labels(&caller, path.id()).await?;
    Ok(Json200(Payload { payload }))
}

/// Replaces the labels of a conversation.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = LabelParams,
    responses((status = 200, body = Payload<Vec<String>>), AppErrors))]
pub(super) async fn conversation_label_set(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<LabelParams>,
) -> Result<Json200<Payload<Vec<String>>>, ApiError> {
    let labels = params.labels.unwrap_or_default();
    let payload = conversations.set_labels(&caller, path.id(), labels).await?;
    Ok(Json200(Payload { payload }))
}
