use gatewright_store::entity::installation;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::error::Result;
use crate::ids::DeliveryId;

/// Name of this installation, so that ids of deliveries differ between gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(String);

impl Installation {
    /// Reads it; `local` while the installation has not got one.
    ///
    /// # Errors
    /// Database errors.
    pub async fn load(conn: &impl ConnectionTrait) -> Result<Self> {
        let row = installation::Entity::find_by_id("id".to_owned())
            .one(conn)
            .await?;
        Ok(Self(
            row.map_or_else(|| "local".to_owned(), |row| row.value),
        ))
    }

    /// The `webhook-id` of a delivery, the same over all its attempts and replays:
    /// `dlv_<installation>_<number>`.
    pub fn webhook_id(&self, id: DeliveryId) -> String {
        format!("dlv_{}_{}", self.0, id)
    }

    /// The `webhook-id` of what is sent once and kept nowhere: `eph_<installation>_<unique>`.
    pub fn ephemeral_id(&self, unique: &str) -> String {
        format!("eph_{}_{unique}", self.0)
    }
}
