//! Receivers that remember everything and misbehave as told.

mod mood;
mod seen;

use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use mood::Reply;
pub(crate) use mood::Vice;
pub(crate) use seen::Seen;
use seen::{Attempt, End};

type Body = BoxBody<Bytes, std::io::Error>;

/// All receivers, told apart by the path.
pub(crate) struct Receiver {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    seen: Arc<Seen>,
    posts: AtomicU64,
    quick: AtomicBool,
    seed: u64,
    vices: HashMap<&'static str, Vice>,
    begun: Instant,
}

impl Receiver {
    /// Starts listening. A path without a vice is merely busy.
    pub(crate) async fn start(seed: u64, vices: &[(&'static str, Vice)]) -> Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", socket.local_addr()?);
        let shared = Arc::new(Shared {
            seen: Arc::default(),
            posts: AtomicU64::new(0),
            quick: AtomicBool::new(false),
            seed,
            vices: vices.iter().copied().collect(),
            begun: Instant::now(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Ok(Self { url, shared })
    }

    /// From now on they neither wait nor refuse, except what they never take.
    pub(crate) fn be_quick(&self) {
        self.shared.quick.store(true, Ordering::SeqCst);
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.shared.seen
    }

    pub(crate) fn posts(&self) -> usize {
        usize::try_from(self.shared.posts.load(Ordering::SeqCst)).unwrap_or(usize::MAX)
    }
}

/// Serves a connection, which ends with an error when the receiver breaks it off.
async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    // A second handle, to say how the connection is to end.
    let handle = std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?);
    let handle = Arc::new(TcpStream::from_std(handle)?);
    let service =
        service_fn(move |request| take(request, Arc::clone(&shared), Arc::clone(&handle)));
    let io = TokioIo::new(stream);
    Ok(http1::Builder::new().serve_connection(io, service).await?)
}

async fn take(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    handle: Arc<TcpStream>,
) -> Result<Response<Body>> {
    let number = shared.posts.fetch_add(1, Ordering::SeqCst);
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let Some(attempt) = Attempt::read(&head, &body) else {
        shared.seen.stray(head.uri.path());
        return Ok(answer(StatusCode::NOT_FOUND));
    };
    let path = attempt.path.clone();
    let vice = shared
        .vices
        .get(path.as_str())
        .copied()
        .unwrap_or(Vice::Busy);
    let quick = shared.quick.load(Ordering::SeqCst);
    let dice = crate::dice::mix(shared.seed.wrapping_add(number));
    let reply = vice.reply(dice, attempt.message, shared.begun.elapsed(), quick);
    // Dropped when the sender hangs up first.
    let visit = Seen::begin(&shared.seen, attempt);
    tokio::time::sleep(reply.after).await;
    match reply.reply {
        Reply::Accept => {
            visit.end(End::Accepted);
            Ok(answer(StatusCode::OK))
        }
        Reply::Refuse(status) => {
            visit.end(End::Refused);
            Ok(answer(status))
        }
        Reply::Redirect => {
            visit.end(End::Refused);
            let mut response = answer(StatusCode::FOUND);
            let elsewhere = HeaderValue::from_static("/stray");
            response.headers_mut().insert(header::LOCATION, elsewhere);
            Ok(response)
        }
        Reply::HalfBody => {
            visit.end(End::Perhaps);
            Ok(half_an_answer())
        }
        Reply::Close => {
            visit.end(End::Refused);
            anyhow::bail!("closed")
        }
        Reply::Reset => {
            visit.end(End::Refused);
            handle.set_zero_linger()?;
            anyhow::bail!("reset")
        }
        Reply::Hang => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            anyhow::bail!("hung up")
        }
    }
}

fn answer(status: StatusCode) -> Response<Body> {
    let body = Full::new(Bytes::from_static(b"{}"));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    response
}

/// 200, and a body that breaks off.
fn half_an_answer() -> Response<Body> {
    let frames = [
        Ok(Frame::data(Bytes::from_static(b"{\"half\":"))),
        Err(std::io::Error::other("half is enough")),
    ];
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(stream::iter(frames))));
    let length = HeaderValue::from_static("100");
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}
