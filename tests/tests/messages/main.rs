//! Messages: what they may say and answer, how variables are filled in, how they are taken back
//! and read in windows.

mod content;
mod deletion;
mod liquid;
mod replies;
mod support;
mod windows;
