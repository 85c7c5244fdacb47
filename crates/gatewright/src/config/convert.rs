//! From sections to the settings of the crates that use them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use gatewright_channel_host::{HostConfig, Limits};
use gatewright_core::CoreConfig;
use gatewright_core::config::{
    AttachmentsConfig, DeliveryConfig, IntakeConfig, RetentionConfig, StorageConfig,
};
use gatewright_core::storage::Storage;
use gatewright_delivery::EngineConfig;
use gatewright_egress::{ClientConfig, Policy, Resolve};
use gatewright_http::layers::LayerConfig;
use gatewright_http::layers::request_id::MintRequestId;
use gatewright_http::server::ServerConfig;
use gatewright_store::DatabaseConfig;

use super::Config;
use crate::master_key;

impl Config {
    /// Absolute URL under which the gateway is reached, without a trailing slash: the one that is
    /// set, else [`Self::local_url`].
    pub fn public_url(&self) -> String {
        match &self.server.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => self.local_url(),
        }
    }

    /// The URL under which clients on this machine reach the address that is listened on.
    pub fn local_url(&self) -> String {
        format!("http://{}", reachable(self.server.bind))
    }

    pub(crate) fn core(&self) -> CoreConfig {
        CoreConfig {
            public_url: self.public_url(),
            intake: self.intake(),
            delivery: self.delivery(),
            attachments: self.attachments(),
            retention: self.retention(),
            storage: self.storage(),
            idempotency_ttl: self.http.idempotency_ttl,
            cache_ttl: self.database.cache_ttl,
        }
    }

    fn intake(&self) -> IntakeConfig {
        let intake = &self.intake;
        IntakeConfig {
            shards: intake.shards,
            queue: intake.queue,
            queue_bytes: intake.queue_bytes,
            batch: intake.batch,
            flood_per_minute: intake.flood_per_minute,
        }
    }

    fn attachments(&self) -> AttachmentsConfig {
        let attachments = &self.attachments;
        AttachmentsConfig {
            path: self.attachments_path(),
            max_file_bytes: attachments.max_file_bytes as u64,
            max_files: attachments.max_files,
            link_ttl: attachments.link_ttl,
        }
    }

    fn retention(&self) -> RetentionConfig {
        let retention = &self.retention;
        RetentionConfig {
            events: retention.events,
            dead_letters: retention.dead_letters,
            inbound: retention.inbound,
            uploads: retention.uploads,
            interval: retention.interval,
            batch: retention.batch,
            pause: retention.pause,
        }
    }

    fn storage(&self) -> StorageConfig {
        StorageConfig {
            database: master_key::beside_sqlite(self, "."),
            database_min_free: self.database.min_free as u64,
            attachments_min_free: self.attachments.min_free as u64,
        }
    }

    pub(crate) fn engine(&self) -> EngineConfig {
        EngineConfig {
            sweep_every: self.delivery.sweep,
            prune_every: self.retention.interval,
            ..EngineConfig::default()
        }
    }

    pub(crate) fn attachments_path(&self) -> PathBuf {
        if let Some(path) = &self.attachments.path {
            return path.clone();
        }
        master_key::beside_sqlite(self, "attachments")
            .unwrap_or_else(|| AttachmentsConfig::default().path)
    }

    fn delivery(&self) -> DeliveryConfig {
        let delivery = self.delivery.clone();
        DeliveryConfig {
            schedule: delivery.schedule,
            jitter: delivery.jitter,
            hold_attempts: delivery.hold_attempts,
            timeout: delivery.timeout,
            lease_slack: delivery.lease_slack,
            concurrency: delivery.concurrency,
            concurrency_per_receiver: delivery.concurrency_per_receiver,
            max_bytes: delivery.max_bytes,
            probe_after: delivery.probe_after,
            probe_interval: delivery.probe_interval,
            probe_interval_max: delivery.probe_interval_max,
            disable_after: delivery.disable_after,
            poll: delivery.poll,
        }
    }

    pub(crate) fn database(&self) -> DatabaseConfig {
        let mut database = DatabaseConfig::new(self.database.url.clone());
        database.max_connections = self.database.max_connections;
        database.read_connections = self.database.read_connections;
        database.acquire_timeout = self.database.acquire_timeout;
        database
    }

    pub(crate) fn egress(&self, resolver: Arc<dyn Resolve>) -> ClientConfig {
        let egress = &self.egress;
        ClientConfig {
            policy: Policy {
                allow_hosts: egress.allow_hosts.clone(),
                allow_cidrs: egress.allow_cidrs.clone(),
                https_only: egress.https_only,
                dev: egress.dev,
            },
            connect_timeout: egress.connect_timeout,
            read_timeout: self.delivery.timeout,
            total_timeout: self.delivery.timeout,
            max_response_bytes: egress.max_response_bytes,
            resolver,
            ..ClientConfig::default()
        }
    }

    pub(crate) fn host(&self) -> HostConfig {
        HostConfig {
            public_url: self.public_url(),
            loopback: self.channels.loopback,
            limits: Limits {
                exchange_timeout: self.delivery.timeout,
                ..Limits::default()
            },
        }
    }

    pub(crate) fn layers(
        &self,
        mint_request_id: MintRequestId,
        storage: Arc<Storage>,
    ) -> LayerConfig {
        LayerConfig {
            storage: Some(storage),
            request_timeout: self.server.request_timeout,
            max_body_bytes: self.http.max_body_bytes,
            max_upload_bytes: self.max_upload_bytes(),
            upload_timeout: self.attachments.upload_timeout,
            max_in_flight: self.server.max_in_flight,
            max_body_memory: self.server.max_body_memory,
            api_cors: self.http.cors_api,
            requests_per_minute: self.http.requests_per_minute,
            requests_per_minute_per_ip: self.http.requests_per_minute_per_ip,
            ..LayerConfig::new(mint_request_id)
        }
    }

    /// As many of the largest files as a message may have, and the texts beside them.
    fn max_upload_bytes(&self) -> usize {
        let attachments = &self.attachments;
        let files = attachments
            .max_file_bytes
            .saturating_mul(attachments.max_files);
        files.saturating_add(self.http.max_body_bytes)
    }

    pub(crate) fn http_server(&self) -> ServerConfig {
        ServerConfig {
            max_connections: self.server.max_connections,
            header_read_timeout: self.server.header_timeout,
            drain_timeout: self.server.shutdown_timeout,
            ..ServerConfig::default()
        }
    }
}

/// An address that a client on this machine can use: "every address" is none.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_url_is_the_one_set_or_made_from_the_address() {
        let mut config = Config::default();
        assert_eq!(config.public_url(), "http://127.0.0.1:8080");
        config.server.bind = "[::]:9000".parse().unwrap();
        assert_eq!(config.public_url(), "http://[::1]:9000");
        config.server.public_url = Some("https://gateway.example/".to_owned());
        assert_eq!(config.public_url(), "https://gateway.example");
    }

    #[test]
    fn the_default_configuration_means_the_defaults_of_the_parts() {
        let config = Config::default();
        let mut core = config.core();
        core.storage = StorageConfig::default();
        let core = format!("{core:?}");
        assert_eq!(core, format!("{:?}", CoreConfig::default()));
        let host = config.host().limits.exchange_timeout;
        assert_eq!(host, config.delivery.timeout);
        assert_eq!(
            config.http_server().max_connections,
            ServerConfig::default().max_connections
        );
    }
}
