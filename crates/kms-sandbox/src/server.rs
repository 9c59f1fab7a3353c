//! The server: start, stop, and the door that every request and every answer passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use kms_core::{ChainId, TransactionId};
use thiserror::Error;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::timeout};

use crate::{
    answer::ApiError,
    broadcasts::{Broadcasts, Violation},
    connection::{Connection, Cuttable},
    faults::{Fault, FaultState, Faults, damage::Damage},
    ledger::{Ledger, TransactionState},
    limits::BODY_MAX_BYTES,
    offer::{OfferError, Sample},
    routes,
};

/// The time that open connections may take to end when the sandbox shuts down.
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

/// The state that all requests share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    ledger: Arc<Mutex<Ledger>>,
    faults: Arc<Mutex<FaultState>>,
}

impl Shared {
    /// The ledger is whole between any two of its methods, so a panic elsewhere does not spoil it.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whole as the ledger is. Not locked while the ledger is, nor the other way round.
    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultState> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
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
        let service = router(shared.clone()).into_make_service_with_connect_info::<Connection>();
        let serve = axum::serve(Cuttable(listener), service)
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

    /// From now on, requests meet with these faults. Counts begin anew.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.faults().set(faults);
    }

    /// No more faults. Counts stay.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// The number of times that each fault has occurred since the faults were set.
    pub fn fault_counts(&self) -> BTreeMap<Fault, u64> {
        self.shared.faults().counts().clone()
    }

    /// The requests since faults were set that could have met with one.
    pub fn requests(&self) -> u64 {
        self.shared.faults().requests()
    }

    /// Everything that was ever broadcast, by the id of the transaction.
    pub fn broadcasts(&self) -> BTreeMap<String, Broadcasts> {
        self.shared.ledger().broadcasts().by_id().clone()
    }

    /// The outputs and the nonces of accounts that were used, with the transactions that did.
    pub fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.shared.ledger().broadcasts().users().clone()
    }

    /// Actions that no daemon may take: transactions signed twice, outputs and nonces used twice.
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.ledger().broadcasts().violations().to_vec()
    }

    /// The transactions that a chain's node (Solana, Flow) accepted, by their ids on the chain, and
    /// that the API was not told about. If this remains so, they were paid and nobody knows.
    pub fn unclaimed(&self) -> Vec<(ChainId, String)> {
        self.shared.ledger().unclaimed()
    }

    /// Answers what has arrived, takes nothing more, and ends; after a few seconds in any case.
    pub async fn shutdown(mut self) {
        self.stop.notify_one();
        // Whether it ended normally or timed out, dropping `self` ends the rest.
        let _ = timeout(SHUTDOWN_TIME, &mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn router(shared: Shared) -> Router {
    let door = middleware::from_fn_with_state(shared.clone(), door);
    routes::all().with_state(shared).layer(DefaultBodyLimit::disable()).layer(door)
}

/// Reads the whole request within limits and has it answered, with the faults that are set.
async fn door(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let connection = head.extensions.get::<ConnectInfo<Connection>>();
    let connection = connection.map(|ConnectInfo(connection)| connection.clone());
    let damage = Damage::draw(&shared, head.uri.path(), connection);
    if let Some(instead) = damage.before() {
        return instead;
    }
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    damage.after(in_form(response)).await
}

/// Gives errors of the server's own machinery the API's form.
fn in_form(response: Response) -> Response {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if status.is_success() || is_json {
        response
    } else {
        ApiError::of_status(status).into_response()
    }
}
