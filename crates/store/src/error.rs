//! What went wrong: opening a database, or running a statement.

use std::path::PathBuf;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::PgDatabaseError;
use sea_orm::sqlx::{self, sqlite::SqliteError};
use sea_orm::{DbErr, RuntimeErr};

/// Why a database could not be opened. The texts never hold the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL's scheme is that of no supported database.
    #[error("the database URL must begin with sqlite: or postgres:")]
    Scheme,
    /// A database in memory would be another one on each connection, and gone with the process.
    #[error("a SQLite database must be a file: in-memory databases lose what was acknowledged")]
    InMemory,
    /// A parameter of a SQLite URL; how the file is opened is not for the URL to say.
    #[error("a SQLite URL takes no parameters (mode=rwc is understood)")]
    Parameter,
    /// The URL is not well formed.
    #[error("the database URL is not valid")]
    Url(#[source] sqlx::Error),
    /// The folder of the SQLite file could not be made.
    #[error("cannot create the folder {}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A copy could not be made.
    #[error("the database could not be copied")]
    Copy(#[source] sqlx::Error),
    /// The database does not answer, or refuses the connection.
    #[error("cannot connect to the database")]
    Connect(#[source] sqlx::Error),
}

/// Whether running the whole transaction again may succeed: a deadlock (40P01) or serialization
/// failure (40001) on PostgreSQL, a busy database (`SQLITE_BUSY`) on SQLite.
pub fn is_retryable(error: &DbErr) -> bool {
    driver_error(error).is_some_and(|error| {
        if error.try_downcast_ref::<PgDatabaseError>().is_some() {
            return matches!(error.code().as_deref(), Some("40P01" | "40001"));
        }
        is_sqlite_busy(error)
    })
}

/// Whether the database cannot do its work now, and the same may succeed later: it is not reached,
/// it starts or shuts down, or its disk is full.
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => refuses_for_now(error.as_ref()),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a write found no room on the database's disk (`disk_full` of PostgreSQL, `SQLITE_FULL`).
pub fn is_full(error: &DbErr) -> bool {
    driver_error(error).is_some_and(|error| {
        let code = error.code().unwrap_or_default();
        if error.try_downcast_ref::<PgDatabaseError>().is_some() {
            return code == "53100";
        }
        error.try_downcast_ref::<SqliteError>().is_some()
            && code.parse().map(primary_code) == Ok(SQLITE_FULL)
    })
}

/// Classes 08 (connection), 53 (resources, a full disk among them), 57P (the server ends or starts)
/// and 58 (its system fails) of PostgreSQL; of SQLite what its file system refuses.
fn refuses_for_now(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else {
        return false;
    };
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        return ["08", "53", "57P", "58"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    let code = code.parse().map(primary_code);
    error.try_downcast_ref::<SqliteError>().is_some()
        && code.is_ok_and(|code| SQLITE_UNABLE.contains(&code))
}

/// `SQLITE_IOERR`, `SQLITE_FULL` and `SQLITE_CANTOPEN`.
const SQLITE_UNABLE: [i32; 3] = [10, SQLITE_FULL, 14];
const SQLITE_FULL: i32 = 13;

/// Whether a SQLite file could not be opened because another connection holds it.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(is_sqlite_busy)
}

/// The name of the unique constraint that `error` reports, or None for any other error. It is
/// `<table>_<columns joined by _>_key` on either database, for primary keys, too:
/// `messages_conversation_id_seq_key`, `inbox_members_inbox_id_user_id_key`, `users_id_key`.
pub fn unique_violation(error: &DbErr) -> Option<String> {
    let error = driver_error(error)?;
    if !error.is_unique_violation() {
        return None;
    }
    match error.constraint() {
        Some(name) => Some(name.to_owned()),
        None => sqlite_constraint(error.message()),
    }
}

const SQLITE_BUSY: i32 = 5;

fn is_sqlite_busy(error: &dyn DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse().ok());
    error.try_downcast_ref::<SqliteError>().is_some() && code.map(primary_code) == Some(SQLITE_BUSY)
}

/// The lowest byte of an extended result code (<https://www.sqlite.org/rescode.html>).
fn primary_code(extended: i32) -> i32 {
    extended & 0xff
}

fn driver_error(error: &DbErr) -> Option<&dyn DatabaseError> {
    let (DbErr::Exec(runtime) | DbErr::Query(runtime) | DbErr::Conn(runtime)) = error else {
        return None;
    };
    match runtime {
        RuntimeErr::SqlxError(error) => error.as_database_error(),
        RuntimeErr::Internal(_) => None,
    }
}

/// `UNIQUE constraint failed: t.a, t.b` as `t_a_b_key`.
fn sqlite_constraint(message: &str) -> Option<String> {
    let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
    let (table, _) = columns.split_once('.')?;
    let mut name = table.to_owned();
    for column in columns.split(", ") {
        name.push('_');
        name.push_str(column.rsplit('.').next()?);
    }
    name.push_str("_key");
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_columns_become_the_constraint_name() {
        let message = "UNIQUE constraint failed: messages.conversation_id, messages.seq";
        assert_eq!(
            sqlite_constraint(message).as_deref(),
            Some("messages_conversation_id_seq_key")
        );
        assert_eq!(
            sqlite_constraint("UNIQUE constraint failed: index 'x'"),
            None
        );
    }

    #[test]
    fn extended_codes_of_busy_are_busy() {
        for code in [5, 261, 517, 773] {
            assert_eq!(primary_code(code), SQLITE_BUSY);
        }
        assert_ne!(primary_code(2067), SQLITE_BUSY);
    }

    #[test]
    fn errors_of_no_driver_are_neither() {
        let error = DbErr::Custom("UNIQUE constraint failed: a.b".to_owned());
        assert!(!is_retryable(&error));
        assert_eq!(unique_violation(&error), None);
    }
}
