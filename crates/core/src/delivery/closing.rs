//! What else happens when a receiver changes its state.

use gatewright_store::entity::accounts;
use gatewright_store::hot::delivery as hot;
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::json;

use super::Ledger;
use super::health::Health;
use crate::error::Result;
use crate::event::{EventName, Origin, OriginKind, Snapshot, Subject};
use crate::model::AccountRef;
use crate::outbox::{self, NewEvent, Recorded};
use crate::receiver::{Interest, ReceiverState};
use crate::time::Timestamp;

/// Deliveries of a receiver that die in the transaction that disables it; the sweeper buries the
/// rest.
const BURIED_AT_ONCE: i64 = 100;

impl Ledger {
    /// Writes how a receiver does; disabling it buries what is queued for it and is an event.
    pub(super) async fn write_health(
        &self,
        tx: &DatabaseTransaction,
        health: &Health,
        now: Timestamp,
    ) -> Result<Recorded> {
        hot::set_health(tx, &health.row, now.0, health.probed).await?;
        match (health.was(), health.state) {
            (ReceiverState::Probing, ReceiverState::Active) => {
                hot::hasten(tx, health.row.id, self.kernel.steady().0).await?;
                Ok(Recorded::default())
            }
            (before, ReceiverState::Disabled) if before != ReceiverState::Disabled => {
                let reason = "receiver disabled";
                let rows = hot::bury(tx, health.row.id, now.0, reason, BURIED_AT_ONCE).await?;
                let mut recorded = self.fail_messages(tx, &rows, reason).await?;
                recorded.merge(self.report_disabled(tx, health, now).await?);
                Ok(recorded)
            }
            _ => Ok(Recorded::default()),
        }
    }

    async fn report_disabled(
        &self,
        tx: &DatabaseTransaction,
        health: &Health,
        now: Timestamp,
    ) -> Result<Recorded> {
        let account_id = health.account_id();
        let Some(account) = accounts::Entity::find_by_id(account_id.get())
            .one(tx)
            .await?
        else {
            return Ok(Recorded::default());
        };
        let mut snapshot = Snapshot::new(AccountRef {
            id: account_id,
            name: account.name,
        });
        snapshot.receiver = Some(json!({
            "id": health.row.id,
            "kind": health.kind.as_str(),
            "inbox_id": health.row.inbox_id,
            "url": health.row.url,
            "reason": health.row.state_reason,
        }));
        let name = EventName::ReceiverDisabled;
        let event = NewEvent {
            account_id,
            name,
            subject: Subject {
                inbox_id: health.inbox_id(),
                ..Subject::default()
            },
            interest: Interest {
                name,
                inbox_id: health.inbox_id(),
                message: None,
                except: Some(health.id()),
            },
            occurred_at: now,
            origin: Origin {
                kind: OriginKind::System,
                ..Origin::default()
            },
            snapshot,
        };
        outbox::record(&self.kernel, tx, vec![event]).await
    }
}
