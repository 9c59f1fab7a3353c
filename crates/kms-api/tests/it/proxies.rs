//! Calls by way of a proxy: the one that is configured, never that of the process's environment.

use std::sync::{Arc, Mutex};

use kms_api::{Api, ApiConfig, ApiError, HttpOptions, PollBody, SetupError};
use kms_core::{Chain as _, Network};
use kms_secret::SecretText;
use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional},
    net::TcpStream,
};
use url::Url;

use crate::{
    fakes::{ETHEREUM, config},
    mock::{Mock, Reply, nobody},
    raw::{Raw, read_request},
    tls,
};

const PASSWORD: &str = "hunter2";

/// A proxy that answers everything itself, and the heads of what it was asked.
async fn answering(answer: &'static [u8]) -> (Raw, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::default();
    let kept = Arc::clone(&heads);
    let proxy = Raw::start(move |mut stream| {
        let kept = Arc::<Mutex<Vec<String>>>::clone(&kept);
        Box::pin(async move {
            let head = read_request(&mut stream).await;
            kept.lock().unwrap().push(head);
            stream.write_all(answer).await.unwrap();
        })
    })
    .await;
    (proxy, heads)
}

fn with_password(proxy: &Url) -> SecretText {
    SecretText::new(proxy.as_str().replace("http://", &format!("http://user:{PASSWORD}@")))
}

fn through(proxy: &Url, not_for: Option<&str>) -> HttpOptions {
    HttpOptions {
        https_proxy: Some(with_password(proxy)),
        http_proxy: Some(with_password(proxy)),
        no_proxy: not_for.map(str::to_owned),
        ..tls::trusting()
    }
}

async fn poll(url: &str, http: HttpOptions) -> Result<(), ApiError> {
    let api = Api::new(ApiConfig { http, ..config(&url.parse().unwrap()) }).unwrap();
    let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&[])).await;
    polled.error.map_or(Ok(()), Err)
}

async fn failure(url: &str, http: HttpOptions) -> String {
    let error = poll(url, http).await.unwrap_err();
    let text = error.to_string();
    assert!(!format!("{text} {error:?}").contains(PASSWORD), "{error:?}");
    text
}

#[tokio::test]
async fn a_plain_call_is_given_to_the_proxy_with_its_password() {
    let (proxy, heads) = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await;
    poll("http://api.invalid", through(&proxy.url, None)).await.unwrap();
    let head = heads.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("POST http://api.invalid/v3/kms/pending/ETH HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: Basic dXNlcjpodW50ZXIy"), "{head}");
}

#[tokio::test]
async fn a_secure_call_goes_through_a_tunnel() {
    let server = tls::trusted_server().await;
    let target = server.url.socket_addrs(|| None).unwrap()[0];
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heads);
    let proxy = Raw::start(move |mut stream| {
        let kept = Arc::clone(&kept);
        Box::pin(async move {
            let head = read_request(&mut stream).await;
            kept.lock().unwrap().push(head);
            let mut onward = TcpStream::connect(target).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut onward).await;
        })
    })
    .await;
    poll(server.https().as_str(), through(&proxy.url, None)).await.unwrap();
    let head = heads.lock().unwrap().pop().unwrap();
    let port = target.port();
    assert!(head.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("proxy-authorization: Basic dXNlcjpodW50ZXIy"), "{head}");
    assert!(!head.contains("x-api-key"), "{head}");
}

#[tokio::test]
async fn hosts_that_need_no_proxy_are_asked_directly() {
    let mock = Mock::answering(Reply::ok("[]")).await;
    let gone = nobody().await;
    for not_for in ["127.0.0.1", "*", "a.test, 127.0.0.0/8"] {
        poll(mock.url.as_str(), through(&gone, Some(not_for))).await.unwrap();
    }
    assert!(poll(mock.url.as_str(), through(&gone, Some("b.test"))).await.is_err());
    assert_eq!(mock.seen().len(), 3);
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_says_so_for_both_kinds_of_calls() {
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let (proxy, _) = answering(refusal).await;
    assert_eq!(
        failure("https://api.invalid", through(&proxy.url, None)).await,
        "no connection: the proxy requires a user name and password (status 407); put them into \
         the URL in HTTPS_PROXY"
    );
    let text = failure("http://api.invalid", through(&proxy.url, None)).await;
    assert!(
        text.starts_with("status 407: proxy authentication required; the proxy requires"),
        "{text}"
    );
}

#[tokio::test]
async fn a_proxy_that_does_not_connect_is_not_taken_for_the_host() {
    let (proxy, _) = answering(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let text = failure("https://api.invalid", through(&proxy.url, None)).await;
    assert!(
        text.starts_with("no connection: the proxy could not connect (tunnel error:"),
        "{text}"
    );
    for url in ["https://api.invalid", "http://api.invalid"] {
        let text = failure(url, through(&nobody().await, None)).await;
        assert!(text.contains("the connection was refused; "), "{text}");
        assert!(
            text.ends_with("a proxy is set, so check HTTPS_PROXY and HTTP_PROXY too"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_is_no_proxy_is_refused_at_the_start_and_not_quoted() {
    let url: Url = "http://api.test".parse().unwrap();
    let set_up = |proxy: &str| {
        let https_proxy = Some(SecretText::new(proxy.to_owned()));
        let http = HttpOptions { https_proxy, ..HttpOptions::default() };
        assert!(!format!("{http:?}").contains(PASSWORD), "{http:?}");
        Api::new(ApiConfig { http, ..config(&url) })
    };
    for good in ["user:hunter2@p.test:3128", " p.test:3128", "https://p.test"] {
        assert!(set_up(good).is_ok(), "{good}");
    }
    // The library takes a proxy of another scheme, and goes without one.
    for bad in ["htp://u:hunter2@p.test:3128", "socks5://p.test", "", "http://", "::hunter2", "a b"]
    {
        let error = set_up(bad).unwrap_err();
        assert!(matches!(error, SetupError::Proxy("HTTPS_PROXY")), "{bad}: {error:?}");
        assert!(!format!("{error} {error:?}").contains(PASSWORD), "{bad}");
    }
}
