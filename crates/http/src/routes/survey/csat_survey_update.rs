use axum::extract::State;
use gatewright_core::public::{PublicClient, Submitted};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::SurveyPath;
use crate::error::ApiError;
use crate::view::{PublicErrors, SubmittedValues, SurveyView};
use crate::{Ids, Json200, Params, Root};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = CsatSurveyUpdateParams)]
pub(super) struct UpdateParams {
    /// The answer, as a message's.
    message: Option<AnswerParams>,
}

impl Root for UpdateParams {}

#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = CsatSurveyAnswer)]
struct AnswerParams {
    /// The rating.
    #[schema(value_type = Option<SubmittedValues>)]
    submitted_values: Option<Value>,
}

/// Answers the newest survey of a conversation, for 14 days; a later answer replaces an earlier
/// one.
#[utoipa::path(patch, path = "/public/api/v1/csat_survey/{conversation_uuid}", tag = "public",
    security(()), params(("conversation_uuid" = String, Path)), request_body = UpdateParams,
    responses((status = 200, body = SurveyView), PublicErrors))]
pub(super) async fn csat_survey_update(
    Ids(path): Ids<SurveyPath>,
    State(public): State<PublicClient>,
    Params(params): Params<UpdateParams>,
) -> Result<Json200<SurveyView>, ApiError> {
    let values = params.message.and_then(|message| message.submitted_values);
    let survey = public
        .survey_submit(&path.conversation_uuid, Submitted::new(values, None)?)
        .await
        .map_err(ApiError::framework)?;
    Ok(Json200(survey.into()))
}

/// The same as PATCH.
#[utoipa::path(put, path = "/public/api/v1/csat_survey/{conversation_uuid}", tag = "public",
    security(()), params(("conversation_uuid" = String, Path)), request_body = UpdateParams,
    responses((status = 200, body = SurveyView), PublicErrors))]
pub(super) async fn csat_survey_replace(
    ids: Ids<SurveyPath>,
    public: State<PublicClient>,
    params: Params<UpdateParams>,
) -> Result<Json200<SurveyView>, ApiError> {
    csat_survey_update(ids, public, params).await
}
