//! A row as a JSON object, in either dialect.

use crate::Dialect;

/// How a column is shown in JSON.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// As it is.
    Plain,
    /// A boolean, which SQLite keeps as a number.
    Flag,
    /// JSON, which SQLite keeps as text.
    Json,
}

/// An expression that builds an object of `columns` of the table `alias`.
pub(super) fn object(dialect: Dialect, alias: &str, columns: &[(&str, Shape)]) -> String {
    build(dialect, &fields(dialect, alias, columns))
}

/// An object of ready `'name', expression` fields.
pub(super) fn build(dialect: Dialect, fields: &[String]) -> String {
    let function = match dialect {
        Dialect::Sqlite => "json_object",
        Dialect::Postgres => "json_build_object",
    };
    format!("{function}({})", fields.join(", "))
}

/// `'name', expression` fields of `columns`.
pub(super) fn fields(dialect: Dialect, alias: &str, columns: &[(&str, Shape)]) -> Vec<String> {
    columns
        .iter()
        .map(|(name, shape)| format!("'{name}', {}", column(dialect, alias, name, *shape)))
        .collect()
}

fn column(dialect: Dialect, alias: &str, name: &str, shape: Shape) -> String {
    match (dialect, shape) {
        (Dialect::Sqlite, Shape::Flag) => {
            format!("json(CASE WHEN {alias}.{name} THEN 'true' ELSE 'false' END)")
        }
        (Dialect::Sqlite, Shape::Json) => format!("json({alias}.{name})"),
        _ => format!("{alias}.{name}"),
    }
}
