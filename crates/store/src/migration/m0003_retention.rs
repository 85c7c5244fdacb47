//! What is removed a few rows at a time, and resumed after a restart.

use super::sql::Sql;

pub(super) const MIGRATION: Sql = Sql {
    name: "m0003_retention",
    both: &[include_str!("m0003_retention/retention.sql")],
    sqlite: &[],
    postgres: &[],
};
