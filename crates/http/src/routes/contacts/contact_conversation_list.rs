use axum::extract::State;
use gatewright_core::conversation::{ConversationFull, Conversations};
use gatewright_core::wire::ConversationView;

use super::contact_show::ContactPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200};

/// The contact's 20 conversations with the newest activity, of the inboxes that the caller sees.
#[utoipa::path(get,
    path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/conversations", tag = "contacts",
    params(("account_id" = i64, Path), ("contact_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<ConversationView>>), AppErrors))]
pub(super) async fn contact_conversation_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<ContactPath>,
    State(conversations): State<Conversations>,
) -> Result<Json200<Payload<Vec<ConversationView>>>, ApiError> {
    let found = conversations.of_contact(&caller, path.id()).await?;
    let payload = found.iter().map(ConversationFull::view).collect();
    Ok(Json200(Payload { payload }))
}
