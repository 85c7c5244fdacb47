use gatewright_store::entity::{contact_labels, contacts};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::sort::attribute;
use crate::error::Result;
use crate::filter::{self, DAYS, EQUALITY, Key, Kind, Operator, PRESENCE, Place, TEXT};
use crate::ids::AccountId;
use crate::time::Timestamp;

/// Of phone numbers.
const PHONE: &[Operator] = &[
    Operator::EqualTo,
    Operator::NotEqualTo,
    Operator::Contains,
    Operator::DoesNotContain,
    Operator::StartsWith,
];

/// What contacts can be filtered by (contract, section 4.1).
const KEYS: &[Key] = &[
    key("name", TEXT, Kind::Text),
    key("phone_number", PHONE, Kind::Phone),
    key("email", TEXT, Kind::Text),
    key("identifier", EQUALITY, Kind::Text),
    key("country_code", EQUALITY, Kind::Text),
    key("city", TEXT, Kind::Text),
    key("company", TEXT, Kind::Text),
    key("labels", PRESENCE, Kind::Labels),
    key("created_at", DAYS, Kind::Day),
    key("last_activity_at", DAYS, Kind::Day),
    key("blocked", EQUALITY, Kind::Flag),
];

const fn key(name: &'static str, operators: &'static [Operator], kind: Kind) -> Key {
    Key {
        name,
        operators,
        kind,
    }
}

/// Contacts of the account for which the conditions hold.
///
/// # Errors
/// [`crate::Error::Unprocessable`] with the contract's texts.
pub(super) fn condition(
    account: AccountId,
    conditions: &[filter::Condition],
    now: Timestamp,
) -> Result<sea_orm::Condition> {
    let checked = filter::parse(conditions, KEYS, now)?;
    Ok(filter::condition(&checked, |key| place(account, key)))
}

fn place(account: AccountId, key: &'static str) -> Place {
    use contacts::Column as C;
    let column = |column: C| Place::Value(Expr::col((contacts::Entity, column)));
    match key {
        "name" => column(C::Name),
        "phone_number" => column(C::PhoneNumber),
        "email" => column(C::Email),
        "identifier" => column(C::Identifier),
        "country_code" => Place::Value(attribute("country_code")),
        "city" => Place::Value(attribute("city")),
        "company" => Place::Value(attribute("company_name")),
        "labels" => labels(account),
        "created_at" => column(C::CreatedAt),
        "last_activity_at" => column(C::LastActivityAt),
        "blocked" => column(C::Blocked),
        _ => Place::Nowhere,
    }
}

fn labels(account: AccountId) -> Place {
    use contact_labels::Column as L;
    let query = contact_labels::Entity::find()
        .select_only()
        .column(L::ContactId)
        .filter(L::AccountId.eq(account.get()))
        .into_query();
    Place::Labels {
        id: Expr::col((contacts::Entity, contacts::Column::Id)),
        query,
        title: Expr::col((contact_labels::Entity, L::Title)),
    }
}
