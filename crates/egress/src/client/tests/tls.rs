//! Https against a server whose certificate a test authority signed (`testdata`, valid from 2026 to
//! 2126; the clock of the verifier is fixed).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::support::{FakeDns, config, ok, post};
use crate::{Client, Error};

/// Serves one connection from a thread of its own: there is no asynchronous TLS server among the
/// dependencies.
fn serve_once() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = Arc::new(server_config());
    thread::spawn(move || {
        let (tcp, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(server).unwrap(), tcp);
        let mut chunk = [0; 4096];
        // A client that does not trust the certificate breaks off here.
        if stream.read(&mut chunk).is_ok_and(|count| count > 0) {
            stream.write_all(ok("private").as_bytes()).unwrap();
        }
    });
    address
}

fn server_config() -> ServerConfig {
    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("../../../testdata/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../../testdata/server.key"));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap()], key.unwrap())
        .unwrap()
}

/// From 1970 to the first of January 2030.
const HOURS_TO_2030: u64 = 525_960;

#[derive(Debug)]
struct In2030;

impl TimeProvider for In2030 {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_hours(
            HOURS_TO_2030,
        )))
    }
}

fn trusting_client() -> Client {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(include_bytes!("../../../testdata/ca.pem"));
    roots.add(authority.unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_details(provider, Arc::new(In2030))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::with_tls(
        config(|config| config.resolver = FakeDns::new(&[&["127.0.0.1"]])),
        tls,
    )
}

fn url(host: &str, address: SocketAddr) -> url::Url {
    format!("https://{host}:{}/hook", address.port())
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_trusted_server_is_reached_over_tls() {
    let address = serve_once();
    let response = trusting_client()
        .send(post(url("secure.example", address)))
        .await
        .unwrap();
    assert_eq!(
        (&response.body[..], response.remote),
        (&b"private"[..], Some(address))
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_sent() {
    let address = serve_once();
    let error = trusting_client()
        .send(post(url("other.example", address)))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::NotSent { reason } if reason.contains("certificate")),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_unknown_authority_is_not_sent() {
    let address = serve_once();
    let dns = FakeDns::new(&[&["127.0.0.1"]]);
    let client = Client::new(config(|config| config.resolver = dns));
    let error = client
        .send(post(url("secure.example", address)))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::NotSent { reason } if reason.contains("certificate")),
        "{error:?}"
    );
}
