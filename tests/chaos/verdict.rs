//! What a run comes to.

use std::fmt;

use anyhow::Result;

/// The gateway broke a promise. Any other error means that the proof itself could not be carried
/// out.
#[derive(Debug)]
pub(crate) struct Violation(pub(crate) String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violated: {}", self.0)
    }
}

impl std::error::Error for Violation {}

/// A [`Violation`] unless the promise is kept.
pub(crate) fn promise(kept: bool, broken: impl FnOnce() -> String) -> Result<()> {
    if kept {
        Ok(())
    } else {
        Err(Violation(broken()).into())
    }
}

/// What was done and counted.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    /// `kill -9` of a gateway, under pressure.
    pub(crate) kills: usize,
    /// Other faults: restarts and cuts of the database, full disks, jumps of the clock.
    pub(crate) faults: usize,
    /// Fewest requests in flight at a kill.
    pub(crate) in_flight: Option<usize>,
    /// Fewest deliveries open at a kill.
    pub(crate) open: Option<usize>,
    /// Messages that were acknowledged.
    pub(crate) acknowledged: usize,
    /// Messages that are stored.
    pub(crate) stored: usize,
    /// Of these, posts without any key that nobody saw answered.
    pub(crate) unseen: usize,
    pub(crate) delivered: usize,
    pub(crate) dead: usize,
    pub(crate) late: usize,
    /// Requests at the receivers.
    pub(crate) requests: usize,
    /// Answers 503.
    pub(crate) refused: usize,
}

impl Figures {
    /// Both, as one.
    pub(crate) fn add(&mut self, other: &Self) {
        let fewest = |a: Option<usize>, b: Option<usize>| a.into_iter().chain(b).min();
        self.in_flight = fewest(self.in_flight, other.in_flight);
        self.open = fewest(self.open, other.open);
        self.kills += other.kills;
        self.faults += other.faults;
        self.acknowledged += other.acknowledged;
        self.stored += other.stored;
        self.unseen += other.unseen;
        self.delivered += other.delivered;
        self.dead += other.dead;
        self.late += other.late;
        self.requests += other.requests;
        self.refused += other.refused;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kills", self.kills)?;
        if let (Some(in_flight), Some(open)) = (self.in_flight, self.open) {
            write!(f, " (at least {in_flight} in flight, {open} open)")?;
        }
        write!(
            f,
            ", {} other faults, {} messages acknowledged, {} stored ({} unanswered), \
             {} delivered, {} dead, {} late, {} requests at the receivers, {} times 503",
            self.faults,
            self.acknowledged,
            self.stored,
            self.unseen,
            self.delivered,
            self.dead,
            self.late,
            self.requests,
            self.refused,
        )
    }
}

#[expect(clippy::print_stdout, reason = "the program's result")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
