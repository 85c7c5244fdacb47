//! A gateway of one's own: the channels are yours to choose, the rest is the library's.
//!
//! `--once` uses a temporary database and a free port, asks the gateway for its version, and ends.

use gatewright::{Config, Gatewright, config::Source};
use gatewright_plugin_api::ApiChannel;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == "--once") {
        return once().await;
    }
    let config = Config::load(&Source::process(None))?;
    let listener = TcpListener::bind(config.server.bind).await?;
    let gateway = Gatewright::builder()
        .config(config)
        .channel::<ApiChannel>()
        .build()
        .await?;
    if let Some(first) = gateway.first_start().await? {
        show(&first.token);
    }
    let end = async { drop(tokio::signal::ctrl_c().await) };
    Ok(gateway.serve(listener, end).await?)
}

#[expect(clippy::print_stdout, reason = "the operator needs it, once")]
fn show(token: &str) {
    println!("token, shown once: {token}");
}

/// The same on a database that is thrown away, until it has answered once.
async fn once() -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.database.url = format!("sqlite://{}", folder.path().join("own.db").display());
    let gateway = Gatewright::builder()
        .config(config)
        .channel::<ApiChannel>()
        .build()
        .await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        let request = "GET /api HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::ensure!(
            answer.starts_with("HTTP/1.1 200"),
            "unexpected answer: {answer}"
        );
        anyhow::Ok(())
    };
    let mut answered = Ok(());
    gateway
        .serve(listener, async { answered = ask.await })
        .await?;
    answered
}
