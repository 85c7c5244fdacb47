//! Which rows may contain a text, by the search indexes (store's migration `m0002_search`).

use std::collections::BTreeSet;

use gatewright_store::Dialect;
use gatewright_store::search::INDEXED;
use sea_orm::sea_query::{Expr, SimpleExpr};

use super::escaped;

/// More runs than these narrow a search no further.
const RUNS_MAX: usize = 32;

/// The contacts that may contain `text`; those that do not are to be sorted out by their columns.
/// `None`: the text is too short for the index.
pub(crate) fn contacts(dialect: Dialect, text: &str) -> Option<SimpleExpr> {
    match dialect {
        Dialect::Sqlite => runs(text).map(|runs| {
            Expr::cust_with_values(
                "contacts.id IN (SELECT rowid FROM contact_search WHERE contact_search MATCH ?)",
                [runs],
            )
        }),
        Dialect::Postgres => Some(Expr::cust_with_values(
            "contacts.id IN (SELECT contact_id FROM contact_search WHERE content ILIKE $1)",
            [format!("%{}%", escaped(text))],
        )),
    }
}

/// The messages that contain `text`, whatever its case, and come from a person. The column
/// `messages.content` and the kinds are written as the index has them.
pub(crate) fn messages(dialect: Dialect, text: &str) -> sea_orm::Condition {
    let pattern = format!("%{}%", escaped(text));
    let all = sea_orm::Condition::all().add(Expr::cust("messages.message_type IN (0, 1)"));
    match dialect {
        Dialect::Postgres => all.add(Expr::cust_with_values(
            "messages.content ILIKE $1",
            [pattern],
        )),
        Dialect::Sqlite => all
            .add_option(runs(text).map(|runs| {
                // What is not indexed yet may contain it, too.
                Expr::cust_with_values(
                    format!(
                        "(messages.id IN \
                         (SELECT rowid FROM message_search WHERE message_search MATCH ?) \
                         OR messages.id > {INDEXED})"
                    ),
                    [runs],
                )
            }))
            .add(Expr::cust_with_values(
                r"messages.content LIKE ? ESCAPE '\'",
                [pattern],
            )),
    }
}

/// The text's runs of three characters, as a query of SQLite's index.
fn runs(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let runs: BTreeSet<String> = chars
        .windows(3)
        .take(RUNS_MAX)
        .map(|run| {
            format!(
                "\"{}\"",
                run.iter().collect::<String>().replace('"', "\"\"")
            )
        })
        .collect();
    (!runs.is_empty()).then(|| runs.into_iter().collect::<Vec<_>>().join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_quote_what_the_index_would_take_as_its_language() {
        assert_eq!(runs("ab"), None);
        assert_eq!(runs("abc").as_deref(), Some("\"abc\""));
        assert_eq!(runs("a\"*b").as_deref(), Some("\"\"\"*b\" AND \"a\"\"*\""));
    }
}
