//! A server that does with its connections whatever a test wants.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

pub(crate) struct Raw {
    pub(crate) url: Url,
    accepted: Arc<AtomicUsize>,
}

type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Raw {
    pub(crate) async fn start(serve: impl Fn(TcpStream) -> Serving + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self { url, accepted }
    }

    /// Reads one request of a connection, sends these bytes and closes it.
    pub(crate) async fn sending(bytes: &'static [u8]) -> Self {
        Self::start(move |mut stream| {
            Box::pin(async move {
                read_request(&mut stream).await;
                stream.write_all(bytes).await.unwrap();
                stream.shutdown().await.unwrap();
                // The other side closes too.
                let _ = stream.read(&mut [0; 1_024]).await;
            })
        })
        .await
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn https(&self) -> Url {
        let text = self.url.as_str().replace("http://127.0.0.1", "https://localhost");
        text.parse().unwrap()
    }
}

/// The head of the next request, its body read and left out; empty at the end of the connection.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    let mut chunk = [0; 65_536];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
            if body.len() >= length {
                return head.to_owned();
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return String::new(),
            Ok(length) => read.extend_from_slice(&chunk[..length]),
        }
    }
}
