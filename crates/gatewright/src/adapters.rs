//! The channel host's two needs, filled by the use cases.

mod ports;
mod sink;
mod source;

pub(crate) use ports::Ports;
pub(crate) use sink::CoreSink;
pub(crate) use source::CoreSource;
