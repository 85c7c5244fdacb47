//! Conversations by conditions (contract, sections 4.1 and 4.2).

use gatewright_store::entity::{conversation_labels, conversations};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::list::{ConversationPage, SortBy};
use super::query::{counts, ids, page, sort, visible};
use super::repo;
use crate::caller::Caller;
use crate::error::Result;
use crate::filter::{
    Condition, DAYS, EQUALITY, Key, Kind, PRESENCE, Place, TEXT, condition, parse,
};
use crate::kernel::Kernel;
use crate::model::{ConversationStatus, Priority};

const KEYS: &[Key] = &[
    key("status", EQUALITY, Kind::Named(status)),
    key("priority", EQUALITY, Kind::Named(priority)),
    key("browser_language", EQUALITY, Kind::Text),
    key("conversation_language", EQUALITY, Kind::Text),
    key("assignee_id", PRESENCE, Kind::Number),
    key("inbox_id", PRESENCE, Kind::Number),
    key("team_id", PRESENCE, Kind::Number),
    key("campaign_id", PRESENCE, Kind::Number),
    key("labels", PRESENCE, Kind::Labels),
    key("display_id", TEXT, Kind::Number),
    key("referer", TEXT, Kind::Text),
    key("mail_subject", TEXT, Kind::Text),
    key("created_at", DAYS, Kind::Day),
    key("last_activity_at", DAYS, Kind::Day),
];

const fn key(name: &'static str, operators: &'static [crate::filter::Operator], kind: Kind) -> Key {
    Key {
        name,
        operators,
        kind,
    }
}

fn status(name: &str) -> Option<i16> {
    ConversationStatus::from_name(name).map(ConversationStatus::code)
}

fn priority(name: &str) -> Option<i16> {
    Priority::from_name(name).map(Priority::code)
}

/// Newest activity first. Six queries at most, however many conversations there are.
pub(super) async fn filter(
    kernel: &Kernel,
    caller: &Caller,
    conditions: &[Condition],
    number: u64,
) -> Result<ConversationPage> {
    let checked = parse(conditions, KEYS, kernel.now())?;
    let found = visible(caller).add(condition(&checked, place));
    let conn = kernel.db.read();
    let counts = counts(conn, caller, found.clone());
    let query = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(found);
    let query = page(sort(query, SortBy::LastActivityDesc), number);
    let (counts, ids) = tokio::try_join!(counts, ids(conn, query))?;
    let conversations = repo::full(kernel, conn, caller.account_id(), &ids).await?;
    Ok(ConversationPage {
        counts,
        conversations,
    })
}

fn place(key: &'static str) -> Place {
    use conversations::Column as C;
    let column = |column: C| Place::Value(Expr::col((conversations::Entity, column)));
    match key {
        "status" => column(C::Status),
        "priority" => column(C::Priority),
        "assignee_id" => column(C::AssigneeId),
        "inbox_id" => column(C::InboxId),
        "display_id" => column(C::DisplayId),
        "created_at" => column(C::CreatedAt),
        "last_activity_at" => column(C::LastActivityAt),
        "labels" => labels(),
        // No conversation has a team or a campaign.
        "team_id" | "campaign_id" => Place::Nowhere,
        attribute => Place::Value(additional(attribute)),
    }
}

fn labels() -> Place {
    use conversation_labels::Column as L;
    let query = conversation_labels::Entity::find()
        .select_only()
        .column(L::ConversationId)
        .into_query();
    Place::Labels {
        id: Expr::col((conversations::Entity, conversations::Column::Id)),
        query,
        title: Expr::col((conversation_labels::Entity, L::Title)),
    }
}

/// A system fact. Its name is one of [`KEYS`], never a caller's text.
fn additional(name: &'static str) -> Expr {
    Expr::cust(format!(
        "\"conversations\".\"additional_attributes\" ->> '{name}'"
    ))
}
