//! A way to the database that can be cut off.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the way lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Open,
    /// Connections are broken off and new ones refused.
    Cut,
    /// Nothing moves, and nobody is told.
    Stalled,
}

/// A proxy in front of one address.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    way: Arc<watch::Sender<Way>>,
}

impl Proxy {
    pub(crate) async fn start(target: String) -> Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let port = socket.local_addr()?.port();
        let way = Arc::new(watch::Sender::new(Way::Open));
        let told = Arc::clone(&way);
        tokio::spawn(async move {
            while let Ok((client, _)) = socket.accept().await {
                tokio::spawn(carry(client, target.clone(), told.subscribe()));
            }
        });
        Ok(Self { port, way })
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

/// Carries one connection until it ends or is cut. Stalled, it is not even looked at.
async fn carry(mut client: TcpStream, target: String, mut way: watch::Receiver<Way>) -> Result<()> {
    if way.wait_for(|way| *way != Way::Stalled).await.is_err() || *way.borrow() == Way::Cut {
        client.set_zero_linger()?;
        return Ok(());
    }
    let mut server = TcpStream::connect(target).await?;
    let mut carried = Box::pin(copy_bidirectional(&mut client, &mut server));
    loop {
        let changed = tokio::select! {
            done = &mut carried => return done.map(|_| ()).map_err(Into::into),
            changed = way.changed() => changed.map(|()| *way.borrow_and_update()),
        };
        if changed? == Way::Stalled {
            // Not polled, the copying stands still.
            way.wait_for(|way| *way != Way::Stalled).await?;
        }
        if *way.borrow() == Way::Cut {
            break;
        }
    }
    drop(carried);
    client.set_zero_linger()?;
    server.set_zero_linger()?;
    Ok(())
}

pub(crate) async fn wait_ms(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
