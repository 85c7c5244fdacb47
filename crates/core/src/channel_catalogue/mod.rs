//! The channels that inboxes can be made of.

use std::sync::Arc;

use crate::caller::Caller;
use crate::channel::ChannelDescriptor;
use crate::kernel::Kernel;

/// The channels that this gateway was built with.
#[derive(Clone)]
pub struct ChannelCatalogue {
    kernel: Arc<Kernel>,
}

impl ChannelCatalogue {
    /// The catalogue of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// What every channel declares, by id, the schema of its settings included. Its id is the
    /// `type` of a new inbox. Open to every member of the account.
    pub fn list(&self, _: &Caller) -> Vec<ChannelDescriptor> {
        self.kernel
            .registry
            .iter()
            .map(|plugin| plugin.descriptor().clone())
            .collect()
    }
}
