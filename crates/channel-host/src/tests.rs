//! The host with a scripted channel, a source and a sink in memory, and a real listener.

mod deliver;
mod loopback;
mod probe;
mod receive;
mod runtime;
pub(crate) mod support;
