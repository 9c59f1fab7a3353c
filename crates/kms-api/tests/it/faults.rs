//! Servers that break off, trickle, lie about themselves, or are not there at all.

use std::time::{Duration, Instant};

use kms_api::{Api, ApiConfig, ApiError, HttpOptions, PollBody, SetupError};
use kms_core::{Lookup as _, LookupError, Network, NodeCall};
use kms_secret::SecretText;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

use crate::{
    fakes::{ETH, KEY, api, config, impatient_api},
    mock::{Mock, Reply, nobody},
};

/// A server that reads a request and then does what it is told with the connection.
async fn server<F>(act: fn(TcpStream) -> F) -> Url
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            tokio::spawn(act(stream));
        }
    });
    url
}

async fn poll(api: &Api) -> ApiError {
    api.poll(ETH, Network::Testnet, &PollBody::new(&[])).await.error.unwrap()
}

#[tokio::test]
async fn answers_that_break_off_are_no_answers() {
    let cut = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[").await;
    })
    .await;
    let silent = server(|stream| async move { drop(stream) }).await;
    let half = server(|mut stream| async move {
        let _ = stream.shutdown().await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    let reset = server(|mut stream| async move {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2";
        let _ = stream.write_all(head).await;
        #[expect(deprecated, reason = "a reset is what is wanted")]
        let _ = stream.set_linger(Some(Duration::ZERO));
    })
    .await;
    let garbage = server(|mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    })
    .await;
    for (name, url) in
        [("cut", cut), ("silent", silent), ("half", half), ("reset", reset), ("garbage", garbage)]
    {
        let error = poll(&api(&url)).await;
        assert!(matches!(error, ApiError::NoAnswer(_)), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_that_trickles_ends_with_the_time_limit() {
    let url = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let start = Instant::now();
    let error = poll(&impatient_api(&url)).await;
    assert!(error.to_string().contains("did not come in time"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn who_is_not_there_was_sent_nothing_and_the_error_says_what_to_check() {
    for (url, words) in [
        (nobody().await, "check the URL, and that the server runs"),
        ("http://no-such-host.invalid".parse().unwrap(), "check the host's name"),
    ] {
        let error = poll(&api(&url)).await;
        assert!(matches!(error, ApiError::NotConnected { .. }), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_page_with_status_200_is_named_by_its_type() {
    let page = Reply::ok("<html>log in</html>").with_header("content-type", "text/html");
    let error = poll(&api(&Mock::answering(page).await.url)).await;
    assert!(error.to_string().contains("its content type is text/html"), "{error}");
}

#[tokio::test]
async fn who_fails_again_and_again_is_left_alone() {
    let mock = Mock::answering(Reply::new(500, "")).await;
    let api = api(&mock.url);
    for _ in 0..5 {
        assert!(matches!(poll(&api).await, ApiError::Status { status: 500, .. }));
    }
    for _ in 0..5 {
        let error = poll(&api).await;
        assert!(matches!(error, ApiError::Closed { .. }), "{error:?}");
        assert!(!error.to_string().contains(KEY));
    }
    assert_eq!(mock.seen().len(), 5);
    let call = NodeCall::Api { path: String::from("/x"), body: None };
    let unasked = api.call(ETH, Network::Testnet, &call).await;
    assert!(matches!(unasked, Err(LookupError::NotAsked { .. })), "{unasked:?}");
}

#[tokio::test]
async fn who_asks_for_time_gets_it() {
    for (after, least) in [("7", 7), ("Fri, 31 Dec 2399 23:59:59 GMT", 600)] {
        let busy = Reply::new(429, "").with_header("retry-after", after);
        let mock = Mock::answering(busy).await;
        let api = api(&mock.url);
        let wait = poll(&api).await.retry_after();
        assert_eq!(wait, Some(Duration::from_secs(least)), "{after}");
        assert!(matches!(poll(&api).await, ApiError::Closed { .. }));
        assert_eq!(mock.seen().len(), 1);
    }
    for odd in ["soon", "-1", ""] {
        let busy = Reply::new(429, "").with_header("retry-after", odd);
        let error = poll(&api(&Mock::answering(busy).await.url)).await;
        assert_eq!(error.retry_after(), None, "{odd}");
    }
}

#[tokio::test]
async fn a_hundred_calls_share_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let connections = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 65_536];
        let mut answered = 0;
        while answered < 100 {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "closed after {answered}");
            // Head and body may come apart; the body ends in a brace.
            if buffer[..read].ends_with(b"}") {
                answered += 1;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await.unwrap();
            }
        }
    });
    let api = api(&url);
    for _ in 0..100 {
        assert!(api.poll(ETH, Network::Testnet, &PollBody::new(&[])).await.error.is_none());
    }
    connections.await.unwrap();
}

fn through(proxy: &Url, no_proxy: Option<&str>) -> HttpOptions {
    HttpOptions {
        http_proxy: Some(SecretText::new(proxy.to_string())),
        no_proxy: no_proxy.map(str::to_owned),
        ..HttpOptions::default()
    }
}

#[tokio::test]
async fn a_proxy_is_used_unless_the_host_is_excepted() {
    let proxy = Mock::answering(Reply::ok("[]")).await;
    let base: Url = "http://api.example".parse().unwrap();
    let config = ApiConfig { http: through(&proxy.url, None), ..config(&base) };
    let api = Api::new(config).unwrap();
    assert!(api.poll(ETH, Network::Testnet, &PollBody::new(&[])).await.error.is_none());
    assert_eq!(proxy.only().target, "http://api.example/v3/kms/pending/ETH");

    let mock = Mock::answering(Reply::ok("[]")).await;
    let config = ApiConfig {
        http: through(&proxy.url, Some("127.0.0.1,x.example")),
        ..crate::fakes::config(&mock.url)
    };
    let api = Api::new(config).unwrap();
    assert!(api.poll(ETH, Network::Testnet, &PollBody::new(&[])).await.error.is_none());
    assert_eq!((mock.seen().len(), proxy.seen().len()), (1, 1));
}

#[tokio::test]
async fn a_proxys_credentials_are_in_no_error() {
    let mut gone = nobody().await;
    gone.set_username("user").unwrap();
    gone.set_password(Some("hunter2")).unwrap();
    let base: Url = "http://api.example".parse().unwrap();
    let api = Api::new(ApiConfig { http: through(&gone, None), ..config(&base) }).unwrap();
    let error = poll(&api).await;
    assert!(matches!(error, ApiError::NotConnected { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    let bad = HttpOptions {
        https_proxy: Some(SecretText::new(String::from("::hunter2"))),
        ..HttpOptions::default()
    };
    let error = Api::new(ApiConfig { http: bad, ..config(&base) }).unwrap_err();
    assert!(matches!(error, SetupError::Proxy("HTTPS_PROXY")), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn what_is_no_certificate_is_refused_at_the_start() {
    let base: Url = "https://api.example".parse().unwrap();
    for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let http = HttpOptions { ca_pem: Some(pem.into()), ..HttpOptions::default() };
        assert!(Api::new(ApiConfig { http, ..config(&base) }).is_err(), "{pem}");
        let identity_pem = Some(SecretText::new(pem.to_owned()));
        let http = HttpOptions { identity_pem, ..HttpOptions::default() };
        assert!(Api::new(ApiConfig { http, ..config(&base) }).is_err(), "{pem}");
    }
}
