//! The statements that every message passes through. Constant text, one parameter, one driver
//! call each; a file per dialect where the dialects differ.
//!
//! Rows come and go as JSON: one parameter carries a whole batch, and one column a whole row. No
//! rule of the product stands here; what to write is decided before.

pub mod delivery;
pub mod intake;
pub mod row;

mod object;
