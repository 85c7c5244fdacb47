//! The one guarded HTTP client of the gateway: everything that leaves the process over HTTP leaves
//! here.
//!
//! Map:
//! - [`Policy`] says which destinations are allowed; [`Cidr`] and [`HostPattern`] are its words.
//!   `address` knows the special address ranges, metadata addresses among them.
//! - [`Client`] sends a [`Request`] under time and size caps and gives a [`Response`] or an [`Error`]
//!   that tells whether anything can have reached the receiver.
//! - [`Resolve`] turns names into addresses; tests inject their own. `connect` resolves, judges every
//!   address and dials the judged one, so a name cannot be rebound between the check and the use.
//! - [`sign_headers`] and [`verify`] are pure functions over a [`Secret`]; `SIGNING.md` shows how a
//!   receiver verifies, with known answers.
//!
//! Deliberately absent: redirects (a 3xx is an answer like any other), proxies (the environment is
//! never read), cookies, decompression, retries of requests that may have been written, HTTP/2.
//!
//! To add a refused range, add a line to the tables in `address.rs` and a case to its tests.

mod address;
mod cidr;
mod client;
mod connect;
mod error;
mod host_pattern;
mod policy;
mod request;
mod resolve;
mod secret;
mod sign;
mod verify;

pub use cidr::{Cidr, CidrError};
pub use client::{Client, ClientConfig};
pub use error::Error;
pub use host_pattern::{HostPattern, HostPatternError};
pub use policy::Policy;
pub use request::{Request, Response};
pub use resolve::{Resolve, Resolving, SystemResolver};
pub use secret::{Secret, SecretError};
pub use sign::sign_headers;
pub use verify::{Scheme, VerifyError, verify};
