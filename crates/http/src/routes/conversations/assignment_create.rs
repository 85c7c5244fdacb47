use axum::extract::State;
use gatewright_core::conversation::{Assignment, Conversations};
use gatewright_core::ids::{TeamId, UserId};
use gatewright_core::wire::AgentView;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::AppErrors;
use crate::{Ids, Json200, Params, Patch, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = AssignmentParams)]
pub(super) struct AssignmentParams {
    /// Who answers; null or an unknown user for nobody. It wins over `team_id`.
    #[schema(value_type = Option<i64>)]
    assignee_id: Patch<i64>,
    /// `AgentBot` when `assignee_id` is a bot's.
    assignee_type: Option<String>,
    /// The team that answers; null or an unknown one for none.
    #[schema(value_type = Option<i64>)]
    team_id: Patch<i64>,
}

impl Root for AssignmentParams {}

impl From<AssignmentParams> for Assignment {
    fn from(params: AssignmentParams) -> Self {
        let to_bot = params.assignee_type.as_deref() == Some("AgentBot");
        match (
            params.assignee_id.into_option(),
            params.team_id.into_option(),
        ) {
            (Some(_), _) if to_bot => Self::Bot,
            (Some(user), _) => Self::User(user.map(UserId)),
            (None, Some(team)) => Self::Team(team.map(TeamId)),
            (None, None) => Self::Unsaid,
        }
    }
}

/// Gives a conversation to somebody. The answer is who that is, or null.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/assignments",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = AssignmentParams,
    responses((status = 200, body = Option<AgentView>), AppErrors))]
pub(super) async fn assignment_create(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<AssignmentParams>,
) -> Result<Json200<Option<AgentView>>, ApiError> {
    let assigned = conversations
        .assign(&caller, path.id(), params.into())
        .await?;
    Ok(Json200(assigned))
}
