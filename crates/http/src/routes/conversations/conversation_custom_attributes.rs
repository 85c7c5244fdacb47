use axum::extract::State;
use gatewright_core::Attributes;
use gatewright_core::conversation::Conversations;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ConversationAttributeParams)]
pub(super) struct AttributeParams {
    /// All of the account's own attributes; those that are left out are gone.
    #[schema(value_type = gatewright_core::Attributes)]
    custom_attributes: Map<String, Value>,
}

impl Root for AttributeParams {}

/// The account's own attributes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomAttributes {
    /// All of them.
    custom_attributes: Attributes,
}

/// Replaces all of the account's own attributes of a conversation.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/custom_attributes",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = AttributeParams,
    responses((status = 200, body = CustomAttributes), AppErrors))]
pub(super) async fn conversation_custom_attributes(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<AttributeParams>,
) -> Result<Json200<CustomAttributes>, ApiError> {
    let row = conversations
        .set_custom_attributes(&caller, path.id(), params.custom_attributes)
        .await?;
    Ok(Json200(CustomAttributes {
        custom_attributes: row.custom_attributes,
    }))
}
