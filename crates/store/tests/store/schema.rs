//! The migrated database is the one the entities describe.

use std::collections::BTreeSet;

use crate::support::rows::insert_all;
use crate::support::{on_each, rows};
use gatewright_store::entity::*;
use gatewright_store::{Database, Dialect};
use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    QueryResult,
};

/// Table, column, type, whether null, whether part of the key.
type Described = BTreeSet<(String, String, String, bool, bool)>;

#[tokio::test]
async fn entities_describe_the_migrated_database() {
    on_each(|database| async move {
        let described = match database.dialect() {
            Dialect::Sqlite => sqlite_columns(&database).await,
            Dialect::Postgres => postgres_columns(&database).await,
        };
        let expected = entities(database.dialect());
        assert_eq!(
            expected.difference(&described).collect::<Vec<_>>(),
            Vec::<&_>::new()
        );
        let mut kept: Vec<_> = described.difference(&expected).collect();
        // The database writes them itself.
        kept.retain(|(_, column, ..)| !column.ends_with("_minute"));
        assert_eq!(kept, Vec::<&_>::new());
    })
    .await;
}

#[tokio::test]
async fn minutes_are_those_of_their_times() {
    on_each(|database| async move {
        insert_all(&database, 1).await;
        for (table, time, minute) in [
            ("contacts", "last_activity_at", "activity_minute"),
            ("conversations", "last_activity_at", "activity_minute"),
            ("conversations", "updated_at", "updated_minute"),
        ] {
            let both = format!("SELECT {time}, {minute} FROM {table}");
            let inserted = rows(&database, &both).await;
            let at: i64 = inserted[0].try_get_by_index(0).unwrap();
            let found: i64 = inserted[0].try_get_by_index(1).unwrap();
            assert_eq!(found, at / 60_000_000, "{table}.{minute} of a new row");
            for at in [59_999_999_i64, 60_000_000, 60_000_001, 7 * 60_000_000] {
                let change = format!("UPDATE {table} SET {time} = {at}");
                let conn = database.write();
                conn.execute_unprepared(&change).await.unwrap();
                let found = rows(&database, &both).await;
                let found: i64 = found[0].try_get_by_index(1).unwrap();
                assert_eq!(found, at / 60_000_000, "{table}.{minute}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_column_gives_back_what_it_was_given() {
    on_each(|database| async move {
        insert_all(&database, 1).await;
        insert_all(&database, 2).await;
    })
    .await;
}

#[tokio::test]
async fn ids_end_below_two_to_the_53rd() {
    on_each(|database| async move {
        if database.dialect() == Dialect::Postgres {
            let wide = rows(
                &database,
                "SELECT sequencename FROM pg_sequences \
                 WHERE max_value <> 9007199254740991 OR cache_size <> 1 OR cycle",
            )
            .await;
            assert!(wide.is_empty(), "{} sequences are too wide", wide.len());
        } else {
            let error = database
                .write()
                .execute_unprepared("UPDATE sequences SET value = 9007199254740992")
                .await
                .unwrap_err();
            assert!(
                error.to_string().contains("CHECK constraint failed"),
                "{error}"
            );
        }
    })
    .await;
}

fn entities(dialect: Dialect) -> Described {
    let mut all = Described::new();
    macro_rules! describe {
        ($($table:ident)*) => { $(describe::<$table::Entity>(dialect, &mut all);)* };
    }
    describe!(access_tokens account_counters account_users accounts attachments attempts blobs);
    describe!(contact_inboxes contact_labels contacts conversation_labels conversations csat_survey_responses);
    describe!(deliveries erasures);
    describe!(events idempotency_records inbound_dedup inbound_log inbox_members inbox_routes inboxes);
    describe!(installation labels message_provider_ids messages receivers users webhooks);
    if dialect == Dialect::Sqlite {
        describe!(sequences);
    }
    all
}

fn describe<E: EntityTrait>(dialect: Dialect, all: &mut Described) {
    let entity = E::default();
    let key: Vec<String> = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str().to_owned())
        .collect();
    for column in E::Column::iter() {
        let name = column.as_str().to_owned();
        let definition = column.def();
        let is_key = key.contains(&name);
        let type_name = if is_key && name == "id" && dialect == Dialect::Sqlite {
            "INTEGER"
        } else {
            type_name(dialect, definition.get_column_type())
        };
        all.insert((
            entity.table_name().to_owned(),
            name,
            type_name.to_owned(),
            definition.is_null(),
            is_key,
        ));
    }
}

fn type_name(dialect: Dialect, column_type: &ColumnType) -> &'static str {
    let (sqlite, postgres) = match column_type {
        ColumnType::SmallInteger => ("SMALLINT", "smallint"),
        ColumnType::Integer => ("INTEGER", "integer"),
        ColumnType::BigInteger => ("BIGINT", "bigint"),
        ColumnType::Text => ("TEXT", "text"),
        ColumnType::JsonBinary => ("TEXT", "jsonb"),
        ColumnType::Boolean => ("BOOLEAN", "boolean"),
        ColumnType::Double => ("DOUBLE PRECISION", "double precision"),
        ColumnType::VarBinary(_) | ColumnType::Blob => ("BLOB", "bytea"),
        other => panic!("no entity has a column of type {other:?}"),
    };
    if dialect == Dialect::Sqlite {
        sqlite
    } else {
        postgres
    }
}

async fn sqlite_columns(database: &Database) -> Described {
    let sql = "SELECT m.name AS table_name, c.name AS column_name, c.type AS data_type, \
               c.\"notnull\" = 0 AS nullable, c.pk > 0 AS is_key \
               FROM sqlite_master m, pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
               AND m.name NOT LIKE '%_search%' AND m.name <> 'seaql_migrations'";
    rows(database, sql).await.iter().map(described).collect()
}

async fn postgres_columns(database: &Database) -> Described {
    let sql = "SELECT c.relname::text AS table_name, a.attname::text AS column_name, \
               format_type(a.atttypid, a.atttypmod) AS data_type, \
               NOT a.attnotnull AS nullable, EXISTS (SELECT FROM pg_index i \
               WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS is_key \
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
               WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace \
               AND a.attnum > 0 AND NOT a.attisdropped \
               AND c.relname NOT IN ('seaql_migrations', 'contact_search')";
    rows(database, sql).await.iter().map(described).collect()
}

fn described(row: &QueryResult) -> (String, String, String, bool, bool) {
    row.try_get_many_by_index().unwrap()
}
