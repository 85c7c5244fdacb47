use gatewright_store::entity::contacts;
use sea_orm::sea_query::{Expr, Func, NullOrdering, SimpleExpr};
use sea_orm::{Order, QueryOrder, Select};

use crate::error::{Error, Result};

coded! {
    /// By what contacts are ordered.
    SortBy {
        /// Name, without regard to case.
        Name = 0 "name",
        /// Address.
        Email = 1 "email",
        /// Phone number.
        PhoneNumber = 2 "phone_number",
        /// When it last wrote.
        LastActivityAt = 3 "last_activity_at",
        /// When it was made.
        CreatedAt = 4 "created_at",
        /// Name of its company.
        Company = 5 "company",
        /// City.
        City = 6 "city",
        /// Country.
        Country = 7 "country",
    }
}

/// One part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Greatest first. Either way those without a value come last.
    pub descending: bool,
}

/// More parts than this cannot differ.
const MOST: usize = SortBy::ALL.len();

impl Sort {
    /// Reads a list such as `-last_activity_at,name`; the first part counts most. Blank is none.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] names what is no order.
    pub fn parse(text: &str) -> Result<Vec<Self>> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let mut all: Vec<Self> = Vec::new();
        for part in parts {
            let one = Self::one(part)?;
            if all.len() < MOST && all.iter().all(|known| known.by != one.by) {
                all.push(one);
            }
        }
        Ok(all)
    }

    fn one(part: &str) -> Result<Self> {
        let name = part.strip_prefix('-').unwrap_or(part);
        let by = SortBy::from_name(name).ok_or_else(|| {
            let shown: String = part.chars().take(100).collect();
            let names: Vec<&str> = SortBy::ALL.iter().map(|by| by.as_str()).collect();
            Error::Unprocessable(format!(
                "'{shown}' is not a valid sort: it must be one of {}, with - in front for the \
                 reverse",
                names.join(", ")
            ))
        })?;
        Ok(Self {
            by,
            descending: part.starts_with('-'),
        })
    }

    fn order(self) -> Order {
        if self.descending {
            Order::Desc
        } else {
            Order::Asc
        }
    }

    /// Whether a contact may lack the value.
    pub(super) fn is_optional(self) -> bool {
        !matches!(self.by, SortBy::Name | SortBy::CreatedAt)
    }

    /// What is there when the value is, and comes in its order; the indexes of `contacts` are on
    /// these very expressions.
    pub(super) fn indexed(self) -> SimpleExpr {
        match self.by {
            SortBy::LastActivityAt => Expr::col((contacts::Entity, "activity_minute")),
            _ => self.value(),
        }
    }

    /// What is compared.
    fn value(self) -> SimpleExpr {
        use contacts::Column as C;
        let column = |column: C| Expr::col((contacts::Entity, column));
        match self.by {
            SortBy::Name => Func::lower(Expr::col((contacts::Entity, C::Name))).into(),
            SortBy::Email => column(C::Email),
            SortBy::PhoneNumber => column(C::PhoneNumber),
            SortBy::LastActivityAt => column(C::LastActivityAt),
            SortBy::CreatedAt => column(C::CreatedAt),
            SortBy::Company => attribute("company_name"),
            SortBy::City => attribute("city"),
            SortBy::Country => attribute("country"),
        }
    }
}

/// A system fact of the contact as text. The name is written out, because an index is only used for
/// the expression that it was made of.
pub(super) fn attribute(name: &'static str) -> SimpleExpr {
    Expr::cust(format!(
        "(\"contacts\".\"additional_attributes\" ->> '{name}')"
    ))
}

/// Orders contacts that all have the first value: so its index serves either direction, and the
/// question where nulls stand does not arise.
pub(super) fn ordered(query: Select<contacts::Entity>, sort: &[Sort]) -> Select<contacts::Entity> {
    let Some((first, rest)) = sort.split_first() else {
        return query.order_by_asc(contacts::Column::Id);
    };
    let mut query = query.order_by(first.indexed(), first.order());
    if first.by == SortBy::LastActivityAt {
        query = query.order_by(first.value(), first.order());
    }
    by_the_rest(query, rest, first.order())
}

/// Orders contacts of which some may lack the first value.
pub(super) fn ordered_nulls_last(
    query: Select<contacts::Entity>,
    sort: &[Sort],
) -> Select<contacts::Entity> {
    by_the_rest(query, sort, Order::Asc)
}

/// Equal ones come by id, in the direction of the first part, as the indexes have them.
fn by_the_rest(
    mut query: Select<contacts::Entity>,
    rest: &[Sort],
    ids: Order,
) -> Select<contacts::Entity> {
    for part in rest {
        query = query.order_by_with_nulls(part.value(), part.order(), NullOrdering::Last);
    }
    query.order_by(contacts::Column::Id, ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_from_the_left_and_repeats_count_once() {
        let read = Sort::parse(" -last_activity_at, name,,name,-name").unwrap();
        let sort = |by, descending| Sort { by, descending };
        assert_eq!(
            read,
            [
                sort(SortBy::LastActivityAt, true),
                sort(SortBy::Name, false)
            ]
        );
        assert_eq!(Sort::parse(" , ").unwrap(), []);
    }

    #[test]
    fn an_unknown_order_is_refused_by_name() {
        for text in ["id", "-", "name,--email"] {
            let refused = Sort::parse(text).unwrap_err().to_string();
            assert!(refused.contains("is not a valid sort"), "{refused}");
            assert!(refused.contains("last_activity_at"), "{refused}");
        }
    }
}
