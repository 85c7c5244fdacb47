//! Rows as parameters of a statement, and as JSON arrays in its answer: the fields of a row are the
//! columns, in their order.
//!
//! On SQLite all rows are one parameter, a JSON array for each row. PostgreSQL reads JSON at several
//! times the cost of arrays, so there each column is a parameter: an array in the database's own
//! notation, because the driver's arrays hold no null.

use std::fmt::Write as _;

use sea_orm::{DbErr, Value};
use serde::Serialize;
use serde_json::value::RawValue;

use super::row::{Apart, LeaseEnd};
use crate::Dialect;

/// A struct whose fields are columns, made by [`row!`].
pub(super) trait Row: Serialize {
    const COLUMNS: &'static [Column];

    /// Adds the fields to the arrays of as many columns.
    fn add_to(&self, columns: &mut [String]);
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    BigInt,
    SmallInt,
    Integer,
    Double,
    Boolean,
    Text,
    Json,
    /// A text in a parameter of its own.
    Apart,
    /// A time, or a length that is added to PostgreSQL's clock.
    LeaseEnd,
}

impl Kind {
    fn postgres(self) -> &'static str {
        match self {
            Kind::BigInt | Kind::LeaseEnd => "bigint",
            Kind::SmallInt => "smallint",
            Kind::Integer => "integer",
            Kind::Double => "double precision",
            Kind::Boolean => "boolean",
            Kind::Text | Kind::Apart => "text",
            Kind::Json => "jsonb",
        }
    }
}

/// A type that a column can have.
pub(super) trait Field {
    const KIND: Kind;

    /// Writes the value as an element of PostgreSQL's notation.
    fn write(&self, out: &mut String);
}

macro_rules! number {
    ($($type:ty: $kind:ident,)*) => {$(
        impl Field for $type {
            const KIND: Kind = Kind::$kind;

            fn write(&self, out: &mut String) {
                // Writing to a text does not fail.
                write!(out, "{self}").ok();
            }
        }
    )*};
}

number! {
    i64: BigInt,
    i32: Integer,
    i16: SmallInt,
    f64: Double,
    bool: Boolean,
}

impl Field for &str {
    const KIND: Kind = Kind::Text;

    fn write(&self, out: &mut String) {
        quote(self, out);
    }
}

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn write(&self, out: &mut String) {
        quote(self, out);
    }
}

impl Field for Box<RawValue> {
    const KIND: Kind = Kind::Json;

    fn write(&self, out: &mut String) {
        quote(self.get(), out);
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;

    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("NULL"),
        }
    }
}

impl Field for Apart {
    const KIND: Kind = Kind::Apart;

    fn write(&self, _: &mut String) {}
}

impl Field for LeaseEnd {
    const KIND: Kind = Kind::LeaseEnd;

    fn write(&self, out: &mut String) {
        self.length.write(out);
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        let (plain, escaped) = rest.split_at(at);
        out.push_str(plain);
        out.push('\\');
        let (one, behind) = escaped.split_at(1);
        out.push_str(one);
        rest = behind;
    }
    out.push_str(rest);
    out.push('"');
}

/// Defines a struct as a [`Row`], which is written to JSON as an array.
macro_rules! row {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$note:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$note])* pub $field: $type,)*
        }

        impl $crate::hot::columns::Row for $name {
            const COLUMNS: &'static [$crate::hot::columns::Column] = &[
                $($crate::hot::columns::Column {
                    name: stringify!($field),
                    kind: <$type as $crate::hot::columns::Field>::KIND,
                },)*
            ];

            fn add_to(&self, columns: &mut [String]) {
                let mut columns = columns.iter_mut();
                $(if let Some(column) = columns.next() {
                    $crate::hot::columns::Field::write(&self.$field, column);
                    column.push(',');
                })*
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeTuple as _;
                let columns = <Self as $crate::hot::columns::Row>::COLUMNS;
                let mut row = serializer.serialize_tuple(columns.len())?;
                $(row.serialize_element(&self.$field)?;)*
                row.end()
            }
        }
    };
}
pub(super) use row;

/// The rows as something to select from, named `r`. Parameters begin with this number.
pub(super) fn source(dialect: Dialect, columns: &[Column], first: usize) -> String {
    let each = columns.iter().enumerate();
    match dialect {
        // `LIMIT -1 OFFSET 0` keeps SQLite from folding the inner query into the outer one, where it
        // would write out a whole row of the parameter again for each of its columns.
        Dialect::Sqlite => {
            let each =
                each.map(|(at, column)| format!("{} AS {}", element(at, column.kind), column.name));
            format!(
                "(SELECT {} FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)) AS r",
                list(each)
            )
        }
        Dialect::Postgres => {
            let arrays = each.map(|(at, column)| {
                let (number, kind) = (first + at, column.kind.postgres());
                match column.kind {
                    Kind::Apart => format!("${number}::text[]"),
                    _ => format!("${number}::text::{kind}[]"),
                }
            });
            let names = list(columns.iter().map(|column| column.name.to_owned()));
            let arrays = list(arrays);
            // Without the numbers the planner would take the arrays for ten rows, and compare each
            // with each.
            format!(
                "ROWS FROM (unnest({arrays}), generate_subscripts(${first}::text::{}[], 1)) \
                 AS r({names}, number)",
                columns
                    .first()
                    .map_or(Kind::BigInt, |id| id.kind)
                    .postgres()
            )
        }
    }
}

/// On PostgreSQL: whether `column` is among the ids that are the first parameter of a [`source`]. So a
/// statement goes by the primary key even where the planner takes the table for an empty one.
pub(super) fn by_key(column: &str, first: usize) -> String {
    format!("{column} = ANY((SELECT ${first}::text::bigint[])::bigint[])")
}

fn element(at: usize, kind: Kind) -> String {
    match kind {
        // What is no object is absent: JSON's null is a text here.
        Kind::Json => format!("nullif(v -> {at}, 'null')"),
        Kind::Apart => format!("CAST(substr(?, v ->> '$[{at}][0]', v ->> '$[{at}][1]') AS TEXT)"),
        _ => format!("v ->> {at}"),
    }
}

/// The parameters of [`source`], but those of columns that stand apart.
///
/// # Errors
/// [`DbErr::Json`].
pub(super) fn parameters<R: Row>(
    dialect: Dialect,
    columns: &[Column],
    rows: &[R],
) -> Result<Vec<Value>, DbErr> {
    if dialect == Dialect::Sqlite {
        let rows = serde_json::to_string(rows).map_err(|error| DbErr::Json(error.to_string()))?;
        return Ok(vec![rows.into()]);
    }
    let inline = columns.iter().filter(|column| column.kind != Kind::Apart);
    let mut arrays = vec!["{".to_owned(); inline.count()];
    for row in rows {
        row.add_to(&mut arrays);
    }
    let close = |mut array: String| {
        if array.ends_with(',') {
            array.pop();
        }
        array.push('}');
        Value::from(array)
    };
    Ok(arrays.into_iter().map(close).collect())
}

/// An expression for a JSON array of values.
pub(super) fn array(dialect: Dialect, values: &[String]) -> String {
    let function = match dialect {
        Dialect::Sqlite => "json_array",
        Dialect::Postgres => "json_build_array",
    };
    format!("{function}({})", values.join(", "))
}

/// What these columns of the table `alias` are in JSON.
pub(super) fn shown(dialect: Dialect, alias: &str, columns: &[Column]) -> Vec<String> {
    let shown = |&Column { name, kind }: &Column| match (dialect, kind) {
        (Dialect::Sqlite, Kind::Boolean) => {
            format!("json(CASE WHEN {alias}.{name} THEN 'true' ELSE 'false' END)")
        }
        (Dialect::Sqlite, Kind::Json) => format!("json({alias}.{name})"),
        _ => format!("{alias}.{name}"),
    };
    columns.iter().map(shown).collect()
}

pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_postgres() {
        let shown = |text: &str| {
            let mut out = String::new();
            quote(text, &mut out);
            out
        };
        assert_eq!(shown(""), r#""""#);
        assert_eq!(shown("NULL, {a}"), r#""NULL, {a}""#);
        assert_eq!(shown(r#"ä "b" \c"#), r#""ä \"b\" \\c""#);
    }
}
