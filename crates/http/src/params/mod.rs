//! The parameter bag (contract §1.4): JSON, forms and the query string read as one set of
//! parameters, and coerced into types.

mod bag;
mod body;
mod check;
mod coerce;
mod extract;
mod ids;
mod nested;
mod patch;

pub use bag::{Bag, BagError, BodySource};
pub use body::{BodyLimit, read_body};
pub use coerce::{ParamError, coerce};
pub use extract::{Params, Root};
pub use ids::{Ids, parse_id};
pub use patch::Patch;
