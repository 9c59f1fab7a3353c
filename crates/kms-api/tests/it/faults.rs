//! Connections that break, stall or never come about: each ends in time, with its cause.

use std::time::{Duration, Instant};

use kms_api::{Api, ApiConfig, ApiError, PollBody, Timeouts};
use kms_core::{Broadcast as _, BroadcastError, Chain as _, Network, SignatureId};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::sleep};
use url::Url;

use crate::{
    fakes::{ETH, ETHEREUM, api, config, recorded},
    mock::{Mock, Reply, nobody},
    raw::{Raw, read_request},
};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const SECOND: Duration = Duration::from_secs(1);

const fn patient(connect: Duration, total: Duration, idle: Duration) -> Timeouts {
    Timeouts { connect, total, idle }
}

async fn error_with(url: &Url, timeouts: Timeouts) -> ApiError {
    let api = Api::new(ApiConfig { timeouts, ..config(url) }).unwrap();
    let start = Instant::now();
    let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&[])).await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    polled.error.unwrap()
}

async fn error(url: &Url) -> ApiError {
    error_with(url, Timeouts::default()).await
}

/// The connection is reset: what is unread in it is lost.
fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer_and_says_where() {
    let closed = "the connection broke before the answer: connection closed before message \
                  completed";
    let cut = "the answer was cut off: end of file before message length reached";
    let chunks = "the answer was cut off: unexpected EOF during chunk size line";
    for (sent, expected) in [
        (&b""[..], closed),
        (b"HTTP/1.1 20", closed),
        (b"HTTP/1.1 200 OK\r\ncontent-le", closed),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[", cut),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", cut),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n", chunks),
    ] {
        let server = Raw::sending(sent).await;
        let error = error(&server.url).await;
        assert!(matches!(error, ApiError::NoAnswer(_)), "{error:?}");
        assert_eq!(error.to_string(), format!("no answer: {expected}"));
    }
}

#[tokio::test]
async fn a_reset_is_no_answer_before_and_within_it() {
    let before = Raw::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            reset(stream);
        })
    })
    .await;
    let found = error(&before.url).await;
    assert!(matches!(found, ApiError::NoAnswer(_)), "{found:?}");
    let text = found.to_string();
    assert!(text.starts_with("no answer: the connection broke before the answer: "), "{text}");
    let within = Raw::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            stream.write_all(HEAD).await.unwrap();
            stream.write_all(b"content-length: 100\r\n\r\n[").await.unwrap();
            sleep(Duration::from_millis(100)).await;
            reset(stream);
        })
    })
    .await;
    let text = error(&within.url).await.to_string();
    assert!(text.starts_with("no answer: the answer was cut off: "), "{text}");
    assert!(text.contains("reset by peer"), "{text}");
}

#[tokio::test]
async fn a_broadcast_over_a_connection_that_breaks_may_have_arrived() {
    for sent in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
        let server = Raw::sending(sent).await;
        let outcome = api(&server.url).broadcast(&recorded(ETH, None, "0xf86907").await).await;
        assert!(matches!(outcome, Err(BroadcastError::Unknown { .. })), "{outcome:?}");
        assert_eq!(server.accepted(), 1, "not sent again by the client itself");
    }
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    let server = Raw::sending(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    let text = error(&server.url).await.to_string();
    assert!(
        text.starts_with("no answer: the connection broke before the answer: invalid"),
        "{text}"
    );
    let endless: &[u8] = Box::leak([HEAD, &b"x: y\r\n".repeat(200_000)].concat().into());
    let server = Raw::start(move |mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(endless).await;
        })
    })
    .await;
    assert!(matches!(error(&server.url).await, ApiError::NoAnswer(_)));
}

#[tokio::test]
async fn an_answer_that_stops_coming_is_given_up_before_the_whole_time_is_over() {
    let server = Raw::start(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            stream.write_all(HEAD).await.unwrap();
            stream.write_all(b"content-length: 100\r\n\r\n[").await.unwrap();
            sleep(Duration::from_secs(60)).await;
        })
    })
    .await;
    let idle = Duration::from_millis(200);
    let found = error_with(&server.url, patient(SECOND, Duration::from_secs(60), idle)).await;
    assert_eq!(found.to_string(), "no answer: no more data arrived for 200ms");
}

#[tokio::test]
async fn an_answer_that_trickles_ends_with_the_whole_time() {
    for head in [&b"HTTP/1.1 200 OK\r\nx-slow: "[..], b"HTTP/1.1 200 OK\r\n\r\n"] {
        let server = Raw::start(move |mut stream| {
            Box::pin(async move {
                read_request(&mut stream).await;
                stream.write_all(head).await.unwrap();
                while stream.write_all(b"1").await.is_ok() {
                    sleep(Duration::from_millis(10)).await;
                }
            })
        })
        .await;
        let total = Duration::from_millis(300);
        let found = error_with(&server.url, patient(SECOND, total, SECOND)).await;
        assert_eq!(found.to_string(), "no answer: timed out");
    }
}

#[tokio::test]
async fn a_host_that_does_not_read_what_it_is_sent_is_given_up() {
    let server = Raw::start(|stream| {
        Box::pin(async move {
            sleep(Duration::from_secs(60)).await;
            drop(stream);
        })
    })
    .await;
    let timeouts = patient(SECOND, Duration::from_millis(300), SECOND);
    let api = Api::new(ApiConfig { timeouts, ..config(&server.url) }).unwrap();
    let id = |number| SignatureId::parse(&format!("{number:0128}")).unwrap();
    let body = PollBody::new(&(0..25_000).map(id).collect::<Vec<_>>());
    let error = api.poll(ETHEREUM.spec(), Network::Testnet, &body).await.error.unwrap();
    assert_eq!(error.to_string(), "no answer: timed out");
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_was_sent_nothing() {
    let refused = error(&nobody().await).await;
    assert!(matches!(refused, ApiError::NotConnected { .. }), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        "no connection: the connection was refused; check the URL, and that a server listens there"
    );
    let unknown = error(&"http://no-such-host.invalid".parse().unwrap()).await;
    assert!(matches!(unknown, ApiError::NotConnected { .. }), "{unknown:?}");
    let text = unknown.to_string();
    assert!(text.starts_with("no connection: the host name cannot be resolved ("), "{text}");
    assert!(text.ends_with("check the URL and the DNS server"), "{text}");
    // It takes the connection and does not say a word: TLS never comes about.
    let silent = Raw::start(|stream| {
        Box::pin(async move {
            sleep(Duration::from_secs(60)).await;
            drop(stream);
        })
    })
    .await;
    let hasty = patient(Duration::from_millis(200), Duration::from_secs(60), SECOND);
    let slow = error_with(&silent.https(), hasty).await;
    assert!(matches!(slow, ApiError::NotConnected { .. }), "{slow:?}");
    assert!(slow.to_string().contains("timed out"), "{slow}");
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_called_what_it_is() {
    let reply = Reply::ok("<html>log in</html>").with_header("content-type", "text/html; x=y");
    let mock = Mock::answering(reply).await;
    assert_eq!(
        error(&mock.url).await.to_string(),
        "the answer is not as expected: no list of transactions: it is not valid JSON (line 1, \
         column 1) (its content type is text/html; x=y)"
    );
    let reply = Reply::ok("{}").with_header("content-type", "application/problem+json");
    let text = error(&Mock::answering(reply).await.url).await.to_string();
    assert!(!text.contains("content type"), "{text}");
}
