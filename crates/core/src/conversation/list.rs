use std::time::Duration;

use gatewright_store::entity::{
    contact_inboxes, conversation_labels, conversations, inbox_members,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{ConversationFull, repo};
use crate::caller::Caller;
use crate::error::Result;
use crate::ids::InboxId;
use crate::kernel::Kernel;
use crate::model::ConversationStatus;

const PAGE: u64 = 25;

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
    /// Of presences with this source id.
    pub source_id: Option<String>,
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
            source_id: None,
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

/// How many conversations the filter finds, whoever answers them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The caller's.
    pub mine: i64,
    /// Somebody's.
    pub assigned: i64,
    /// Nobody's.
    pub unassigned: i64,
    /// All.
    pub all: i64,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct ConversationPage {
    /// The counters over all pages.
    pub counts: Counts,
    /// The page.
    pub conversations: Vec<ConversationFull>,
}

pub(super) async fn list(
    kernel: &Kernel,
    caller: &Caller,
    filter: &ConversationFilter,
) -> Result<ConversationPage> {
    let conn = kernel.db.read();
    let found = condition(kernel, caller, filter);
    let counts = counts(conn, caller, found.clone()).await?;
    let mut query = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(found)
        .filter(assignee(caller, filter.assignee));
    query = sort(query, filter.sort_by);
    if filter.updated_within.is_none() {
        query = query.limit(PAGE).offset(offset(filter.page));
    } else {
        query = query.limit(1000);
    }
    let ids: Vec<i64> = query.into_tuple().all(conn).await?;
    let conversations = repo::full(kernel, conn, caller.account_id(), &ids).await?;
    Ok(ConversationPage {
        counts,
        conversations,
    })
}

/// Rows before a page; pages far beyond the end are empty, not errors.
fn offset(page: u64) -> u64 {
    let before = page.saturating_sub(1);
    if before > 1_000_000_000 {
        PAGE * 1_000_000_000
    } else {
        PAGE * before
    }
}

fn condition(kernel: &Kernel, caller: &Caller, filter: &ConversationFilter) -> Condition {
    let mut all =
        Condition::all().add(conversations::Column::AccountId.eq(caller.account_id().get()));
    if !caller.is_administrator() {
        let own = inbox_members::Entity::find()
            .select_only()
            .column(inbox_members::Column::InboxId)
            .filter(inbox_members::Column::UserId.eq(caller.user.id.get()))
            .into_query();
        all = all.add(conversations::Column::InboxId.in_subquery(own));
    }
    if let Some(status) = filter.status {
        all = all.add(conversations::Column::Status.eq(status.code()));
    }
    if let Some(inbox_id) = filter.inbox_id {
        all = all.add(conversations::Column::InboxId.eq(inbox_id.get()));
    }
    if !filter.labels.is_empty() {
        let labelled = conversation_labels::Entity::find()
            .select_only()
            .column(conversation_labels::Column::ConversationId)
            .filter(conversation_labels::Column::Title.is_in(filter.labels.clone()))
            .into_query();
        all = all.add(conversations::Column::Id.in_subquery(labelled));
    }
    if let Some(source_id) = &filter.source_id {
        let presences = contact_inboxes::Entity::find()
            .select_only()
            .column(contact_inboxes::Column::Id)
            .filter(contact_inboxes::Column::AccountId.eq(caller.account_id().get()))
            .filter(contact_inboxes::Column::SourceId.eq(source_id))
            .into_query();
        all = all.add(conversations::Column::ContactInboxId.in_subquery(presences));
    }
    if let Some(within) = filter.updated_within {
        all = all.add(conversations::Column::UpdatedAt.gt(kernel.now().minus(within).0));
    }
    all
}

fn assignee(caller: &Caller, filter: AssigneeFilter) -> Condition {
    let column = conversations::Column::AssigneeId;
    match filter {
        AssigneeFilter::Me => Condition::all().add(column.eq(caller.user.id.get())),
        AssigneeFilter::Unassigned => Condition::all().add(column.is_null()),
        AssigneeFilter::Assigned => Condition::all().add(column.is_not_null()),
        AssigneeFilter::All => Condition::all(),
    }
}

async fn counts(
    conn: &impl sea_orm::ConnectionTrait,
    caller: &Caller,
    found: Condition,
) -> Result<Counts> {
    let column = conversations::Column::AssigneeId;
    let mine: SimpleExpr = Expr::case(column.eq(caller.user.id.get()), Expr::val(1))
        .finally(Expr::val(0))
        .into();
    let row: Option<(i64, i64, Option<i64>)> = conversations::Entity::find()
        .select_only()
        .expr_as(Expr::col(conversations::Column::Id).count(), "everything")
        .expr_as(
            Expr::col(conversations::Column::AssigneeId).count(),
            "assigned",
        )
        .expr_as(Expr::expr(mine).sum(), "mine")
        .filter(found)
        .into_tuple()
        .one(conn)
        .await?;
    let (all, assigned, mine) = row.unwrap_or_default();
    Ok(Counts {
        mine: mine.unwrap_or(0),
        assigned,
        unassigned: all - assigned,
        all,
    })
}

fn sort(
    query: sea_orm::Select<conversations::Entity>,
    by: SortBy,
) -> sea_orm::Select<conversations::Entity> {
    use conversations::Column as C;
    let (column, order) = match by {
        SortBy::LastActivityDesc => (C::LastActivityAt, Order::Desc),
        SortBy::LastActivityAsc => (C::LastActivityAt, Order::Asc),
        SortBy::CreatedDesc => (C::CreatedAt, Order::Desc),
        SortBy::CreatedAsc => (C::CreatedAt, Order::Asc),
        SortBy::PriorityDesc => (C::Priority, Order::Desc),
        SortBy::PriorityAsc => (C::Priority, Order::Asc),
        SortBy::WaitingDesc => (C::WaitingSince, Order::Desc),
        SortBy::WaitingAsc => (C::WaitingSince, Order::Asc),
    };
    let query = match by {
        SortBy::PriorityDesc | SortBy::PriorityAsc | SortBy::WaitingDesc | SortBy::WaitingAsc => {
            query.order_by_with_nulls(
                column,
                order.clone(),
                sea_orm::sea_query::NullOrdering::Last,
            )
        }
        _ => query.order_by(column, order.clone()),
    };
    query.order_by(C::Id, order)
}
