//! The client against real sockets on loopback.

mod failures;
mod guard;
mod limits;
mod sending;
mod ssrf;
mod support;
mod tls;
