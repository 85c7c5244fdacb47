//! What is removed a few rows at a time, and resumed after a restart.

use sea_orm_migration::prelude::*;

use super::dialect::render;

const BOTH: &str = include_str!("m0003_retention/retention.sql");

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_retention"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait elides it, and must be matched"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = render(BOTH, manager.get_database_backend());
        manager.get_connection().execute_unprepared(&text).await?;
        Ok(())
    }
}
