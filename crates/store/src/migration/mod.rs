//! Migrations, in the order in which they run.
//!
//! A migration never imports an entity: entities move on, migrations stay as they were. Each is a
//! folder of SQL files with the words of module `dialect` in them, and a module that names them. A
//! migration that has been released is never changed; the next one expands the schema, and a later
//! release contracts it.
//!
//! To add one: `m0004_what_it_does.rs` beside `m0003_retention.rs`, a line in [`Migrator`], the
//! entities' new columns. A test compares both on either database.

mod dialect;
mod m0001_initial;
mod m0002_search;
mod m0003_retention;
mod sql;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// The list of migrations.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::MIGRATION),
            Box::new(m0002_search::MIGRATION),
            Box::new(m0003_retention::MIGRATION),
        ]
    }
}
