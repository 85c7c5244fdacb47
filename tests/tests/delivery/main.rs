//! What is promised of deliveries: order, patience, visibility, signatures; whatever fails.

mod channels;
mod crash;
mod failing;
mod log;
mod order;
mod purge;
mod replay;
mod secrets;
mod support;
