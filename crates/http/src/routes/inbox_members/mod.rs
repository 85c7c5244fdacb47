//! Who works in an inbox (contract, section 4.4).

use axum::extract::State;
use gatewright_core::Error;
use gatewright_core::ids::{InboxId, UserId};
use gatewright_core::inbox::Inboxes;
use gatewright_core::wire::AgentView;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::agents_of;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::{AppErrors, Payload};
use crate::{Empty200, Ids, Json200, Params, Root};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(inbox_member_list))
        .routes(routes!(
            inbox_member_add,
            inbox_member_replace,
            inbox_member_remove
        ))
}

#[derive(Debug, Deserialize)]
struct MembersPath {
    inbox_id: i64,
}

/// Users of an inbox.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InboxMemberParams)]
struct MemberParams {
    /// The inbox.
    #[serde(default)]
    inbox_id: Option<i64>,
    /// The users.
    user_ids: Vec<i64>,
}

impl Root for MemberParams {}

impl MemberParams {
    fn inbox(&self) -> Result<InboxId, ApiError> {
        let id = self.inbox_id.ok_or(Error::NotFound)?;
        Ok(InboxId(id))
    }

    fn users(&self) -> Vec<UserId> {
        self.user_ids.iter().copied().map(UserId).collect()
    }
}

type Members = Result<Json200<Payload<Vec<AgentView>>>, ApiError>;

/// The inbox's members.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inbox_members/{inbox_id}",
    tag = "inbox members", params(("account_id" = i64, Path), ("inbox_id" = i64, Path)),
    responses((status = 200, body = Payload<Vec<AgentView>>), AppErrors))]
async fn inbox_member_list(
    InAccount(caller): InAccount,
    Ids(path): Ids<MembersPath>,
    State(inboxes): State<Inboxes>,
) -> Members {
    let users = inboxes.members(&caller, InboxId(path.inbox_id)).await?;
    Ok(Json200(Payload {
        payload: agents_of(&caller, &users),
    }))
}

/// Adds members and answers all of them. Administrators only.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/inbox_members", tag = "inbox members",
    params(("account_id" = i64, Path)), request_body = MemberParams,
    responses((status = 200, body = Payload<Vec<AgentView>>), AppErrors))]
async fn inbox_member_add(
    InAccount(caller): InAccount,
    State(inboxes): State<Inboxes>,
    Params(params): Params<MemberParams>,
) -> Members {
    let users = inboxes
        .add_members(&caller, params.inbox()?, &params.users())
        .await?;
    Ok(Json200(Payload {
        payload: agents_of(&caller, &users),
    }))
}

/// Makes the given users the members, and nobody else. Administrators only.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/inbox_members", tag = "inbox members",
    params(("account_id" = i64, Path)), request_body = MemberParams,
    responses((status = 200, body = Payload<Vec<AgentView>>), AppErrors))]
async fn inbox_member_replace(
    InAccount(caller): InAccount,
    State(inboxes): State<Inboxes>,
    Params(params): Params<MemberParams>,
) -> Members {
    let users = inboxes
        .set_members(&caller, params.inbox()?, &params.users())
        .await?;
    Ok(Json200(Payload {
        payload: agents_of(&caller, &users),
    }))
}

/// Takes users out of the inbox; who is no member is passed over. Administrators only.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/inbox_members",
    tag = "inbox members", params(("account_id" = i64, Path)), request_body = MemberParams,
    responses((status = 200), AppErrors))]
async fn inbox_member_remove(
    InAccount(caller): InAccount,
    State(inboxes): State<Inboxes>,
    Params(params): Params<MemberParams>,
) -> Result<Empty200, ApiError> {
    inboxes
        .remove_members(&caller, params.inbox()?, &params.users())
        .await?;
    Ok(Empty200)
}
