//! Conditions as one expression of SQL.

use sea_orm::sea_query::{BinOper, Expr, ExprTrait as _, Func, SelectStatement, SimpleExpr};

use super::Operator;
use super::parse::{Checked, Joint, Operand};
use crate::time::Timestamp;

/// Where a key's value stands.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each condition, and gone at once"
)]
pub(crate) enum Place {
    /// In this expression: text, a number, a boolean or microseconds.
    Value(SimpleExpr),
    /// In the titles of labels.
    Labels {
        /// The id of the record that is filtered.
        id: SimpleExpr,
        /// Selects the ids of records that have labels.
        query: SelectStatement,
        /// A label's title in that query.
        title: SimpleExpr,
    },
    /// Nowhere: no record has one.
    Nowhere,
}

/// One condition that holds when all do, with the precedence of SQL: AND before OR. No conditions
/// hold for every record.
pub(crate) fn condition(
    conditions: &[Checked],
    place: impl Fn(&'static str) -> Place,
) -> sea_orm::Condition {
    if conditions.is_empty() {
        return sea_orm::Condition::all();
    }
    let mut any = sea_orm::Condition::any();
    let mut all = sea_orm::Condition::all();
    for condition in conditions {
        all = all.add(one(condition, place(condition.key)));
        if condition.joint == Joint::Or {
            any = any.add(std::mem::replace(&mut all, sea_orm::Condition::all()));
        }
    }
    if !all.is_empty() {
        any = any.add(all);
    }
    any
}

fn one(condition: &Checked, place: Place) -> SimpleExpr {
    match place {
        Place::Value(value) => compare(condition, value),
        Place::Labels { id, query, title } => labelled(condition, id, query, title),
        Place::Nowhere => Expr::val(condition.operator == Operator::IsNotPresent).eq(true),
    }
}

fn compare(condition: &Checked, value: SimpleExpr) -> SimpleExpr {
    let negated = matches!(
        condition.operator,
        Operator::NotEqualTo | Operator::DoesNotContain
    );
    match &condition.operand {
        Operand::Presence if condition.operator == Operator::IsPresent => value.is_not_null(),
        Operand::Presence => value.is_null(),
        Operand::Texts(texts) => match pattern(condition.operator) {
            Some(pattern) => like(&value, texts, pattern, negated),
            None => among(
                lower(value),
                texts.iter().map(|text| lower(Expr::val(text.clone()))),
                negated,
            ),
        },
        Operand::Numbers(numbers) => among(value, numbers.iter().map(|n| Expr::val(*n)), negated),
        Operand::Flags(flags) => among(value, flags.iter().map(|f| Expr::val(*f)), negated),
        Operand::Labels(_) => Expr::val(false).eq(true),
        Operand::Before(Timestamp(at)) => value.lt(*at),
        Operand::From(Timestamp(at)) => value.gte(*at),
    }
}

/// The database folds both sides, so that they are folded alike.
fn lower(value: SimpleExpr) -> SimpleExpr {
    Func::lower(value).into()
}

fn among(value: SimpleExpr, values: impl Iterator<Item = SimpleExpr>, negated: bool) -> SimpleExpr {
    if negated {
        value.is_not_in(values)
    } else {
        value.is_in(values)
    }
}

/// What stands before and behind a part of a text.
fn pattern(operator: Operator) -> Option<(&'static str, &'static str)> {
    match operator {
        Operator::Contains | Operator::DoesNotContain => Some(("%", "%")),
        Operator::StartsWith => Some(("", "%")),
        _ => None,
    }
}

fn like(
    value: &SimpleExpr,
    parts: &[String],
    (before, behind): (&str, &str),
    negated: bool,
) -> SimpleExpr {
    let operator = if negated {
        BinOper::NotLike
    } else {
        BinOper::Like
    };
    let each = parts.iter().map(|part| {
        let part = format!("{before}{}{behind}", escaped(part));
        let escape = Expr::Constant('\\'.into());
        let pattern = lower(Expr::val(part)).binary(BinOper::Escape, escape);
        lower(value.clone().cast_as("text")).binary(operator, pattern)
    });
    let joined = if negated {
        each.reduce(SimpleExpr::and)
    } else {
        each.reduce(SimpleExpr::or)
    };
    joined.unwrap_or_else(|| Expr::val(false).eq(true))
}

/// The text with the wildcards of LIKE taken literally; the escape character is a backslash.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

/// The query does not look at the record, so that a title's records are found once, not once for
/// each record.
fn labelled(
    condition: &Checked,
    id: SimpleExpr,
    mut query: SelectStatement,
    title: SimpleExpr,
) -> SimpleExpr {
    if let Operand::Labels(titles) = &condition.operand {
        query.and_where(title.is_in(titles.clone()));
    }
    match condition.operator {
        Operator::NotEqualTo | Operator::IsNotPresent => id.not_in_subquery(query),
        _ => id.in_subquery(query),
    }
}
