//! A connection to the model, as the hot statements know connections.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use gatewright_store::{Database, Dialect};
use sea_orm::{
    DatabaseConnectionType, DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseConnection,
    MockDatabaseTrait, MockExecResult, MockRow, QueryResult, Statement,
};

use super::answer::{Arguments, answer};
use super::statement::kind;
use super::{Model, Note};

/// Is told what was committed.
pub(crate) trait Observer: Send + Sync {
    fn changed(&self, model: &Model, note: Note);
}

/// One node's connection.
pub(crate) struct Connection {
    model: Arc<Mutex<Model>>,
    observer: Arc<dyn Observer>,
    fails_in: Arc<AtomicI64>,
    in_transaction: bool,
}

impl Connection {
    /// A database of one connection. The statement that counts `fails_in` down to zero fails;
    /// below zero none does.
    pub(crate) fn open(
        model: Arc<Mutex<Model>>,
        observer: Arc<dyn Observer>,
        fails_in: Arc<AtomicI64>,
    ) -> Database {
        let connection = MockDatabaseConnection::new(Self {
            model,
            observer,
            fails_in,
            in_transaction: false,
        });
        let inner = DatabaseConnectionType::MockDatabaseConnection(Arc::new(connection));
        Database::over(inner.into(), Dialect::Sqlite)
    }

    fn run(&mut self, statement: &mut Statement) -> Result<Vec<MockRow>, DbErr> {
        if self.fails_in.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err(DbErr::Custom("the statement failed".to_owned()));
        }
        let kind = kind(statement);
        let values = statement
            .values
            .take()
            .map_or_else(Vec::new, |values| values.0);
        let mut model = self.model.lock().unwrap();
        let rows = answer(&mut model, kind, &Arguments(values));
        if !self.in_transaction {
            let notes = model.commit();
            self.tell(&model, notes);
        }
        Ok(rows)
    }

    fn tell(&self, model: &Model, notes: Vec<Note>) {
        for note in notes {
            self.observer.changed(model, note);
        }
    }
}

impl MockDatabaseTrait for Connection {
    fn execute(&mut self, _: usize, mut statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(&mut statement)?;
        MockDatabase::new(DbBackend::Sqlite)
            .append_exec_results([MockExecResult::default()])
            .execute(0, statement)
    }

    fn query(&mut self, _: usize, mut statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.run(&mut statement)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        MockDatabase::new(DbBackend::Sqlite)
            .append_query_results([rows])
            .query(0, statement)
    }

    fn begin(&mut self) {
        self.in_transaction = true;
        self.model.lock().unwrap().begin();
    }

    fn commit(&mut self) {
        self.in_transaction = false;
        let mut model = self.model.lock().unwrap();
        let notes = model.commit();
        self.tell(&model, notes);
    }

    fn rollback(&mut self) {
        self.in_transaction = false;
        self.model.lock().unwrap().roll_back();
    }

    fn drain_transaction_log(&mut self) -> Vec<sea_orm::Transaction> {
        Vec::new()
    }

    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    fn ping(&self) -> Result<(), DbErr> {
        Ok(())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}
