//! Indexes of parts of texts, so that a search need not look at every row.

use super::sql::Sql;

pub(super) const MIGRATION: Sql = Sql {
    name: "m0002_search",
    both: &[],
    sqlite: &[include_str!("m0002_search/search.sqlite.sql")],
    postgres: &[include_str!("m0002_search/search.postgres.sql")],
};
