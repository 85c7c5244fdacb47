use axum::extract::State;
use gatewright_core::Timestamp;
use gatewright_core::conversation::Conversations;
use gatewright_core::model::ConversationStatus;
use gatewright_core::wire::StatusToggled;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::caller::InAccount;
use crate::error::ApiError;
use crate::view::{AppErrors, Payload};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ToggleStatusParams)]
pub(super) struct ToggleStatus {
    /// The new status; an open conversation is resolved and any other opened when it is absent.
    #[schema(example = "resolved")]
    status: Option<String>,
    /// Until when it is hidden, with `snoozed`: Unix seconds.
    snoozed_until: Option<i64>,
}

impl Root for ToggleStatus {}

/// Sets or toggles the status.
#[utoipa::path(post,
    path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_status",
    tag = "conversations",
    params(("account_id" = i64, Path), ("conversation_id" = i64, Path)),
    request_body = ToggleStatus,
    responses((status = 200, body = Payload<StatusToggled>), AppErrors))]
pub(super) async fn conversation_toggle_status(
    InAccount(caller): InAccount,
    Ids(path): Ids<ConversationPath>,
    State(conversations): State<Conversations>,
    Params(params): Params<ToggleStatus>,
) -> Result<Json200<Payload<StatusToggled>>, ApiError> {
    let wished = crate::routes::named(params.status, "status", ConversationStatus::from_name)?;
    let until = params.snoozed_until.map(until).transpose()?;
    let row = conversations
        .toggle_status(&caller, path.id(), wished, until)
        .await?;
    Ok(Json200(Payload {
        payload: StatusToggled::new(&row),
    }))
}

/// The last second of the year 9999: later times have no ISO 8601 form. Milliseconds of today are
/// later.
const LATEST: i64 = 253_402_300_799;

fn until(seconds: i64) -> Result<Timestamp, ApiError> {
    if (0..=LATEST).contains(&seconds) {
        Ok(Timestamp::from_unix(seconds))
    } else {
        Err(ApiError::unprocessable(
            "snoozed_until must be a time in Unix seconds, for example 1768900502",
        ))
    }
}
