//! What one exchange sends.

use std::time::Duration;

use gatewright_core::delivery::Claimed;
use gatewright_core::event::Event;
use tokio::time::Instant;

use super::MARGIN;
use crate::engine::Ctx;

/// An event on its way to one receiver.
pub(super) struct Sending<'a> {
    /// The `webhook-id`.
    pub(super) id: String,
    pub(super) event: &'a Event,
    /// From 1.
    pub(super) attempt: u32,
    pub(super) late: bool,
    pub(super) replay: bool,
    /// When the exchange must have ended.
    pub(super) until: Instant,
}

impl<'a> Sending<'a> {
    /// A delivery of the database, under its lease.
    pub(super) fn claimed(ctx: &Ctx, claimed: &'a Claimed) -> Self {
        let margin = MARGIN.min(ctx.ledger.kernel().config.delivery.lease_slack / 4);
        let end = claimed.lease_until;
        Self {
            id: ctx.installation.webhook_id(claimed.id),
            event: &claimed.event,
            attempt: claimed.attempts + 1,
            late: claimed.late,
            replay: claimed.replay,
            until: end.checked_sub(margin).unwrap_or(end),
        }
    }

    /// What is sent once and kept nowhere, under an id of its own.
    pub(super) fn ephemeral(ctx: &Ctx, event: &'a Event, most: Duration) -> Self {
        let unique = ctx.ledger.kernel().random.uuid();
        Self {
            id: ctx.installation.ephemeral_id(&unique),
            event,
            attempt: 1,
            late: false,
            replay: false,
            until: Instant::now() + most,
        }
    }
}
