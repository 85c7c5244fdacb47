use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;

use super::{Attachments, repo};
use crate::error::Result;

/// No request lasts so long: an older file without a row has been refused, or was taken away.
const AGE: Duration = Duration::from_hours(24);
/// Files looked at per query.
const WINDOW: usize = 500;

impl Attachments {
    /// Removes files that no row names and whose day ended a day ago, and answers how many went.
    ///
    /// # Errors
    /// Database and store errors; what was removed before stays removed.
    pub async fn sweep(&self) -> Result<u64> {
        let young = self.kernel.now().minus(AGE).day();
        let mut removed = 0;
        for day in self.kernel.blobs.days().await? {
            if day < young {
                removed += self.sweep_day(&day).await?;
            }
        }
        Ok(removed)
    }

    async fn sweep_day(&self, day: &str) -> Result<u64> {
        let blobs = &self.kernel.blobs;
        let mut removed = 0;
        let mut windows = blobs.keys(day)?.ready_chunks(WINDOW);
        while let Some(window) = windows.next().await {
            let keys = window.into_iter().collect::<Result<Vec<String>>>()?;
            let known = repo::known_keys(self.kernel.db.read(), &keys).await?;
            let known: HashSet<String> = known.into_iter().collect();
            for key in keys.iter().filter(|key| !known.contains(*key)) {
                blobs.delete(key).await?;
                removed += 1;
            }
            self.kernel.breathe().await;
        }
        blobs.tidy(day).await?;
        Ok(removed)
    }
}
