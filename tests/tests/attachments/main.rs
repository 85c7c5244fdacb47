//! Files of messages: how they come in, what is shown of them, and how they are read.

mod create;
mod doors;
mod limits;
mod links;
mod list;
mod receivers;
mod support;
