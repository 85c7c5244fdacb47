//! The statements that every message passes through, one driver call each for a whole batch.
//!
//! Rows come as JSON arrays, many in one column, and go as one parameter or one for each column. No
//! rule of the product stands here; what to write is decided before.

pub mod delivery;
pub mod intake;
pub mod row;

mod columns;
