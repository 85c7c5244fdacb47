//! A contact's own client: the public client API (contract, section 5).

mod conversations;
mod messages;
mod seen;
mod support;
mod survey;
