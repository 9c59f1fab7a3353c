//! An internet of the test's own: a proxy that leads every call to one server, which has a
//! certificate for the vendors' names. Plain calls reach it too, with or without a proxy.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::HeaderMap,
    response::Response,
    serve::Listener,
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use super::Case;
use crate::certificates::{authority, certificate};

/// The hosts that there are.
const NAMES: &[&str] = &[
    "secretsmanager.eu-west-1.amazonaws.com",
    "secretsmanager.eu-central-1.amazonaws.com",
    "sts.eu-west-1.amazonaws.com",
    "portal.sso.eu-west-1.amazonaws.com",
    "my-vault.vault.azure.net",
    "login.microsoftonline.com",
    "secretmanager.googleapis.com",
    "oauth2.googleapis.com",
    "sts.googleapis.com",
    "api.live.verygoodvault.com",
    "api.sandbox.verygoodvault.com",
];

/// A call that arrived.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) host: String,
    /// With the query.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Call {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer to a call.
pub(super) enum Reply {
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    Silence,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, body.to_string()).with("content-type", "application/json")
    }

    pub(super) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

type Scene = Box<dyn Fn(&Call, &Case) -> Reply + Send + Sync>;

pub(super) struct Internet {
    address: SocketAddr,
    case: Arc<Mutex<Case>>,
    calls: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Internet {
    pub(super) fn start(scene: impl Fn(&Call, &Case) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let case = Arc::new(Mutex::new(Case::good()));
        let (listener, address) = runtime.block_on(Ways::open());
        let (seen, scene): (_, Arc<Scene>) = (Arc::clone(&case), Arc::new(Box::new(scene)));
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let app = Router::new().fallback(move |request: Request| {
            counted.fetch_add(1, Ordering::Relaxed);
            let (case, scene) = (Arc::clone(&seen), Arc::clone(&scene));
            async move {
                let call = read(request).await;
                let case = case.lock().expect("a case").clone();
                reply(scene(&call, &case)).await
            }
        });
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { address, case, calls, _runtime: runtime }
    }

    pub(super) fn set(&self, case: Case) {
        *self.case.lock().expect("a case") = case;
    }

    /// The number of calls that have arrived.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file of the certificate that all the others are trusted by.
    pub(super) fn authority(&self) -> PathBuf {
        certificates().join("ca.pem")
    }
}

async fn read(request: Request) -> Call {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let named = head.headers.get("host").and_then(|host| host.to_str().ok());
    let host = head.uri.host().or(named).unwrap_or_default();
    Call {
        host: host.trim_end_matches(":443").to_owned(),
        path: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

async fn reply(reply: Reply) -> Response {
    let Reply::Answer { status, headers, body } = reply else {
        return std::future::pending().await;
    };
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(body)).expect("a response")
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Connections that are ready for a request: plain ones, and the ends of tunnels.
struct Ways {
    address: SocketAddr,
    ready: mpsc::Receiver<Box<dyn Stream>>,
}

impl Ways {
    async fn open() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, ready) = mpsc::channel(8);
        let acceptor = TlsAcceptor::from(Arc::new(tls()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, acceptor) = (sender.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = arrive(stream, &acceptor).await {
                        let _ = sender.send(stream).await;
                    }
                });
            }
        });
        (Self { address, ready }, address)
    }
}

impl Listener for Ways {
    type Io = Box<dyn Stream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(stream) => (stream, self.address),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

/// A tunnel ends here, whichever host it is for.
async fn arrive(mut stream: TcpStream, acceptor: &TlsAcceptor) -> io::Result<Box<dyn Stream>> {
    let mut start = [0; 8];
    while stream.peek(&mut start).await? < start.len() {
        tokio::task::yield_now().await;
    }
    if &start != b"CONNECT " {
        return Ok(Box::new(stream));
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    Ok(Box::new(acceptor.accept(stream).await?))
}

/// Made once for all tests.
fn certificates() -> &'static Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory");
        authority(directory.path());
        let names: Vec<_> = NAMES.iter().map(|name| format!("DNS:{name}")).collect();
        certificate(directory.path(), "server", &names.join(","), "serverAuth");
        directory
    });
    directory.path()
}

fn tls() -> ServerConfig {
    let directory = certificates();
    let chain = CertificateDer::from_pem_file(directory.join("server.pem")).expect("one");
    let key = PrivateKeyDer::from_pem_file(directory.join("server.key.pem")).expect("a key");
    ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .expect("a certificate")
}
