use gatewright_store::Dialect;
use gatewright_store::entity::contacts;
use sea_orm::Condition;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait as _, SimpleExpr};

use super::sort::attribute;
use crate::filter::{escaped, search};

/// No text that is looked through is longer than 255 characters, but for companies' names.
const LONGEST: usize = 1000;

/// Contacts of which a text contains `text` (contract, section 4.1). Texts of fewer than three
/// characters are looked for in all contacts of the account.
pub(super) fn contains(dialect: Dialect, text: &str) -> Condition {
    if text.chars().count() > LONGEST {
        return Condition::all().add(Expr::val(false).eq(true));
    }
    let column = |column| Expr::col((contacts::Entity, column));
    let (folded, exact) = operators(dialect);
    let pattern = Expr::val(pattern(dialect, text, true));
    let texts: [SimpleExpr; 4] = [
        column(contacts::Column::Name),
        column(contacts::Column::Email),
        column(contacts::Column::PhoneNumber),
        attribute("company_name"),
    ];
    let mut any = Condition::any();
    for value in texts {
        any = any.add(value.binary(folded, pattern.clone()));
    }
    let identifier: SimpleExpr = column(contacts::Column::Identifier);
    any = any.add(identifier.binary(exact, Expr::val(self::pattern(dialect, text, false))));
    Condition::all()
        .add_option(search::contacts(dialect, text))
        .add(any)
}

/// How a pattern is compared without and with regard to case. SQLite's LIKE folds ASCII only, and
/// always; its GLOB has sets of characters, so that a pattern can name both cases of each.
fn operators(dialect: Dialect) -> (BinOper, BinOper) {
    match dialect {
        Dialect::Postgres => (BinOper::Custom("ILIKE"), BinOper::Like),
        Dialect::Sqlite => (BinOper::Custom("GLOB"), BinOper::Custom("GLOB")),
    }
}

fn pattern(dialect: Dialect, text: &str, folded: bool) -> String {
    match dialect {
        Dialect::Postgres => format!("%{}%", escaped(text)),
        Dialect::Sqlite => {
            let chars: String = text.chars().map(|char| set(char, folded)).collect();
            format!("*{chars}*")
        }
    }
}

/// A character in a GLOB: the set of its cases, and wildcards as themselves.
fn set(char: char, folded: bool) -> String {
    let upper = single(char.to_uppercase(), char);
    let lower = single(char.to_lowercase(), char);
    match char {
        '*' | '?' | '[' => format!("[{char}]"),
        _ if folded && upper != lower => format!("[{lower}{upper}]"),
        _ => char.to_string(),
    }
}

/// The one character of a mapping, or `char` where there are more.
fn single(mut mapped: impl Iterator<Item = char>, char: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_taken_literally() {
        let postgres = pattern(Dialect::Postgres, r"50%_\", true);
        assert_eq!(postgres, r"%50\%\_\\%");
        let sqlite = pattern(Dialect::Sqlite, "a*?[b]", false);
        assert_eq!(sqlite, "*a[*][?][[]b]*");
    }

    #[test]
    fn both_cases_are_in_the_pattern() {
        let sqlite = pattern(Dialect::Sqlite, "Zoë ß1", true);
        assert_eq!(sqlite, "*[zZ][oO][ëË] ß1*");
    }
}
