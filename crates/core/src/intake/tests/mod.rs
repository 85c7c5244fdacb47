//! The write path against a real database, and against its plain form.

mod batch;
mod fixture;
mod oracle;
