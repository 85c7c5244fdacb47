//! Named stories: what a listener behind the callback URL and an account webhook get, in order
//! (contract, sections 7.2 to 7.4).

mod contacts;
mod conversations;
mod inboxes;
mod messages;
mod receivers;
mod support;
