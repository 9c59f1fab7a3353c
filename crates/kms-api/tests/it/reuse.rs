//! Connections are kept.

use kms_api::PollBody;
use kms_core::{Chain as _, Network};
use tokio::io::AsyncWriteExt as _;

use crate::{
    fakes::{ETHEREUM, api},
    raw::{Raw, read_request},
};

/// Answers one request after the other.
async fn patient_server(answer: &'static [u8]) -> Raw {
    Raw::start(move |mut stream| {
        Box::pin(async move {
            while !read_request(&mut stream).await.is_empty() {
                stream.write_all(answer).await.unwrap();
            }
        })
    })
    .await
}

#[tokio::test]
async fn a_hundred_calls_one_after_another_take_one_connection() {
    let server = patient_server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await;
    let api = api(&server.url);
    let body = PollBody::new(&[]);
    for _ in 0..100 {
        let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &body).await;
        assert!(polled.error.is_none(), "{polled:?}");
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_as_it_was() {
    let refusal = b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\n\r\nnot found";
    let server = patient_server(refusal).await;
    let api = api(&server.url);
    for _ in 0..20 {
        let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&[])).await;
        assert!(polled.error.is_some());
    }
    assert_eq!(server.accepted(), 1);
}
