//! The HTTP face of the gateway: routes, views, errors, layers and the server.
//!
//! # Map
//! - [`server`]: connections, their limits, and the graceful end.
//! - [`layers`]: what every request passes before its handler (request id, trace, metrics, CORS,
//!   panics, compression, load shed, rate limit, body limit, timeout, path normalisation).
//! - [`params`]: the parameter bag: JSON, forms with files and queries read as one, and coerced
//!   into types.
//! - [`token`]: where a request carries its access token.
//! - [`error`]: the one table from an error to its answer.
//! - [`json`]: the answers of success; `once`: those that an `Idempotency-Key` gives again.
//! - `routes`: the operations, a file each; `caller`: who calls; [`view`]: bodies that only HTTP has.
//! - [`spec`]: the OpenAPI document, made without a database; [`docs`]: `/openapi.json` and `/docs`.
//!
//! # Deliberately absent
//! No rule of the domain, no SQL, no provider: a handler reads, converts, calls one service and
//! shows the result. No TLS: that is the business of the proxy in front.
//!
//! # To add a layer
//! Write a file in `layers/`, name it in [`layers::stack`] at the place where it belongs, and say
//! there why it stands there.

mod caller;
pub mod docs;
pub mod error;
pub mod json;
pub mod layers;
mod once;
pub mod params;
mod routes;
pub mod server;
mod spec;
mod state;
pub mod token;
pub mod view;

pub use error::{ApiError, Family};
pub use json::{Empty200, Json200};
pub use params::{Bag, Files, Ids, Params, Patch, Root, WithFiles};
pub use spec::spec;
pub use state::AppState;

/// Every operation, the inbound routes of the channels, and the documentation. Layers come on top:
/// see [`layers::stack`].
pub fn router(state: AppState) -> axum::Router {
    let registry = state.registry.clone();
    let inbound = routes::inbound::router(&state.registry);
    let (operations, _) = routes::all().split_for_parts();
    operations
        .merge(inbound)
        .merge(routes::files::router())
        .fallback(|| async { ApiError::UnknownRoute })
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .with_state(state)
        .merge(docs::router(move || spec(&registry)))
}
