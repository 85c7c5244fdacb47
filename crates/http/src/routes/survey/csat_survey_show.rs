use axum::extract::State;
use gatewright_core::public::PublicClient;

use super::SurveyPath;
use crate::error::ApiError;
use crate::view::{PublicErrors, SurveyView};
use crate::{Ids, Json200};

/// The newest survey of a conversation, and the answer to it.
#[utoipa::path(get, path = "/public/api/v1/csat_survey/{conversation_uuid}", tag = "public",
    security(()), params(("conversation_uuid" = String, Path)),
    responses((status = 200, body = SurveyView), PublicErrors))]
pub(super) async fn csat_survey_show(
    Ids(path): Ids<SurveyPath>,
    State(public): State<PublicClient>,
) -> Result<Json200<SurveyView>, ApiError> {
    let survey = public
        .survey(&path.conversation_uuid)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(survey.into()))
}
