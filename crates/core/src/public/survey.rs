//! Surveys: a contact rates a conversation by a link that names it (contract, section 5).

use gatewright_store::entity::{conversations, csat_survey_responses, messages};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::submitted::Submitted;
use super::{PublicClient, message, origin};
use crate::conversation::{Located, job};
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, ConversationId, InboxId, MessageId, UserId};
use crate::intake::{Command, Submission};
use crate::kernel::Kernel;
use crate::model::Message;
use crate::time::Timestamp;

/// A survey and what was answered to it.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The message that asks.
    pub message: Message,
    /// The answer.
    pub response: Option<SurveyResponse>,
    /// `emoji` or `star`.
    pub display_type: &'static str,
    /// Name of the inbox.
    pub inbox_name: String,
    /// Language of the account.
    pub locale: String,
}

/// A contact's rating of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyResponse {
    /// Its id.
    pub id: i64,
    /// The account.
    pub account_id: AccountId,
    /// The conversation's row.
    pub conversation_id: ConversationId,
    /// The message that asked.
    pub message_id: MessageId,
    /// 1 to 5.
    pub rating: i16,
    /// What the contact said.
    pub feedback_message: Option<String>,
    /// Who rated.
    pub contact_id: ContactId,
    /// Who answered the conversation at the time.
    pub assigned_agent_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Where a survey stands.
struct Asked {
    account_id: AccountId,
    located: Located,
    message_id: MessageId,
}

impl PublicClient {
    /// The newest survey of the conversation with this global id, which nobody can guess.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown id and a conversation without a survey.
    pub async fn survey(&self, uuid: &str) -> Result<Survey> {
        let asked = self.asked(uuid).await?;
        self.load_survey(&asked).await
    }

    /// Keeps the answer to that survey.
    ///
    /// # Errors
    /// As [`Self::survey`]; [`Error::Unprocessable`] when it is too old.
    pub async fn survey_submit(&self, uuid: &str, submitted: Submitted) -> Result<Survey> {
        let asked = self.asked(uuid).await?;
        let account = crate::account::reference(self.kernel.db.read(), asked.account_id).await?;
        let command = Command::Submit(Submission {
            message_id: asked.message_id,
            attributes: submitted.attributes(),
        });
        let job = job(&self.kernel, &account, asked.located, origin(None), command).await?;
        message::submit(&self.kernel, job, &submitted).await?;
        self.load_survey(&asked).await
    }

    async fn asked(&self, uuid: &str) -> Result<Asked> {
        let conn = self.kernel.db.read();
        let conversation = conversations::Entity::find()
            .filter(conversations::Column::Uuid.eq(uuid))
            .one(conn)
            .await?
            .ok_or(Error::NotFound)?;
        let message: Option<i64> = messages::Entity::find()
            .select_only()
            .column(messages::Column::Id)
            .filter(messages::Column::ConversationId.eq(conversation.id))
            .filter(messages::Column::Private.eq(false))
            // As the partial index has it: a parameter would hide that it fits.
            .filter(Expr::cust("content_type = 'input_csat'"))
            .order_by_desc(messages::Column::Id)
            .into_tuple()
            .one(conn)
            .await?;
        Ok(Asked {
            account_id: AccountId(conversation.account_id),
            located: Located {
                id: ConversationId(conversation.id),
                inbox_id: InboxId(conversation.inbox_id),
                contact_id: ContactId(conversation.contact_id),
            },
            message_id: MessageId(message.ok_or(Error::NotFound)?),
        })
    }

    async fn load_survey(&self, asked: &Asked) -> Result<Survey> {
        let (kernel, conn) = (&self.kernel, self.kernel.db.read());
        let found = crate::message::by_ids(kernel, conn, vec![asked.message_id.get()]).await?;
        let message = found.into_iter().next().ok_or(Error::NotFound)?;
        let inbox = crate::inbox::of(kernel, asked.account_id, asked.located.inbox_id).await?;
        let account = crate::account::repo::find(conn, asked.account_id).await?;
        let attributes = message.content_attributes.to_map();
        let config = inbox.preferences.csat_config.to_map();
        let display = attributes
            .get("display_type")
            .or(config.get("display_type"));
        Ok(Survey {
            response: response(conn, asked).await?,
            display_type: match display.and_then(|value| value.as_str()) {
                Some("star") => "star",
                _ => "emoji",
            },
            inbox_name: inbox.name.clone(),
            locale: account.ok_or(Error::NotFound)?.locale,
            message,
        })
    }
}

async fn response(conn: &impl ConnectionTrait, asked: &Asked) -> Result<Option<SurveyResponse>> {
    let row = csat_survey_responses::Entity::find()
        .filter(csat_survey_responses::Column::MessageId.eq(asked.message_id.get()))
        .one(conn)
        .await?;
    Ok(row.map(|row| SurveyResponse {
        id: row.id,
        account_id: AccountId(row.account_id),
        conversation_id: ConversationId(row.conversation_id),
        message_id: MessageId(row.message_id),
        rating: row.rating,
        feedback_message: row.feedback_message,
        contact_id: asked.located.contact_id,
        assigned_agent_id: row.assigned_agent_id.map(UserId),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    }))
}

/// Writes the response to a survey, or over the earlier one. Without a rating there is none. The
/// conversation is locked by the caller.
pub(super) async fn respond(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    message: &Message,
    submitted: &Submitted,
) -> Result<()> {
    use csat_survey_responses::Column;
    let Some(rating) = submitted.rating() else {
        return Ok(());
    };
    let conversation = conversations::Entity::find_by_id(message.conversation_id.get())
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    let now = kernel.now().0;
    let row = csat_survey_responses::ActiveModel {
        account_id: Set(message.account_id.get()),
        conversation_id: Set(message.conversation_id.get()),
        message_id: Set(message.id.get()),
        rating: Set(rating.rating),
        feedback_message: Set(rating.feedback_message.clone()),
        assigned_agent_id: Set(conversation.assignee_id),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let changed = [
        Column::Rating,
        Column::FeedbackMessage,
        Column::AssignedAgentId,
        Column::UpdatedAt,
    ];
    let again = OnConflict::column(Column::MessageId)
        .update_columns(changed)
        .to_owned();
    csat_survey_responses::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
