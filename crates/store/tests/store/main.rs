//! The schema and the pools, on real databases.
//!
//! On SQLite always; on PostgreSQL, too, when `GATEWRIGHT_TEST_DATABASE_URL` names a server where
//! databases may be created.

#[cfg(test)]
mod connect;
#[cfg(test)]
mod constraints;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sequences;
#[cfg(test)]
mod support;
