//! What the types cannot say.

use std::time::Duration;

use super::{Config, ConfigError, Problem};
use crate::master_key;

/// Attempts start only while their lease outlasts the timeout by this much.
const LEASE_SLACK_MIN: Duration = Duration::from_secs(5);
/// Longer, and a revoked token would work for too long.
const CACHE_TTL_MAX: Duration = Duration::from_secs(5);
/// Drafts that one transaction takes.
const BATCH_MAX: usize = 256;

impl Config {
    /// Checks what must hold beyond each value's own form.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut check = Check::default();
        self.check_server(&mut check);
        self.check_store(&mut check);
        self.check_attachments(&mut check);
        self.check_intake(&mut check);
        self.check_delivery(&mut check);
        self.check_retention(&mut check);
        check.positive(
            "egress.connect_timeout",
            !self.egress.connect_timeout.is_zero(),
        );
        check.positive(
            "egress.max_response_bytes",
            self.egress.max_response_bytes > 0,
        );
        check.that(
            "log.level",
            !self.log.level.trim().is_empty(),
            "must not be empty; write `info` or another level",
        );
        check.done()
    }

    fn check_server(&self, check: &mut Check) {
        let server = &self.server;
        if let Some(url) = &server.public_url {
            check.that("server.public_url", is_base_url(url), PUBLIC_URL);
        }
        check.positive("server.max_connections", server.max_connections > 0);
        check.positive("server.max_in_flight", server.max_in_flight > 0);
        check.positive("server.header_timeout", !server.header_timeout.is_zero());
        check.positive("server.request_timeout", !server.request_timeout.is_zero());
        check.positive(
            "server.shutdown_timeout",
            !server.shutdown_timeout.is_zero(),
        );
        check.that(
            "server.max_body_memory",
            server.max_body_memory >= self.http.max_body_bytes,
            "must not be less than http.max_body_bytes, or a large body would always be refused",
        );
        check.positive("http.max_body_bytes", self.http.max_body_bytes > 0);
        check.positive("http.idempotency_ttl", !self.http.idempotency_ttl.is_zero());
    }

    fn check_store(&self, check: &mut Check) {
        let database = &self.database;
        let url = database.url.trim();
        let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        check.that(
            "database.url",
            database.is_sqlite() || postgres,
            "must begin with `sqlite:` or `postgres:`, for example sqlite://./data/gatewright.db",
        );
        check.that(
            "database.url",
            !(database.is_sqlite() && (url.contains(":memory:") || url.contains("mode=memory"))),
            "must name a file; what is kept in memory is lost at the end",
        );
        check.that(
            "database.max_connections",
            database.max_connections >= 4,
            "must be at least 4",
        );
        check.positive("database.read_connections", database.read_connections > 0);
        check.positive(
            "database.acquire_timeout",
            !database.acquire_timeout.is_zero(),
        );
        check.that(
            "database.cache_ttl",
            database.cache_ttl <= CACHE_TTL_MAX,
            "must be at most 5s, so that a revoked token is soon refused",
        );
        let secrets = &self.secrets;
        check.that(
            "secrets.master_key",
            secrets.master_key.is_none() || secrets.master_key_file.is_none(),
            "must not be set beside secrets.master_key_file; keep one of the two",
        );
        if let Some(key) = &secrets.master_key {
            let decoded = master_key::decode(key.expose());
            check.that(
                "secrets.master_key",
                decoded.is_some(),
                master_key::EXPECTED,
            );
        }
        check.that(
            "secrets.master_key",
            !postgres || secrets.master_key.is_some() || secrets.master_key_file.is_some(),
            master_key::NEEDED,
        );
    }

    fn check_attachments(&self, check: &mut Check) {
        let attachments = &self.attachments;
        let path = attachments.path.as_deref();
        check.that(
            "attachments.path",
            path.is_none_or(|path| !path.as_os_str().is_empty()),
            "must name a folder, for example ./data/attachments",
        );
        check.positive("attachments.max_file_bytes", attachments.max_file_bytes > 0);
        check.positive("attachments.max_files", attachments.max_files > 0);
        check.positive("attachments.link_ttl", !attachments.link_ttl.is_zero());
        check.positive(
            "attachments.upload_timeout",
            !attachments.upload_timeout.is_zero(),
        );
    }

    fn check_intake(&self, check: &mut Check) {
        let intake = &self.intake;
        check.positive("intake.shards", intake.shards > 0);
        check.positive("intake.queue", intake.queue > 0);
        check.positive("intake.queue_bytes", intake.queue_bytes > 0);
        check.that(
            "intake.batch",
            (1..=BATCH_MAX).contains(&intake.batch),
            "must be from 1 to 256",
        );
        check.positive("intake.flood_per_minute", intake.flood_per_minute > 0);
    }

    fn check_delivery(&self, check: &mut Check) {
        let delivery = &self.delivery;
        check.that(
            "delivery.schedule",
            delivery.schedule.first().is_some_and(Duration::is_zero),
            "must begin with \"0s\", the pause before the first attempt",
        );
        check.that(
            "delivery.jitter",
            (0.0..=1.0).contains(&delivery.jitter),
            "must be from 0 to 1; 0.1 stretches pauses by up to 10 %",
        );
        check.positive("delivery.hold_attempts", delivery.hold_attempts > 0);
        check.positive("delivery.timeout", !delivery.timeout.is_zero());
        check.that(
            "delivery.lease_slack",
            delivery.lease_slack >= LEASE_SLACK_MIN,
            "must be at least 5s, so that a lease outlasts its attempt",
        );
        check.positive("delivery.concurrency", delivery.concurrency > 0);
        check.that(
            "delivery.concurrency_per_receiver",
            (1..=delivery.concurrency).contains(&delivery.concurrency_per_receiver),
            "must be from 1 to delivery.concurrency",
        );
        check.positive("delivery.probe_after", delivery.probe_after > 0);
        check.positive(
            "delivery.probe_interval",
            !delivery.probe_interval.is_zero(),
        );
        check.that(
            "delivery.probe_interval_max",
            delivery.probe_interval_max >= delivery.probe_interval,
            "must not be shorter than delivery.probe_interval",
        );
        check.positive("delivery.disable_after", !delivery.disable_after.is_zero());
        check.positive("delivery.max_bytes", delivery.max_bytes > 0);
        check.positive("delivery.poll", !delivery.poll.is_zero());
        check.positive("delivery.sweep", !delivery.sweep.is_zero());
    }

    fn check_retention(&self, check: &mut Check) {
        let retention = &self.retention;
        for (key, length) in [
            ("retention.events", retention.events),
            ("retention.dead_letters", retention.dead_letters),
            ("retention.inbound", retention.inbound),
            ("retention.uploads", retention.uploads),
            ("retention.interval", retention.interval),
        ] {
            check.positive(key, !length.is_zero());
        }
        check.that(
            "retention.batch",
            (1..=1000).contains(&retention.batch),
            "must be from 1 to 1000",
        );
    }
}

const PUBLIC_URL: &str = "must be an absolute URL without query and user, for example \
                          https://gateway.example";

fn is_base_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

/// The problems found so far.
#[derive(Default)]
struct Check(Vec<Problem>);

impl Check {
    fn that(&mut self, key: &str, holds: bool, otherwise: &str) {
        if !holds {
            self.0.push(Problem {
                key: key.to_owned(),
                message: otherwise.to_owned(),
            });
        }
    }

    fn positive(&mut self, key: &str, holds: bool) {
        self.that(key, holds, "must be more than 0");
    }

    fn done(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { problems: self.0 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretText;

    fn problems(change: impl FnOnce(&mut Config)) -> Vec<String> {
        let mut config = Config::default();
        change(&mut config);
        let error = config.validate().err();
        error
            .into_iter()
            .flat_map(|error| error.problems)
            .map(|problem| problem.key)
            .collect()
    }

    #[test]
    fn the_default_is_valid() {
        assert_eq!(problems(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn every_rule_names_its_key() {
        type Change = fn(&mut Config);
        let cases: [(&str, Change); 16] = [
            ("server.public_url", |c| {
                c.server.public_url = Some("gateway.example".to_owned());
            }),
            ("server.public_url", |c| {
                c.server.public_url = Some("http://a/?x=1".to_owned());
            }),
            ("server.max_in_flight", |c| c.server.max_in_flight = 0),
            ("database.url", |c| c.database.url = "mysql://x".to_owned()),
            ("database.url", |c| {
                c.database.url = "sqlite::memory:".to_owned();
            }),
            ("database.cache_ttl", |c| {
                c.database.cache_ttl = Duration::from_secs(6);
            }),
            ("secrets.master_key", |c| {
                c.secrets.master_key = Some(SecretText::new("short"));
            }),
            ("secrets.master_key", |c| {
                c.database.url = "postgres://u@h/d".to_owned();
            }),
            ("attachments.path", |c| {
                c.attachments.path = Some(std::path::PathBuf::new());
            }),
            ("attachments.max_files", |c| c.attachments.max_files = 0),
            ("intake.batch", |c| c.intake.batch = 257),
            ("delivery.schedule", |c| c.delivery.schedule.clear()),
            ("delivery.schedule", |c| {
                c.delivery.schedule = vec![Duration::from_secs(1)];
            }),
            ("delivery.jitter", |c| c.delivery.jitter = f64::NAN),
            ("delivery.lease_slack", |c| {
                c.delivery.lease_slack = Duration::from_secs(4);
            }),
            ("delivery.concurrency_per_receiver", |c| {
                c.delivery.concurrency_per_receiver = 257;
            }),
        ];
        for (key, change) in cases {
            assert_eq!(problems(change), [key]);
        }
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let found = problems(|config| {
            config.intake.queue = 0;
            config.delivery.poll = Duration::ZERO;
        });
        assert_eq!(found, ["intake.queue", "delivery.poll"]);
    }
}
