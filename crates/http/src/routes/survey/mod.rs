//! Surveys: a contact rates a conversation by a link (contract, section 5).

mod csat_survey_show;
mod csat_survey_update;
mod survey_page_show;

use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(csat_survey_show::csat_survey_show))
        .routes(routes!(csat_survey_update::csat_survey_update))
        .routes(routes!(csat_survey_update::csat_survey_replace))
        .routes(routes!(survey_page_show::survey_page_show))
}

#[derive(Debug, Deserialize)]
struct SurveyPath {
    conversation_uuid: String,
}
