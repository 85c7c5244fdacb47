//! The few words in which the two databases' definitions differ.
//!
//! A migration is SQL text with these words in it, so that a table reads as it is created:
//!
//! | word | PostgreSQL | SQLite |
//! |---|---|---|
//! | `@id` | a sequence of its own | `AUTOINCREMENT`: an id is never used twice |
//! | `@drawn_id` | a sequence of its own | plain key; the id comes from table `sequences` |
//! | `@json` | `JSONB` | `TEXT` |
//! | `@bytes` | `BYTEA` | `BLOB` |
//! | `@without_rowid` | nothing | `WITHOUT ROWID` |
//! | `@minute(x)` | generated: the minute of time `x` since 1970 | written by a trigger |
//! | `@updated_in_place` | room in its pages for changed rows | nothing |
//!
//! Unique constraints and keys are named `<table>_<columns>_key`, because SQLite reports a
//! violation by its columns and PostgreSQL by its name: so both give the same text.

use sea_orm_migration::sea_orm::DbBackend;

/// The SQL text of `template` for `backend`.
pub(super) fn render(template: &str, backend: DbBackend) -> String {
    if backend == DbBackend::Postgres {
        postgres(template)
    } else {
        sqlite(template)
    }
}

fn sqlite(template: &str) -> String {
    with_minutes(template, |_| "BIGINT".to_owned())
        .replace("@drawn_id", "INTEGER NOT NULL PRIMARY KEY")
        .replace("@id", "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT")
        .replace("@json", "TEXT")
        .replace("@bytes", "BLOB")
        .replace("@without_rowid", "WITHOUT ROWID")
        .replace(" @updated_in_place", "")
}

/// `BIGSERIAL` makes the sequence `<table>_id_seq`; it ends below 2^53, the largest number that
/// every JSON reader keeps exactly.
fn postgres(template: &str) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut table = "";
    for line in template.lines() {
        table = line.strip_prefix("CREATE TABLE ").map_or(table, first_word);
        let key = format!("BIGSERIAL CONSTRAINT {table}_id_key PRIMARY KEY");
        let line = with_minutes(line, |time| {
            format!("BIGINT GENERATED ALWAYS AS ({time} / 60000000) STORED")
        });
        let line = line
            .replace("@drawn_id", &key)
            .replace("@id", &key)
            .replace("@json", "JSONB")
            .replace("@bytes", "BYTEA")
            .replace(" @without_rowid", "")
            .replace("@updated_in_place", "WITH (fillfactor = 70)");
        out.push_str(&line);
        out.push('\n');
    }
    for table in tables_with_sequence(template) {
        out.push_str("ALTER SEQUENCE ");
        out.push_str(table);
        out.push_str("_id_seq MAXVALUE 9007199254740991;\n");
    }
    out
}

/// `text` with a column for each `@minute(x)`.
fn with_minutes(text: &str, column: impl Fn(&str) -> String) -> String {
    let mut parts = text.split("@minute(");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (time, rest) = part.split_once(')').unwrap_or((part, ""));
        out.push_str(&column(time));
        out.push_str(rest);
    }
    out
}

fn tables_with_sequence(template: &str) -> impl Iterator<Item = &str> {
    template
        .split("CREATE TABLE ")
        .skip(1)
        .filter(|table| table.contains(" @id") || table.contains(" @drawn_id"))
        .map(first_word)
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "CREATE TABLE a (\n    id @drawn_id,\n    x @json,\n    m @minute(x)\n) @updated_in_place;\n\
                            CREATE TABLE b (\n    x @bytes\n) @without_rowid;\n";

    #[test]
    fn postgres_gives_a_table_its_sequence() {
        assert_eq!(
            render(TEMPLATE, DbBackend::Postgres),
            "CREATE TABLE a (\n    id BIGSERIAL CONSTRAINT a_id_key PRIMARY KEY,\n    x JSONB,\n    \
             m BIGINT GENERATED ALWAYS AS (x / 60000000) STORED\n) WITH (fillfactor = 70);\nCREATE TABLE b (\n    x BYTEA\n);\n\
             ALTER SEQUENCE a_id_seq MAXVALUE 9007199254740991;\n"
        );
    }

    #[test]
    fn sqlite_keys_are_rowids() {
        assert_eq!(
            render(TEMPLATE, DbBackend::Sqlite),
            "CREATE TABLE a (\n    id INTEGER NOT NULL PRIMARY KEY,\n    x TEXT,\n    m BIGINT\n);\n\
             CREATE TABLE b (\n    x BLOB\n) WITHOUT ROWID;\n"
        );
    }
}
