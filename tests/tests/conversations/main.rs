//! Conversations: how they are listed and filtered, what agents change, what the gateway answers
//! without them.

mod answers;
mod changes;
mod deletion;
mod filter;
mod list;
mod seen;
mod support;
