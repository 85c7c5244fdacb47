//! What lists of conversations share: who sees which, counters, order, pages.

use gatewright_store::entity::{conversations, inbox_members, inboxes};
use sea_orm::sea_query::{Expr, ExprTrait as _, NullOrdering, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::list::{AssigneeFilter, SortBy};
use crate::caller::Caller;
use crate::error::Result;
use crate::time::Timestamp;

/// Conversations on one page.
const PAGE: u64 = 25;

/// How many conversations are found, whoever answers them.
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

/// The conversations of the caller's account that it sees: all for an administrator, for an agent
/// those of the inboxes it is a member of. Those of a removed inbox are being erased.
pub(crate) fn visible(caller: &Caller) -> Condition {
    let account = caller.account_id().get();
    let all = Condition::all().add(conversations::Column::AccountId.eq(account));
    if caller.is_administrator() {
        let removed = inboxes::Entity::find()
            .select_only()
            .column(inboxes::Column::Id)
            .filter(inboxes::Column::AccountId.eq(account))
            .filter(inboxes::Column::RemovedAt.is_not_null())
            .into_query();
        return all.add(conversations::Column::InboxId.not_in_subquery(removed));
    }
    let own = inbox_members::Entity::find()
        .select_only()
        .column(inbox_members::Column::InboxId)
        .filter(inbox_members::Column::UserId.eq(caller.user.id.get()))
        .into_query();
    all.add(conversations::Column::InboxId.in_subquery(own))
}

pub(super) fn assignee(caller: &Caller, filter: AssigneeFilter) -> Condition {
    let column = conversations::Column::AssigneeId;
    match filter {
        AssigneeFilter::Me => Condition::all().add(column.eq(caller.user.id.get())),
        AssigneeFilter::Unassigned => Condition::all().add(column.is_null()),
        AssigneeFilter::Assigned => Condition::all().add(column.is_not_null()),
        AssigneeFilter::All => Condition::all(),
    }
}

/// Counts what is found. One query.
pub(super) async fn counts(
    conn: &impl ConnectionTrait,
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

/// The ids that a query selects. It runs beside the counters: neither waits for the other.
pub(super) async fn ids(
    conn: &impl ConnectionTrait,
    query: Select<conversations::Entity>,
) -> Result<Vec<i64>> {
    Ok(query.into_tuple().all(conn).await?)
}

/// The minute of `last_activity_at`, which the indexes have instead of it.
const ACTIVITY_MINUTE: &str = "activity_minute";

fn minute(column: &'static str) -> Expr {
    Expr::col((conversations::Entity, column))
}

/// Conversations that changed at a time or later.
pub(super) fn updated_since(at: Timestamp) -> Condition {
    Condition::all()
        .add(minute("updated_minute").gte(at.0.div_euclid(60_000_000)))
        .add(conversations::Column::UpdatedAt.gte(at.0))
}

/// Puts a query in order. Equals of priority come by newest activity, equals of waiting by age.
///
/// The order of creation is the order of numbers: the index of the numbers serves it, so that no
/// index more has to be kept with every message.
pub(super) fn sort(
    query: Select<conversations::Entity>,
    by: SortBy,
) -> Select<conversations::Entity> {
    use conversations::Column as C;
    let last = NullOrdering::Last;
    match by {
        SortBy::LastActivityDesc => query
            .order_by_desc(minute(ACTIVITY_MINUTE))
            .order_by_desc(C::LastActivityAt)
            .order_by_desc(C::Id),
        SortBy::LastActivityAsc => query
            .order_by_asc(minute(ACTIVITY_MINUTE))
            .order_by_asc(C::LastActivityAt)
            .order_by_asc(C::Id),
        SortBy::CreatedDesc => query.order_by_desc(C::DisplayId),
        SortBy::CreatedAsc => query.order_by_asc(C::DisplayId),
        SortBy::PriorityDesc => query
            .order_by_with_nulls(C::Priority, Order::Desc, last)
            .order_by_desc(C::LastActivityAt)
            .order_by_desc(C::Id),
        SortBy::PriorityAsc => query
            .order_by_with_nulls(C::Priority, Order::Asc, last)
            .order_by_desc(C::LastActivityAt)
            .order_by_desc(C::Id),
        SortBy::WaitingDesc => query
            .order_by_with_nulls(C::WaitingSince, Order::Desc, last)
            .order_by_asc(C::DisplayId),
        SortBy::WaitingAsc => query
            .order_by_with_nulls(C::WaitingSince, Order::Asc, last)
            .order_by_asc(C::DisplayId),
    }
}

/// One page, counted from 1; pages far beyond the end are empty, not errors.
pub(super) fn page(
    query: Select<conversations::Entity>,
    page: u64,
) -> Select<conversations::Entity> {
    let before = Ord::min(page.saturating_sub(1), 1_000_000_000);
    query.limit(PAGE).offset(PAGE * before)
}
