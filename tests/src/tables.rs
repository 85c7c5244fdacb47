use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Database as Orm, DatabaseConnection, DbBackend, Statement};

/// Every row of every table, as text: two equal dumps mean that nothing was written in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables(BTreeMap<String, Vec<String>>);

impl Tables {
    /// The rows of one table.
    pub fn rows(&self, table: &str) -> &[String] {
        self.0.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// The names of the tables whose rows differ between two dumps.
    pub fn changed(&self, other: &Self) -> Vec<String> {
        let names = self.0.keys().chain(other.0.keys());
        let mut changed: Vec<String> = names
            .filter(|name| self.0.get(*name) != other.0.get(*name))
            .cloned()
            .collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

/// A second look at a gateway's database, beside the gateway's own connections.
#[derive(Debug)]
pub struct TableReader {
    connection: DatabaseConnection,
    /// One statement per table, answering its rows as text.
    statements: BTreeMap<String, String>,
}

impl TableReader {
    /// Opens the database at this URL.
    pub(crate) async fn open(url: &str) -> Self {
        let connection = Orm::connect(url).await.expect("the database opens");
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        // The index of messages' texts is written beside what is asked for.
        let names = if postgres {
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE 'message_search%'"
        };
        let mut statements = BTreeMap::new();
        for table in texts(&connection, names).await {
            let statement = if postgres {
                format!("SELECT t::text FROM \"{table}\" t ORDER BY 1")
            } else {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns = texts(&connection, &columns).await;
                let quoted: Vec<String> = columns
                    .iter()
                    .map(|column| format!("quote(\"{column}\")"))
                    .collect();
                format!(
                    "SELECT {} FROM \"{table}\" ORDER BY 1",
                    quoted.join(" || ',' || ")
                )
            };
            statements.insert(table, statement);
        }
        assert!(statements.len() > 10, "the database is migrated");
        Self {
            connection,
            statements,
        }
    }

    /// All rows as they stand now.
    pub async fn read(&self) -> Tables {
        let mut tables = BTreeMap::new();
        for (table, statement) in &self.statements {
            tables.insert(table.clone(), texts(&self.connection, statement).await);
        }
        Tables(tables)
    }

    /// Closes the connection.
    pub async fn close(self) {
        self.connection
            .close()
            .await
            .expect("the connection closes");
    }
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection
        .query_all_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect()
}
