use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::dialect::render;

/// A migration that is SQL text: what both databases have, and then what one of them has alone.
pub(super) struct Sql {
    pub(super) name: &'static str,
    pub(super) both: &'static [&'static str],
    pub(super) sqlite: &'static [&'static str],
    pub(super) postgres: &'static [&'static str],
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait elides it, and must be matched"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let own = match backend {
            DbBackend::Postgres => self.postgres,
            _ => self.sqlite,
        };
        for template in self.both.iter().chain(own) {
            let text = render(template, backend);
            manager.get_connection().execute_unprepared(&text).await?;
        }
        Ok(())
    }
}
