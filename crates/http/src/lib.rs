//! The HTTP face of the gateway: routes, views, errors, layers and the server.
//!
//! # Map
//! - [`server`]: connections, their limits, and the graceful end.
//! - [`layers`]: what every request passes before its handler (request id, trace, metrics, CORS,
//!   panics, compression, load shed, rate limit, body limit, timeout, path normalisation).
//! - [`params`]: the parameter bag: JSON, forms and queries read as one, and coerced into types.
//! - [`token`]: where a request carries its access token.
//! - [`error`]: the one table from an error to its answer.
//! - [`json`]: the answers of success.
//! - [`docs`]: `/openapi.json` and `/docs`.
//!
//! # Deliberately absent
//! No rule of the domain, no SQL, no provider: a handler reads, converts, calls one service and
//! shows the result. No TLS: that is the business of the proxy in front.
//!
//! # To add a layer
//! Write a file in `layers/`, name it in [`layers::stack`] at the place where it belongs, and say
//! there why it stands there.

pub mod docs;
pub mod error;
pub mod json;
pub mod layers;
pub mod params;
pub mod server;
pub mod token;

pub use error::{ApiError, Family};
pub use json::{Empty200, Json200};
pub use params::{Bag, Ids, Params, Patch, Root};
