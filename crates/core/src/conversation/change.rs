//! Changes of a conversation that agents make, each a command of the write path.

use serde_json::{Map, Value};

use super::{ConversationFull, Conversations, job, moved, repo};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{DisplayId, TeamId, UserId};
use crate::intake::{Assign, Command, Outcome, SetLabels, SetPriority};
use crate::model::{Conversation, Priority};
use crate::wire::AgentView;

/// More labels than this are refused.
const MAX_LABELS: usize = 100;

/// Longest label, in characters.
const MAX_LABEL: usize = 255;

/// To whom a conversation is given (contract, section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// A user of the account; nobody when it is `None` or in another account.
    User(Option<UserId>),
    /// A bot. No bot exists, so nothing changes.
    Bot,
    /// A team. No team exists, so a conversation is in none before and after.
    Team(Option<TeamId>),
    /// Nobody was named; nothing changes.
    Unsaid,
}

impl Conversations {
    /// Sets how urgent a conversation is, or clears it.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn set_priority(
        &self,
        caller: &Caller,
        id: DisplayId,
        priority: Option<Priority>,
    ) -> Result<Conversation> {
        let by = caller.user.clone();
        let command = Command::SetPriority(SetPriority { priority, by });
        self.change(caller, id, command).await
    }

    /// Gives a conversation to somebody and answers who that is now; `None` when it is nobody, or
    /// nothing changed.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn assign(
        &self,
        caller: &Caller,
        id: DisplayId,
        assignment: Assignment,
    ) -> Result<Option<AgentView>> {
        let Assignment::User(user_id) = assignment else {
            self.locate(caller, id).await?;
            return Ok(None);
        };
        let conn = self.kernel.db.read();
        let ids = user_id.map(UserId::get).into_iter().collect();
        let agents = repo::agents(conn, caller.account_id(), ids).await?;
        let assignee = match agents.keys().next() {
            Some(id) => crate::user::reference(conn, *id).await?,
            None => None,
        };
        let by = caller.user.clone();
        let command = Command::Assign(Assign { assignee, by });
        self.change(caller, id, command).await?;
        Ok(agents.into_values().next())
    }

    /// The labels of a conversation, in order.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn labels(&self, caller: &Caller, id: DisplayId) -> Result<Vec<String>> {
        let located = self.locate(caller, id).await?;
        repo::labels(self.kernel.db.read(), located.id).await
    }

    /// Replaces the labels of a conversation and answers them. Blanks and repeats are left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] for labels that are too long or too many; as [`Self::show`].
    pub async fn set_labels(
        &self,
        caller: &Caller,
        id: DisplayId,
        labels: Vec<String>,
    ) -> Result<Vec<String>> {
        let labels = clean(labels)?;
        let set = SetLabels {
            labels: labels.clone(),
            by: caller.user.clone(),
        };
        self.change(caller, id, Command::SetLabels(set)).await?;
        Ok(labels)
    }

    /// Replaces all of the account's own attributes of a conversation.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a value that is too long or too large; as [`Self::show`].
    pub async fn set_custom_attributes(
        &self,
        caller: &Caller,
        id: DisplayId,
        attributes: Map<String, Value>,
    ) -> Result<Conversation> {
        check_attributes("custom_attributes", &attributes)?;
        let command = Command::SetCustomAttributes(attributes.into());
        self.change(caller, id, command).await
    }

    /// Notes that the caller has seen the conversation. No event tells of it.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn update_last_seen(
        &self,
        caller: &Caller,
        id: DisplayId,
    ) -> Result<ConversationFull> {
        let command = Command::MarkSeen(caller.user.id);
        let row = self.change(caller, id, command).await?;
        self.full(caller.account_id(), row.id).await
    }

    /// Makes the contact's newest message count as not seen. No event tells of it.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn unread(&self, caller: &Caller, id: DisplayId) -> Result<ConversationFull> {
        let row = self.change(caller, id, Command::MarkUnread).await?;
        self.full(caller.account_id(), row.id).await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: DisplayId,
        command: Command,
    ) -> Result<Conversation> {
        let located = self.locate(caller, id).await?;
        let origin = caller.origin(None);
        let job = job(&self.kernel, &caller.account, located, origin, command).await?;
        match self.intake.submit(job).await? {
            Outcome::Conversation(row) => Ok(*row),
            _ => Err(moved()),
        }
    }
}

/// Labels without blanks and repeats.
fn clean(labels: Vec<String>) -> Result<Vec<String>> {
    let mut cleaned: Vec<String> = Vec::new();
    for label in labels {
        let label = label.trim();
        if label.chars().count() > MAX_LABEL {
            let text = format!("is too long (maximum is {MAX_LABEL} characters)");
            return Err(Error::invalid("labels", text));
        }
        if !label.is_empty() && !cleaned.iter().any(|known| known == label) {
            cleaned.push(label.to_owned());
        }
        if cleaned.len() > MAX_LABELS {
            let text = format!("are too many (maximum is {MAX_LABELS})");
            return Err(Error::invalid("labels", text));
        }
    }
    Ok(cleaned)
}

/// Checks values of attributes against the contract's limits (section 1.3).
pub(super) fn check_attributes(name: &str, attributes: &Map<String, Value>) -> Result<()> {
    for (key, value) in attributes {
        let shown: String = key.chars().take(100).collect();
        match value {
            Value::String(text) if text.chars().count() > 1500 => {
                return Err(Error::invalid(
                    name,
                    format!("{shown} length should be < 1500"),
                ));
            }
            Value::Number(number) if is_too_large(number) => {
                return Err(Error::invalid(
                    name,
                    format!("{shown} value should be < 9999999999"),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_too_large(number: &serde_json::Number) -> bool {
    number.as_i64().is_some_and(|number| number > 9_999_999_999)
        || number.as_i64().is_none() && number.as_u64().is_some()
}
