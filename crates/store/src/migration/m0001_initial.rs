//! The first schema.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::dialect::render;

const BOTH: [&str; 4] = [
    include_str!("m0001_initial/people.sql"),
    include_str!("m0001_initial/inboxes.sql"),
    include_str!("m0001_initial/conversations.sql"),
    include_str!("m0001_initial/deliveries.sql"),
];
const SQLITE: [&str; 2] = [
    include_str!("m0001_initial/sequences.sqlite.sql"),
    include_str!("m0001_initial/minutes.sqlite.sql"),
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    #[expect(
        elided_lifetimes_in_paths,
        reason = "the trait elides it, and must be matched"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let connection = manager.get_connection();
        let own: &[&str] = match backend {
            DbBackend::Sqlite => &SQLITE,
            _ => &[],
        };
        for template in BOTH.iter().chain(own) {
            connection
                .execute_unprepared(&render(template, backend))
                .await?;
        }
        Ok(())
    }
}
