//! Indexes of parts of texts, so that a search need not look at every row.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const SQLITE: &str = include_str!("m0002_search/search.sqlite.sql");
const POSTGRES: &str = include_str!("m0002_search/search.postgres.sql");

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait elides it, and must be matched"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = if manager.get_database_backend() == DbBackend::Postgres {
            POSTGRES
        } else {
            SQLITE
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(text).await?;
        Ok(())
    }
}
