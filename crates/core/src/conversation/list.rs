use std::time::Duration;

use gatewright_store::Dialect;
use gatewright_store::entity::{conversation_labels, conversations, messages};
use sea_orm::sea_query::{ExprTrait as _, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::query::{Counts, assignee, counts, ids, page, sort, updated_since, visible};
use super::{ConversationFull, repo};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::filter::search;
use crate::ids::{AccountId, InboxId, TeamId};
use crate::kernel::Kernel;
use crate::model::ConversationStatus;

/// More conversations than this are not listed without pages.
const MOST: u64 = 1000;

/// Which conversations to list (contract, section 4.2).
#[derive(Debug, Clone)]
pub struct ConversationFilter {
    /// By who answers.
    pub assignee: AssigneeFilter,
    /// By status; `None` = any.
    pub status: Option<ConversationStatus>,
    /// Of one inbox.
    pub inbox_id: Option<InboxId>,
    /// With any of these labels; empty = any or none.
    pub labels: Vec<String>,
    /// Of one team.
    pub team_id: Option<TeamId>,
    /// With a message that contains this text, whatever its case; then of any status.
    pub text: Option<String>,
    /// Of presences with this source id.
    pub source_id: Option<String>,
    /// By the part that people take in it.
    pub kind: Option<ConversationKind>,
    /// Changed within this time; then there are no pages.
    pub updated_within: Option<Duration>,
    /// Order.
    pub sort_by: SortBy,
    /// Page of 25, from 1.
    pub page: u64,
}

impl Default for ConversationFilter {
    fn default() -> Self {
        Self {
            assignee: AssigneeFilter::All,
            status: Some(ConversationStatus::Open),
            inbox_id: None,
            labels: Vec::new(),
            team_id: None,
            text: None,
            source_id: None,
            kind: None,
            updated_within: None,
            sort_by: SortBy::LastActivityDesc,
            page: 1,
        }
    }
}

coded! {
    /// By who answers.
    AssigneeFilter {
        /// The caller.
        Me = 0 "me",
        /// Nobody.
        Unassigned = 1 "unassigned",
        /// Somebody.
        Assigned = 2 "assigned",
        /// Anybody or nobody.
        All = 3 "all",
    }
}

coded! {
    /// By the part that people take in a conversation.
    ConversationKind {
        /// The caller is mentioned in it.
        Mention = 0 "mention",
        /// The caller takes part in it.
        Participating = 1 "participating",
        /// Nobody has answered, or somebody waits for an answer.
        Unattended = 2 "unattended",
    }
}

coded! {
    /// Order of a list.
    SortBy {
        /// Newest activity first.
        LastActivityDesc = 0 "last_activity_at_desc",
        /// Oldest activity first.
        LastActivityAsc = 1 "last_activity_at_asc",
        /// Newest first.
        CreatedDesc = 2 "created_at_desc",
        /// Oldest first.
        CreatedAsc = 3 "created_at_asc",
        /// Most urgent first.
        PriorityDesc = 4 "priority_desc",
        /// Least urgent first.
        PriorityAsc = 5 "priority_asc",
        /// Shortest wait first.
        WaitingDesc = 6 "waiting_since_desc",
        /// Longest wait first.
        WaitingAsc = 7 "waiting_since_asc",
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct ConversationPage {
    /// The counters over all pages.
    pub counts: Counts,
    /// The page.
    pub conversations: Vec<ConversationFull>,
}

/// Six queries at most, however many conversations there are.
pub(super) async fn list(
    kernel: &Kernel,
    caller: &Caller,
    filter: &ConversationFilter,
) -> Result<ConversationPage> {
    let conn = kernel.db.read();
    let found = condition(kernel, caller, filter)?;
    let counts = counts(conn, caller, found.clone());
    let query = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(found)
        .filter(assignee(caller, filter.assignee));
    let mut query = sort(query, filter.sort_by);
    query = if filter.updated_within.is_none() {
        page(query, filter.page)
    } else {
        query.limit(MOST)
    };
    let (counts, ids) = tokio::try_join!(counts, ids(conn, query))?;
    let conversations = repo::full(kernel, conn, caller.account_id(), &ids).await?;
    Ok(ConversationPage {
        counts,
        conversations,
    })
}

/// The counters of a list alone. One query.
pub(super) async fn meta(
    kernel: &Kernel,
    caller: &Caller,
    filter: &ConversationFilter,
) -> Result<Counts> {
    let found = condition(kernel, caller, filter)?;
    counts(kernel.db.read(), caller, found).await
}

/// Every filter but the one by assignee, which the counters leave out.
fn condition(kernel: &Kernel, caller: &Caller, filter: &ConversationFilter) -> Result<Condition> {
    // No team exists, so every team is unknown.
    if filter.team_id.is_some() {
        return Err(Error::NotFound);
    }
    let status = filter.status.filter(|_| filter.text.is_none());
    let labelled = (!filter.labels.is_empty()).then(|| labelled(&filter.labels));
    let since = filter
        .updated_within
        .map(|within| kernel.now().minus(within));
    let all = visible(caller)
        .add_option(status.map(|status| conversations::Column::Status.eq(status.code())))
        .add_option(
            filter
                .inbox_id
                .map(|id| conversations::Column::InboxId.eq(id.get())),
        )
        .add_option(labelled.map(|ids| conversations::Column::Id.in_subquery(ids)))
        .add_option(filter.text.as_deref().map(|text| {
            conversations::Column::Id.in_subquery(saying(
                kernel.db.dialect(),
                caller.account_id(),
                text,
            ))
        }))
        .add_option(filter.source_id.as_deref().map(|id| {
            conversations::Column::ContactInboxId
                .in_subquery(repo::presences(caller.account_id(), id))
        }))
        .add_option(filter.kind.map(of_kind))
        .add_option(since.map(updated_since));
    Ok(all)
}

/// Ids of conversations with any of these labels.
fn labelled(titles: &[String]) -> SelectStatement {
    conversation_labels::Entity::find()
        .select_only()
        .column(conversation_labels::Column::ConversationId)
        .filter(conversation_labels::Column::Title.is_in(titles.iter().map(String::as_str)))
        .into_query()
}

/// Ids of conversations in which a person's message contains the text.
fn saying(dialect: Dialect, account: AccountId, text: &str) -> SelectStatement {
    messages::Entity::find()
        .select_only()
        .column(messages::Column::ConversationId)
        .filter(messages::Column::AccountId.eq(account.get()))
        .filter(search::messages(dialect, text))
        .into_query()
}

fn of_kind(kind: ConversationKind) -> SimpleExpr {
    use conversations::Column as C;
    match kind {
        // Nobody is mentioned or takes part yet.
        ConversationKind::Mention | ConversationKind::Participating => C::Id.is_null(),
        ConversationKind::Unattended => C::FirstReplyCreatedAt
            .is_null()
            .or(C::WaitingSince.is_not_null()),
    }
}
