use std::sync::{Arc, Weak};

use gatewright_core::Kernel;
use gatewright_core::access::Access;
use gatewright_core::account::Operator;
use gatewright_core::door::Door;
use gatewright_core::error::{Denied, Error, Result};
use gatewright_core::ids::AccountId;
use gatewright_core::inbox::Inboxes;
use gatewright_core::intake::Intake;
use gatewright_core::model::{AccountRef, AccountStatus};

/// The use cases that channels reach. The gateway owns them, the adapters only know where they
/// are: the kernel holds the host, so the host must not hold the kernel.
pub(crate) struct Ports {
    pub(super) kernel: Arc<Kernel>,
    pub(super) access: Access,
    pub(super) inboxes: Inboxes,
    pub(super) door: Door,
    operator: Operator,
}

impl Ports {
    pub(crate) fn new(kernel: &Arc<Kernel>, intake: &Arc<Intake>) -> Arc<Self> {
        let k = || Arc::clone(kernel);
        Arc::new(Self {
            kernel: k(),
            access: Access::new(k()),
            inboxes: Inboxes::new(k()),
            door: Door::new(k(), Arc::clone(intake)),
            operator: Operator::new(k()),
        })
    }

    /// The account behind a channel's inbox, while it is in use.
    pub(super) async fn account(&self, id: AccountId) -> Result<AccountRef> {
        let account = self.operator.account_show(id).await?;
        if account.status != AccountStatus::Active {
            return Err(Error::Denied(Denied::Suspended));
        }
        Ok(AccountRef {
            id,
            name: account.name,
        })
    }
}

/// The ports, unless the gateway has gone.
pub(super) fn reach(ports: &Weak<Ports>) -> Result<Arc<Ports>> {
    ports.upgrade().ok_or(Error::Unavailable {
        reason: "the gateway has ended",
        retry_after_s: 5,
    })
}
