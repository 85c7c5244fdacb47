//! Requests a minute by access token and, when configured, by address (contract §10).

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use axum::{body::Body, extract::ConnectInfo};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DashMapStateStore,
};
use http::Request;
use ring::digest;

use crate::{error::ApiError, token::api_access_token};

/// So many keys are kept one by one; see [`Limiter::check`].
const MAX_KEYS: usize = 100_000;

/// Every so many requests the keys that are back at their full allowance are forgotten.
const SWEEP_EVERY: u64 = 4096;

/// The limits of one gateway process.
pub(super) struct RateLimit {
    by_token: Option<Limiter>,
    by_ip: Option<Limiter>,
}

impl RateLimit {
    /// Limits in requests a minute; `None` is off.
    pub(super) fn new(by_token: Option<NonZeroU32>, by_ip: Option<NonZeroU32>) -> Self {
        let limiter = |limit: NonZeroU32| Limiter::new(limit, DefaultClock::default());
        Self {
            by_token: by_token.map(limiter),
            by_ip: by_ip.map(limiter),
        }
    }

    /// Counts a request; one without a token counts by address only.
    ///
    /// # Errors
    /// 429 when its token or its address has used up its allowance.
    pub(super) fn check(&self, request: &Request<Body>) -> Result<(), ApiError> {
        if let (Some(limiter), Some(ip)) = (&self.by_ip, foreign_ip(request)) {
            limiter.check(&ip_key(ip)).map_err(limited)?;
        }
        if let (Some(limiter), Some(token)) = (&self.by_token, api_access_token(request.headers()))
        {
            limiter.check(token.as_bytes()).map_err(limited)?;
        }
        Ok(())
    }
}

/// The SHA-256 of a token or an address: no secret is kept.
type Key = [u8; 32];

/// One allowance per key: a minute's worth at once, then evenly spread.
struct Limiter<C: Clock = DefaultClock> {
    states: RateLimiter<Key, DashMapStateStore<Key>, C, NoOpMiddleware<C::Instant>>,
    checks: AtomicU64,
    crowded: AtomicBool,
    max_keys: usize,
    sweep_every: u64,
}

impl<C: Clock> Limiter<C> {
    fn new(per_minute: NonZeroU32, clock: C) -> Self {
        Self {
            states: RateLimiter::dashmap_with_clock(Quota::per_minute(per_minute), clock),
            checks: AtomicU64::new(0),
            crowded: AtomicBool::new(false),
            max_keys: MAX_KEYS,
            sweep_every: SWEEP_EVERY,
        }
    }

    /// Counts one request of `who`; the error is how long to wait.
    ///
    /// Whoever sends an invented token with each request makes a key with each request. Such keys
    /// are soon back at their full allowance and forgotten by the sweep; when that does not
    /// suffice, keys share 65536 allowances, so memory stays bounded.
    fn check(&self, who: &[u8]) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % self.sweep_every == self.sweep_every - 1 {
            self.sweep();
        }
        let key = key(who, self.crowded.load(Ordering::Relaxed));
        let now = self.states.clock();
        self.states
            .check_key(&key)
            .map_err(|early| early.wait_time_from(now.now()))
    }

    fn sweep(&self) {
        self.states.retain_recent();
        self.crowded
            .store(self.states.len() > self.max_keys, Ordering::Relaxed);
    }
}

fn key(who: &[u8], shared: bool) -> Key {
    let mut key: Key = [0; 32];
    let digest = digest::digest(&digest::SHA256, who);
    let kept = if shared { 2 } else { key.len() };
    key.iter_mut()
        .zip(digest.as_ref())
        .take(kept)
        .for_each(|(to, from)| *to = *from);
    key
}

fn foreign_ip(request: &Request<Body>) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.ip().to_canonical()).filter(|ip| !ip.is_loopback())
}

/// An IPv6 network of 64 bits is one subscriber, who has all its addresses.
fn ip_key(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets()[..8].to_vec(),
    }
}

fn limited(wait: Duration) -> ApiError {
    ApiError::RateLimited {
        retry_after_s: wait.as_millis().div_ceil(1000).try_into().unwrap_or(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn limiter(per_minute: u32) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (
            Limiter::new(NonZeroU32::new(per_minute).unwrap(), clock.clone()),
            clock,
        )
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back_by_and_by() {
        let (limiter, clock) = limiter(2);
        assert_eq!(limiter.check(b"a"), Ok(()));
        assert_eq!(limiter.check(b"a"), Ok(()));
        assert_eq!(limiter.check(b"a"), Err(Duration::from_secs(30)));
        assert_eq!(limiter.check(b"b"), Ok(()));
        clock.advance(Duration::from_secs(30));
        assert_eq!(limiter.check(b"a"), Ok(()));
        assert!(limiter.check(b"a").is_err());
    }

    #[test]
    fn keys_at_their_full_allowance_are_forgotten() {
        let (mut limiter, clock) = limiter(60);
        limiter.sweep_every = 10;
        for number in 0_u32..9 {
            limiter.check(&number.to_be_bytes()).unwrap();
        }
        assert_eq!(limiter.states.len(), 9);
        clock.advance(Duration::from_secs(61));
        limiter.check(b"tenth").unwrap();
        assert_eq!(limiter.states.len(), 1);
    }

    #[test]
    fn the_number_of_keys_is_bounded_even_when_none_can_be_forgotten() {
        let (mut limiter, _clock) = limiter(60);
        limiter.max_keys = 8;
        limiter.sweep_every = 10_000;
        for number in 0_u32..150_000 {
            // Sharing begins with the first sweep, so some may be refused.
            let _shared = limiter.check(&number.to_be_bytes());
        }
        assert!(
            limiter.states.len() <= 10_000 + 65_536,
            "{}",
            limiter.states.len()
        );
    }

    fn from(peer: &str, token: &str) -> Request<Body> {
        let mut request = Request::builder()
            .header("api_access_token", token)
            .body(Body::empty())
            .unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    #[test]
    fn tokens_and_addresses_are_limited_apart() {
        let one = NonZeroU32::new(1);
        let by_token = RateLimit::new(one, None);
        assert!(by_token.check(&from("198.51.100.1:1", "a")).is_ok());
        assert!(by_token.check(&from("198.51.100.2:1", "a")).is_err());
        assert!(by_token.check(&from("198.51.100.1:1", "")).is_ok());
        assert!(by_token.check(&from("198.51.100.1:1", "")).is_ok());

        let by_ip = RateLimit::new(None, one);
        assert!(by_ip.check(&from("[2001:db8::1]:1", "a")).is_ok());
        assert!(by_ip.check(&from("[2001:db8::2]:2", "b")).is_err());
        assert!(by_ip.check(&from("198.51.100.1:1", "a")).is_ok());
        for _ in 0..3 {
            assert!(by_ip.check(&from("127.0.0.1:1", "a")).is_ok());
            assert!(by_ip.check(&from("[::ffff:127.0.0.1]:1", "a")).is_ok());
        }
    }
}
