//! Which statement a text is. The texts are not written down here: they are learned by calling the
//! functions that send them.

use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use gatewright_store::entity::{accounts, inboxes, installation, receivers};
use gatewright_store::hot::delivery::{self as hot, HealthRow, Held, Lease};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, EntityTrait,
    ExecResult, MockDatabase, MockDatabaseConnection, MockDatabaseTrait, MockExecResult,
    QueryFilter, QueryOrder, QueryResult, Statement,
};

/// A statement that the engine sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Backlog,
    Claim,
    ClaimLanes,
    ClaimProbe,
    TakeProbe,
    Held,
    Finish,
    AddAttempts,
    Health,
    SetHealth,
    Hasten,
    Bury,
    GiveBack,
    Start,
    Expire,
    Events,
    Installation,
    Account,
    Receiver,
    Inbox,
    RemovedInboxes,
    Erasures,
}

/// The kind of a statement.
pub(super) fn kind(statement: &Statement) -> Kind {
    static KINDS: OnceLock<Vec<(String, Kind)>> = OnceLock::new();
    let kinds = KINDS.get_or_init(|| ready(learn()));
    // Nobody erases a contact in a history, so what is asked of these rows does not matter.
    if statement.sql.contains(r#"FROM "erasures""#) {
        return Kind::Erasures;
    }
    match kinds.iter().find(|(text, _)| *text == statement.sql) {
        Some((_, kind)) => *kind,
        None => panic!("the model does not know: {}", statement.sql),
    }
}

/// What a future that never waits comes to.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

async fn learn() -> Vec<(String, Kind)> {
    let lesson = Lesson::default();
    let texts = Arc::clone(&lesson.texts);
    let db: DatabaseConnection = DatabaseConnectionType::MockDatabaseConnection(Arc::new(
        MockDatabaseConnection::new(lesson),
    ))
    .into();
    let mut kinds = Vec::new();
    // Whether a call succeeds does not matter: its text has been heard by then.
    macro_rules! learn {
        ($($kind:ident: $call:expr;)*) => {$(
            drop($call.await);
            let text = texts.lock().unwrap().pop().expect("it sends one statement");
            kinds.push((text, Kind::$kind));
        )*};
    }
    let lease = Lease {
        now: 0,
        token: 0,
        length: 0,
    };
    let held = Held { id: 0, token: 0 };
    learn! {
        Backlog: hot::backlog(&db);
        Claim: hot::claim(&db, 0, 0, lease);
        ClaimLanes: hot::claim_lanes(&db, &[], lease);
        ClaimProbe: hot::claim_probe(&db, 0, lease);
        TakeProbe: hot::take_probe(&db, 0, 0, 0);
        Held: hot::held(&db, &[]);
        Finish: hot::finish(&db, &[]);
        AddAttempts: hot::add_attempts(&db, &[]);
        Health: hot::health(&db, &[], &[]);
        SetHealth: hot::set_health(&db, &nobody(), 0, false);
        Hasten: hot::hasten(&db, 0, 0);
        Bury: hot::bury(&db, 0, 0, "", 0);
        GiveBack: hot::give_back(&db, &[]);
        Start: hot::start(&db, held, 0, 0);
        Expire: hot::expire(&db, 0, "", 0);
        Events: hot::events(&db, &[]);
        Installation: installation::Entity::find_by_id(String::new()).one(&db);
        Account: accounts::Entity::find_by_id(0).one(&db);
        Receiver: receivers::Entity::find_by_id(0).one(&db);
        Inbox: inboxes::Entity::find_by_id(0).one(&db);
        RemovedInboxes: inboxes::Entity::find()
            .filter(inboxes::Column::RemovedAt.is_not_null())
            .order_by_asc(inboxes::Column::Id)
            .all(&db);
    }
    kinds
}

fn nobody() -> HealthRow {
    HealthRow {
        id: 0,
        account_id: 0,
        kind: 0,
        inbox_id: None,
        url: None,
        state: 0,
        state_reason: None,
        failures: 0,
        first_failure_at: None,
        probe_due_at: None,
        probe_interval_ms: None,
    }
}

/// A database that only listens.
#[derive(Debug, Default)]
struct Lesson {
    texts: Arc<Mutex<Vec<String>>>,
}

impl MockDatabaseTrait for Lesson {
    fn execute(&mut self, _: usize, statement: Statement) -> Result<ExecResult, DbErr> {
        self.texts.lock().unwrap().push(statement.sql.clone());
        MockDatabase::new(DbBackend::Sqlite)
            .append_exec_results([MockExecResult::default()])
            .execute(0, statement)
    }

    fn query(&mut self, _: usize, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.texts.lock().unwrap().push(statement.sql);
        Ok(Vec::new())
    }

    fn begin(&mut self) {}

    fn commit(&mut self) {}

    fn rollback(&mut self) {}

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
