use std::time::Duration;

/// Settings of the engine beside those of `gatewright_core::config::DeliveryConfig`.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// How often leases that ran out are looked for.
    pub sweep_every: Duration,
    /// How often old events are removed.
    pub prune_every: Duration,
    /// Whether this is the only process of the database and it has just started, as on SQLite:
    /// leases of earlier processes are dropped. Has no effect on PostgreSQL.
    pub drop_leases: bool,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            sweep_every: Duration::from_secs(5),
            prune_every: Duration::from_hours(1),
            drop_leases: true,
        }
    }
}
