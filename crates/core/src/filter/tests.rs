use sea_orm::sea_query::{Asterisk, Expr, Query, SqliteQueryBuilder};

use super::*;
use crate::error::Error;
use crate::time::Timestamp;

fn code(name: &str) -> Option<i16> {
    crate::model::ConversationStatus::from_name(name).map(crate::model::ConversationStatus::code)
}

const KEYS: &[Key] = &[
    Key {
        name: "status",
        operators: EQUALITY,
        kind: Kind::Named(code),
    },
    Key {
        name: "name",
        operators: TEXT,
        kind: Kind::Text,
    },
    Key {
        name: "inbox_id",
        operators: PRESENCE,
        kind: Kind::Number,
    },
    Key {
        name: "blocked",
        operators: EQUALITY,
        kind: Kind::Flag,
    },
    Key {
        name: "created_at",
        operators: DAYS,
        kind: Kind::Day,
    },
    Key {
        name: "labels",
        operators: PRESENCE,
        kind: Kind::Labels,
    },
];

/// 2026-01-20T09:15:00Z.
const NOW: Timestamp = Timestamp(1_768_900_500_000_000);

fn of(key: &str, operator: &str, values: &[&str], joint: Option<&str>) -> Condition {
    Condition {
        attribute_key: key.to_owned(),
        filter_operator: operator.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        query_operator: joint.map(str::to_owned),
    }
}

fn place(key: &'static str) -> Place {
    if key != "labels" {
        return Place::Value(Expr::col(key));
    }
    let query = Query::select()
        .expr(Expr::col(Asterisk))
        .from("labels")
        .to_owned();
    Place::Labels {
        id: Expr::col("id"),
        query,
        title: Expr::col("title"),
    }
}

fn sql(conditions: &[Condition]) -> String {
    let checked = parse(conditions, KEYS, NOW).expect("the conditions can be asked");
    Query::select()
        .expr(Expr::col(Asterisk))
        .from("t")
        .cond_where(condition(&checked, place))
        .to_string(SqliteQueryBuilder)
        .replace("SELECT * FROM \"t\"", "")
        .trim_start_matches(" WHERE ")
        .replace('"', "")
}

fn refusal(conditions: &[Condition]) -> String {
    match parse(conditions, KEYS, NOW) {
        Err(Error::Unprocessable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_operator_has_its_comparison() {
    let cases = [
        (
            of("status", "equal_to", &["open", "snoozed"], None),
            "status IN (0, 3)",
        ),
        (
            of("status", "not_equal_to", &["resolved"], None),
            "status NOT IN (1)",
        ),
        (
            of("status", "equal_to", &["all"], None),
            "status IN (0, 1, 2, 3)",
        ),
        (
            of("name", "equal_to", &["Ana"], None),
            "LOWER(name) IN (LOWER('Ana'))",
        ),
        (
            of("name", "contains", &["A%"], None),
            "LOWER(CAST(name AS text)) LIKE LOWER('%A\\%%') ESCAPE '\\'",
        ),
        (
            of("name", "does_not_contain", &["a", "b"], None),
            "LOWER(CAST(name AS text)) NOT LIKE LOWER('%a%') ESCAPE '\\' AND LOWER(CAST(name AS text)) NOT LIKE LOWER('%b%') ESCAPE '\\'",
        ),
        (
            of("inbox_id", "is_present", &[], None),
            "inbox_id IS NOT NULL",
        ),
        (
            of("inbox_id", "is_not_present", &[], None),
            "inbox_id IS NULL",
        ),
        (of("inbox_id", "equal_to", &["3"], None), "inbox_id IN (3)"),
        (
            of("blocked", "equal_to", &["true"], None),
            "blocked IN (TRUE)",
        ),
        (
            of("created_at", "is_greater_than", &["2026-01-19"], None),
            "created_at >= 1768867200000000",
        ),
        (
            of("created_at", "is_less_than", &["2026-01-20"], None),
            "created_at < 1768867200000000",
        ),
        (
            of("created_at", "days_before", &["1"], None),
            "created_at < 1768780800000000",
        ),
        (
            of("labels", "equal_to", &["a"], None),
            "id IN (SELECT * FROM labels WHERE title IN ('a'))",
        ),
        (
            of("labels", "is_not_present", &[], None),
            "id NOT IN (SELECT * FROM labels)",
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(
            sql(std::slice::from_ref(&condition)),
            expected,
            "{condition:?}"
        );
    }
}

#[test]
fn and_binds_more_tightly_than_or() {
    let conditions = [
        of("inbox_id", "equal_to", &["1"], Some("OR")),
        of("inbox_id", "equal_to", &["2"], Some("and")),
        of("status", "equal_to", &["open"], Some("or")),
        of("name", "equal_to", &["x"], None),
    ];
    assert_eq!(
        sql(&conditions),
        "inbox_id IN (1) OR (inbox_id IN (2) AND status IN (0)) OR LOWER(name) IN (LOWER('x'))"
    );
    assert_eq!(sql(&[]), "TRUE", "no conditions match everything");
}

#[test]
fn refusals_are_in_the_contracts_words() {
    assert_eq!(
        refusal(&[of("nonsense", "equal_to", &["1"], None)]),
        "Invalid attribute key - [nonsense]. The key should be one of \
         [status,name,inbox_id,blocked,created_at,labels] or a custom attribute defined in the \
         account."
    );
    assert_eq!(
        refusal(&[of("status", "contains", &["open"], None)]),
        "Invalid operator. The allowed operators for status are [equal_to,not_equal_to]."
    );
    let joint = "Query operator must be either \"AND\" or \"OR\".";
    let ok = of("inbox_id", "is_present", &[], None);
    assert_eq!(
        refusal(&[of("inbox_id", "is_present", &[], Some("XOR"))]),
        joint
    );
    assert_eq!(
        refusal(&[ok.clone(), ok]),
        joint,
        "two conditions must say how they join"
    );
    for (key, operator, values) in [
        ("status", "equal_to", &[][..]),
        ("status", "equal_to", &["closed"][..]),
        ("inbox_id", "equal_to", &["x"][..]),
        ("inbox_id", "equal_to", &["9223372036854775808"][..]),
        ("blocked", "equal_to", &["maybe"][..]),
        ("created_at", "is_less_than", &["yesterday"][..]),
        ("created_at", "is_greater_than", &["9999-12-31"][..]),
        ("created_at", "days_before", &["x"][..]),
    ] {
        let expected = format!("Invalid value. The values provided for {key} are invalid");
        assert_eq!(
            refusal(&[of(key, operator, values, None)]),
            expected,
            "{values:?}"
        );
    }
    let many = vec![of("inbox_id", "is_present", &[], Some("or")); 101];
    assert!(refusal(&many).contains("100 conditions"));
    let values = vec!["x"; 100];
    let many = vec![of("name", "equal_to", &values, Some("or")); 11];
    assert!(refusal(&many).contains("1000 values"));
    let long = "x".repeat(1001);
    for values in [&vec!["x"; 101][..], &[long.as_str()]] {
        let refused = refusal(&[of("name", "contains", values, None)]);
        assert_eq!(
            refused,
            "Invalid value. The values provided for name are invalid"
        );
    }
}
