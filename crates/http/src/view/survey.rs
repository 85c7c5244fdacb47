use gatewright_core::ids::UserId;
use gatewright_core::public::{Survey, SurveyResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// What a contact answers to a message: entries of a form or a choice, or the rating of a survey.
#[derive(Debug, ToSchema)]
pub enum SubmittedValues {
    /// Of `input_select`, `form` and the like.
    #[schema(title = "Entries")]
    Entries(Vec<SubmittedEntry>),
    /// Of `input_csat`.
    #[schema(title = "Survey")]
    Survey(SubmittedSurvey),
}

/// One entry of an answer.
#[derive(Debug, ToSchema)]
pub struct SubmittedEntry {
    /// Name of the field.
    pub name: Option<String>,
    /// What was shown.
    pub title: Option<String>,
    /// What was chosen or filled in.
    pub value: Option<String>,
}

/// The answer to a survey.
#[derive(Debug, ToSchema)]
pub struct SubmittedSurvey {
    /// The rating.
    pub csat_survey_response: SubmittedRating,
}

/// A rating.
#[derive(Debug, ToSchema)]
pub struct SubmittedRating {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<i64>,
    /// What the contact says.
    pub feedback_message: Option<String>,
}

/// A survey (contract, section 5).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CsatSurvey)]
pub struct SurveyView {
    /// The message that asks.
    pub id: i64,
    /// The answer.
    #[schema(required)]
    pub csat_survey_response: Option<SurveyResponseView>,
    /// `emoji` or `star`.
    #[schema(example = "emoji")]
    pub display_type: &'static str,
    /// What is asked.
    #[schema(required)]
    pub content: Option<String>,
    /// Link to the inbox's picture; empty when it has none.
    pub inbox_avatar_url: &'static str,
    /// Name of the inbox.
    pub inbox_name: String,
    /// Language of the account.
    pub locale: String,
    /// The conversation's row; not its number within the account.
    pub conversation_id: i64,
    /// When it was asked: ISO 8601.
    pub created_at: String,
}

impl From<Survey> for SurveyView {
    fn from(survey: Survey) -> Self {
        Self {
            id: survey.message.id.get(),
            csat_survey_response: survey.response.map(SurveyResponseView::from),
            display_type: survey.display_type,
            content: survey.message.content,
            inbox_avatar_url: "",
            inbox_name: survey.inbox_name,
            locale: survey.locale,
            conversation_id: survey.message.conversation_id.get(),
            created_at: survey.message.created_at.iso(),
        }
    }
}

/// The answer to a survey, all columns of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CsatSurveyResponse)]
pub struct SurveyResponseView {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The conversation's row; not its number within the account.
    pub conversation_id: i64,
    /// The message that asked.
    pub message_id: i64,
    /// 1 to 5.
    pub rating: i16,
    /// What the contact said.
    #[schema(required)]
    pub feedback_message: Option<String>,
    /// Who rated.
    pub contact_id: i64,
    /// Who answered the conversation at the time.
    #[schema(required)]
    pub assigned_agent_id: Option<i64>,
    /// When it was made: ISO 8601.
    pub created_at: String,
    /// When it last changed: ISO 8601.
    pub updated_at: String,
}

impl From<SurveyResponse> for SurveyResponseView {
    fn from(response: SurveyResponse) -> Self {
        Self {
            id: response.id,
            account_id: response.account_id.get(),
            conversation_id: response.conversation_id.get(),
            message_id: response.message_id.get(),
            rating: response.rating,
            feedback_message: response.feedback_message,
            contact_id: response.contact_id.get(),
            assigned_agent_id: response.assigned_agent_id.map(UserId::get),
            created_at: response.created_at.iso(),
            updated_at: response.updated_at.iso(),
        }
    }
}
