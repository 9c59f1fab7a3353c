//! The server: start, stop, and the door that every request and every answer passes.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, Request},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use kms_core::TransactionId;
use thiserror::Error;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::timeout};

use crate::{
    answer::ApiError,
    ledger::{Ledger, TransactionState},
    limits::BODY_MAX_BYTES,
    offer::{OfferError, Sample},
    routes,
};

/// How long open connections may take to end when the sandbox is shut down.
const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// An embedded Tatum API that is not running yet.
#[derive(Debug)]
pub struct Sandbox;

/// A running sandbox. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    shared: Shared,
    stop: Arc<Notify>,
    server: JoinHandle<io::Result<()>>,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SandboxError {
    #[error("the sandbox cannot listen on 127.0.0.1:{port}; choose another port")]
    Listen { port: u16, source: io::Error },
}

/// What all requests share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Mutex<Ledger>>);

impl Shared {
    /// The ledger is whole between any two of its methods, so a panic elsewhere does not spoil it.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Listens on 127.0.0.1, on `port` or on any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(port: Option<u16>) -> Result<Running, SandboxError> {
        let port = port.unwrap_or(0);
        let listen = |source| SandboxError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Shared::default();
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let serve = axum::serve(listener, router(shared.clone()))
            .with_graceful_shutdown(async move { stopped.notified().await });
        let server = tokio::spawn(serve.into_future());
        Ok(Running { address, shared, stop, server })
    }
}

impl Running {
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Offers a transaction to the daemon.
    ///
    /// # Errors
    /// When its id was offered before, or the sandbox is full.
    pub fn offer(&self, sample: Sample) -> Result<TransactionId, OfferError> {
        self.shared.ledger().offer(sample)
    }

    /// Every transaction offered, in order, and what became of it.
    pub fn states(&self) -> Vec<TransactionState> {
        self.shared.ledger().states()
    }

    /// Answers what has arrived, takes nothing more, and ends; after a few seconds in any case.
    pub async fn shutdown(mut self) {
        self.stop.notify_one();
        // Whether it ended by itself or by time, dropping `self` ends what is left.
        let _ = timeout(SHUTDOWN_TIME, &mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn router(shared: Shared) -> Router {
    routes::all()
        .with_state(shared)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(door))
}

/// Reads the whole request within limits, has it answered, and gives errors of the server's own
/// machinery the API's form.
async fn door(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    match status.is_success() || is_json {
        true => response,
        false => ApiError::of_status(status).into_response(),
    }
}
