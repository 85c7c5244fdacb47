//! Descriptors of files and connections: systems begin with few and let a program ask for more.

use gatewright::Config;

/// What is open beside connections: the database, files, receivers, and some to spare.
const BESIDE: u64 = 512;

/// Asks for as many descriptors as the connections may need, and says when that is not granted.
#[cfg(unix)]
pub(crate) fn ask(config: &Config) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let connections = config.server.max_connections as u64;
    let receivers = config.delivery.concurrency as u64;
    let needed = connections + connections / 16 + receivers + BESIDE;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return;
    }
    limit.current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
    let granted = setrlimit(Resource::Nofile, limit).is_ok();
    let descriptors = getrlimit(Resource::Nofile).current;
    if !granted || descriptors.is_some_and(|descriptors| descriptors < needed) {
        tracing::warn!(
            descriptors,
            needed,
            "the system lets this process open fewer connections than server.max_connections"
        );
    }
}

#[cfg(not(unix))]
pub(crate) fn ask(_: &Config) {}
