//! The first schema.

use super::sql::Sql;

pub(super) const MIGRATION: Sql = Sql {
    name: "m0001_initial",
    both: &[
        include_str!("m0001_initial/people.sql"),
        include_str!("m0001_initial/inboxes.sql"),
        include_str!("m0001_initial/conversations.sql"),
        include_str!("m0001_initial/deliveries.sql"),
    ],
    sqlite: &[
        include_str!("m0001_initial/sequences.sqlite.sql"),
        include_str!("m0001_initial/minutes.sqlite.sql"),
    ],
    postgres: &[],
};
