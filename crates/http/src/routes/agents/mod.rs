//! The people of an account (contract, section 4.5).

use axum::extract::State;
use gatewright_core::user::Agents;
use gatewright_core::wire::AgentView;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::state::AppState;
use crate::view::AppErrors;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(agent_list))
}

/// Everybody in the account, by name.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/agents", tag = "agents",
    params(("account_id" = i64, Path)),
    responses((status = 200, body = Vec<AgentView>), AppErrors))]
async fn agent_list(
    InAccount(caller): InAccount,
    State(agents): State<Agents>,
) -> Result<Json200<Vec<AgentView>>, ApiError> {
    let found = agents.list(&caller).await?;
    Ok(Json200(super::agents_of(&caller, &found)))
}
