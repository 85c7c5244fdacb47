//! Deliberate bugs for the proofs: a proof that does not fail with them proves nothing. They exist
//! with the feature `sabotage` alone, and there the variable `GATEWRIGHT_SABOTAGE` names the one
//! that is in force.

/// A deliberate bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Jobs are answered before they are durable.
    #[cfg(feature = "sabotage")]
    AcknowledgeBeforeCommit,
    /// A lease that ran out is ended by nobody, so its delivery is never sent again.
    ForgetLease,
    /// A repeated source id is taken for a new one.
    SkipDuplicateLookUp,
    /// A delivery starts although one before it in its lane is open.
    IgnoreOpenLane,
    /// The first failure of a head sets it aside and frees its lane.
    LeaveLaneEarly,
}

/// Whether the gateway is to have this bug.
#[cfg(not(feature = "sabotage"))]
pub(crate) const fn has(_: Bug) -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub(crate) use chosen::has;

#[cfg(feature = "sabotage")]
mod chosen {
    use std::sync::OnceLock;

    use super::Bug;

    static CHOSEN: OnceLock<Option<Bug>> = OnceLock::new();

    /// Whether the gateway is to have this bug.
    pub(crate) fn has(bug: Bug) -> bool {
        *CHOSEN.get_or_init(read) == Some(bug)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no setting of a gateway that serves"
    )]
    fn read() -> Option<Bug> {
        let name = std::env::var("GATEWRIGHT_SABOTAGE").ok()?;
        let bug = match name.as_str() {
            "acknowledge-before-commit" => Bug::AcknowledgeBeforeCommit,
            "forget-lease" => Bug::ForgetLease,
            "skip-duplicate-look-up" => Bug::SkipDuplicateLookUp,
            "ignore-open-lane" => Bug::IgnoreOpenLane,
            "leave-lane-early" => Bug::LeaveLaneEarly,
            _ => return None,
        };
        Some(bug)
    }
}
