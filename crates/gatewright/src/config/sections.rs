//! The sections of the configuration, with their defaults.

mod attachments;
mod delivery;
mod egress;
mod intake;
mod log;
mod retention;
mod server;
mod store;

pub use attachments::Attachments;
pub use delivery::Delivery;
pub use egress::Egress;
pub use intake::Intake;
pub use log::{Log, LogFormat};
pub use retention::Retention;
pub use server::{Http, Server};
pub use store::{Channels, Database, Secrets};
