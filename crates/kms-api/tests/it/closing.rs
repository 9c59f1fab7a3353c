//! Hosts that fail are left alone for a while.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use kms_api::{
    Api, ApiConfig, ApiError, ApproverUrl, FourEyesConfig, FourEyesEndpoint, FourEyesMethod,
    HttpOptions, PollBody,
};
use kms_core::{
    Approve as _, ApproveError, Broadcast as _, BroadcastError, Chain as _, Lookup as _,
    LookupError, Network, NodeCall,
};
use serde_json::json;
use tokio::time::{advance, pause, resume};

use crate::{
    fakes::{ETH, ETHEREUM, api, config, proposal, recorded},
    mock::{Mock, Reply, nobody},
};

/// A host whose status a test changes.
struct Moody {
    mock: Mock,
    status: Arc<AtomicU16>,
}

impl Moody {
    async fn start(status: u16) -> Self {
        let status = Arc::new(AtomicU16::new(status));
        let now = Arc::clone(&status);
        let mock = Mock::start(move |_| Reply::new(now.load(Ordering::SeqCst), "[]")).await;
        Self { mock, status }
    }

    fn becomes(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.mock.seen().len()
    }
}

async fn poll(api: &Api) -> Result<(), ApiError> {
    let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&[])).await;
    polled.error.map_or(Ok(()), Err)
}

fn is_closed(outcome: &Result<(), ApiError>) -> bool {
    matches!(outcome, Err(ApiError::Closed { .. }))
}

/// Advances the clock by this time.
async fn after(time: Duration) {
    pause();
    advance(time).await;
    resume();
}

#[tokio::test]
async fn a_host_that_fails_five_times_is_not_asked_a_sixth_time_and_nothing_is_tried() {
    let host = Moody::start(502).await;
    let api = api(&host.mock.url);
    for _ in 0..5 {
        assert!(matches!(poll(&api).await, Err(ApiError::Status { status: 502, .. })));
    }
    let error = poll(&api).await.unwrap_err();
    assert!(error.retry_after().is_some_and(|wait| wait <= Duration::from_secs(1)));
    let name = host.mock.url.as_str().trim_start_matches("http://").trim_end_matches('/');
    let expected = format!("{name} is not called for 1 s: it failed 5 times (last: status 502)");
    assert_eq!(error.to_string(), expected);
    let call = NodeCall::Api { path: String::from("/v3/x"), body: None };
    let lookup = api.call(ETH, Network::Testnet, &call).await;
    assert!(matches!(lookup, Err(LookupError::NotAsked { .. })), "{lookup:?}");
    let broadcast = api.broadcast(&recorded(ETH, None, "0xf86907").await).await;
    assert!(matches!(broadcast, Err(BroadcastError::NotSent { .. })), "{broadcast:?}");
    assert_eq!(host.asked(), 5);
}

#[tokio::test]
async fn after_the_pause_one_call_finds_out_and_its_success_opens_the_way() {
    let host = Moody::start(500).await;
    let api = api(&host.mock.url);
    for _ in 0..5 {
        poll(&api).await.unwrap_err();
    }
    after(Duration::from_secs(1)).await;
    assert!(!is_closed(&poll(&api).await));
    assert!(is_closed(&poll(&api).await));
    assert_eq!(host.asked(), 6);
    after(Duration::from_secs(1)).await;
    assert!(is_closed(&poll(&api).await), "the second pause is longer");
    after(Duration::from_secs(1)).await;
    host.becomes(200);
    for _ in 0..3 {
        poll(&api).await.unwrap();
    }
    assert_eq!(host.asked(), 9);
}

#[tokio::test]
async fn answers_about_the_question_say_nothing_of_the_way() {
    for status in [400, 401, 402, 403, 404, 408, 409, 422] {
        let host = Moody::start(status).await;
        let api = api(&host.mock.url);
        for _ in 0..7 {
            assert!(!is_closed(&poll(&api).await), "{status}");
        }
        assert_eq!(host.asked(), 7);
    }
    let host = Moody::start(503).await;
    let api = api(&host.mock.url);
    for round in 0..20 {
        host.becomes(if round % 5 == 4 { 404 } else { 503 });
        assert!(!is_closed(&poll(&api).await), "not five in a row: {round}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_not_looked_for_all_the_time() {
    let api = api(&nobody().await);
    for _ in 0..5 {
        assert!(matches!(poll(&api).await, Err(ApiError::NotConnected { .. })));
    }
    let error = poll(&api).await.unwrap_err().to_string();
    assert!(error.contains("(last: no connection: the connection was refused;"), "{error}");
}

#[tokio::test]
async fn a_node_that_fails_does_not_keep_the_api_from_being_asked() {
    let mock = Mock::answering(Reply::ok("[]")).await;
    let direct_urls = HashMap::from([(String::from("ETH"), nobody().await)]);
    let api = Api::new(ApiConfig { direct_urls, ..config(&mock.url) }).unwrap();
    let path = String::from("/x");
    let call = NodeCall::FullNode { path, method: "getrawtransaction", params: json!([]) };
    for _ in 0..5 {
        let outcome = api.call(ETH, Network::Testnet, &call).await;
        assert!(outcome.unwrap_err().to_string().contains(": no connection: "));
    }
    let error = api.call(ETH, Network::Testnet, &call).await.unwrap_err();
    assert!(error.to_string().contains("is not called for 1 s: it failed 5 times"), "{error}");
    poll(&api).await.unwrap();
}

#[tokio::test]
async fn a_host_that_says_when_it_wants_to_be_asked_again_is_obeyed_at_once() {
    let date = "Sun, 06 Nov 1994 08:48:07 GMT";
    for (status, retry_after, seconds) in [
        (429, "120", 120),
        (503, "7", 7),
        (429, "86400", 600),
        (503, "Sun, 06 Nov 1994 08:48:37 GMT", 30),
    ] {
        let reply = Reply::new(status, "").with_header("retry-after", retry_after);
        let mock = Mock::answering(reply.with_header("date", date)).await;
        let api = api(&mock.url);
        let wait = Duration::from_secs(seconds);
        assert_eq!(poll(&api).await.unwrap_err().retry_after(), Some(wait), "{retry_after}");
        let closed = poll(&api).await.unwrap_err();
        let text = closed.to_string();
        assert!(
            text.contains(&format!("is not called for {seconds} s: the host asked to wait")),
            "{text}"
        );
        after(wait - Duration::from_secs(2)).await;
        assert!(is_closed(&poll(&api).await), "{retry_after}");
        after(Duration::from_secs(2)).await;
        assert!(!is_closed(&poll(&api).await), "{retry_after}");
        assert_eq!(mock.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_wait_of_no_time_or_with_another_status_closes_nothing() {
    for (status, retry_after) in [(429, "0"), (429, "soon"), (400, "60"), (302, "60")] {
        let reply = Reply::new(status, "").with_header("retry-after", retry_after);
        let mock = Mock::answering(reply).await;
        let api = api(&mock.url);
        for _ in 0..3 {
            assert!(!is_closed(&poll(&api).await), "{status} {retry_after}");
        }
    }
}

#[tokio::test]
async fn an_approver_that_fails_is_left_alone_too() {
    let host = Moody::start(503).await;
    let endpoint = FourEyesEndpoint::new(FourEyesConfig {
        url: ApproverUrl::new(host.mock.url.clone()).unwrap(),
        method: FourEyesMethod::Get,
        version: "1.2.3",
        http: HttpOptions::default(),
        has_to_tell_apart: false,
        timeout: None,
    })
    .unwrap();
    for _ in 0..5 {
        let outcome = endpoint.approve(&proposal().await, None).await;
        assert!(matches!(outcome, Err(ApproveError::Unreachable(_))), "{outcome:?}");
    }
    let outcome = endpoint.approve(&proposal().await, None).await;
    assert!(matches!(outcome, Err(ApproveError::Unreachable(_))), "{outcome:?}");
    assert_eq!(host.asked(), 5);
    host.becomes(403);
    after(Duration::from_secs(1)).await;
    for _ in 0..6 {
        let outcome = endpoint.approve(&proposal().await, None).await;
        assert!(matches!(outcome, Err(ApproveError::Denied(403))), "{outcome:?}");
    }
}
