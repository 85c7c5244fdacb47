//! The parameter bag (contract §1.4): JSON, forms, their files and the query string read as one
//! set of parameters, and coerced into types.

mod bag;
mod body;
mod coerce;
mod extract;
mod files;
mod ids;
mod multipart;
mod nested;
mod patch;

pub use bag::{Bag, BagError, BodySource};
pub use body::{BodyLimit, read_body};
pub use coerce::{ParamError, coerce};
pub use extract::{Params, Root};
pub use files::{Files, WithFiles};
pub use ids::{Ids, parse_id};
pub(crate) use multipart::is_form;
pub use patch::Patch;
