//! The engine and its ledger on real databases: SQLite always, and PostgreSQL when
//! `GATEWRIGHT_TEST_DATABASE_URL` names a server where databases may be created.
//!
//! Time is moved by hand. Nothing sleeps to wait: the engine says when it is quiet.

#[cfg(test)]
mod drain;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod log;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhooks;
