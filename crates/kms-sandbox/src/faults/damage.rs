//! The effects of faults on requests and answers.

use std::{collections::BTreeSet, convert::Infallible, io, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde_json::{Value, value::RawValue};
use tokio::time::sleep;

use super::{Drawn, Fault, Subject, numbers::SplitMix64};
use crate::{answer::ApiError, connection::Connection, server::Shared};

/// Pieces of a slow body.
const PIECES: usize = 10;
/// Time for the first half of a truncated body to leave.
const HALF_TIME: Duration = Duration::from_millis(20);

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
    <body>Please sign in to use this network.</body></html>\n";
const GARBAGE: [&str; 4] =
    ["{\"txId\": \"0x", "[{\"id\": \"x\", ]", "\u{feff}\u{0}\u{0}\u{0}", "{}{}"];

/// The faults between one request and its answer.
#[derive(Debug)]
pub(crate) struct Damage {
    shared: Shared,
    path: String,
    /// The connection; `None` for a request that did not come through a server.
    connection: Option<Connection>,
    drawn: Option<Drawn>,
}

impl Damage {
    pub(crate) fn draw(shared: &Shared, path: &str, connection: Option<Connection>) -> Self {
        let drawn = shared.faults().draw(path);
        Self { shared: shared.clone(), path: path.to_owned(), connection, drawn }
    }

    /// The answer to a request that is not processed at all.
    pub(crate) fn before(&self) -> Option<Response> {
        let drawn = self.drawn?;
        let answer = match drawn.fault {
            Fault::LostRequest => self.cut(),
            Fault::TooManyRequests => {
                let message = "too many requests for this plan";
                let error =
                    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too.many.requests", message);
                let mut response = error.into_response();
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
                response
            }
            Fault::ErrorBefore => match drawn.number % 3 {
                0 => ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
                1 => page(StatusCode::BAD_GATEWAY),
                _ => page(StatusCode::SERVICE_UNAVAILABLE),
            },
            fault @ (Fault::Page | Fault::Garbage) if !drawn.is_processed() => {
                nonsense(fault, drawn.number)
            }
            _ => return None,
        };
        self.count(drawn.fault);
        Some(answer)
    }

    /// Damages the answer to a request that was processed.
    pub(crate) async fn after(self, response: Response) -> Response {
        let is_list = Subject::of(&self.path) == Some(Subject::Poll);
        if self.drawn.is_none() && !is_list {
            return response;
        }
        let (head, body) = response.into_parts();
        let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
        if is_list && head.status.is_success() {
            self.shared.faults().remember(&self.path, &whole);
        }
        let unharmed = Response::from_parts(head, Body::from(whole.clone()));
        let Some(drawn) = self.drawn else { return unharmed };
        let damaged = match drawn.fault {
            Fault::LostAnswer => Some(self.cut()),
            Fault::ErrorAfter => Some(page(StatusCode::BAD_GATEWAY)),
            Fault::Hang => {
                sleep(drawn.hang).await;
                self.count(drawn.fault);
                return unharmed;
            }
            Fault::Page | Fault::Garbage => Some(nonsense(drawn.fault, drawn.number)),
            Fault::SlowBody => with_body(&unharmed, &whole, |whole| trickle(whole, drawn.slow)),
            Fault::TruncatedBody => self.connection.clone().and_then(|connection| {
                with_body(&unharmed, &whole, |whole| half(whole, connection))
            }),
            Fault::DuplicateItems => edited(&unharmed, &whole, drawn.number, duplicate),
            Fault::ReorderedList => edited(&unharmed, &whole, drawn.number, shuffle),
            Fault::StaleList => {
                let old = self.shared.faults().old_list(&self.path);
                old.filter(|_| unharmed.status().is_success()).map(|old| replaced(&unharmed, old))
            }
            Fault::LostRequest
            | Fault::TooManyRequests
            | Fault::ErrorBefore
            | Fault::FailedListed
            | Fault::AlreadyKnown
            | Fault::Forgotten
            | Fault::SpikingFee
            | Fault::DryWallet => None,
        };
        match damaged {
            Some(damaged) => {
                self.count(drawn.fault);
                damaged
            }
            None => unharmed,
        }
    }

    /// No part of the answer arrives; if there is no connection to cut, an error does.
    fn cut(&self) -> Response {
        self.connection.iter().for_each(Connection::cut);
        page(StatusCode::BAD_GATEWAY)
    }

    fn count(&self, fault: Fault) {
        self.shared.faults().count(fault);
    }
}

impl Drawn {
    /// A report has no answer by which anybody knows that it arrived: it does.
    fn is_processed(&self) -> bool {
        self.subject == Subject::Report || self.number & 1 == 1
    }
}

fn page(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], PAGE).into_response()
}

fn nonsense(fault: Fault, number: u64) -> Response {
    if fault == Fault::Page {
        return page(StatusCode::OK);
    }
    let mut numbers = SplitMix64::new(number);
    let place = usize::try_from(numbers.below(4)).unwrap_or(0);
    let text = GARBAGE.get(place).copied().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The same answer with its body sent in another way; `None` if there is no body to change.
fn with_body(
    unharmed: &Response,
    whole: &Bytes,
    send: impl FnOnce(Bytes) -> Body,
) -> Option<Response> {
    if whole.len() < 2 {
        return None;
    }
    let mut response = Response::new(send(whole.clone()));
    *response.status_mut() = unharmed.status();
    *response.headers_mut() = unharmed.headers().clone();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    Some(response)
}

fn replaced(unharmed: &Response, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().clone_from(unharmed.headers());
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

fn trickle(whole: Bytes, time: Duration) -> Body {
    let piece = whole.len().div_ceil(PIECES).max(1);
    let pause = time / 10;
    Body::from_stream(stream::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(pause).await;
        let next = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, Infallible>(next), rest))
    }))
}

/// The first half, and then the end of the connection.
fn half(whole: Bytes, connection: Connection) -> Body {
    let first = whole.slice(..whole.len() / 2);
    Body::from_stream(stream::unfold(Some(first), move |first| {
        let connection = connection.clone();
        async move {
            if let Some(first) = first {
                return Some((Ok(first), None));
            }
            sleep(HALF_TIME).await;
            connection.cut();
            Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
        }
    }))
}

/// Changes a list of two or more; `None` when there is none.
fn edited(
    unharmed: &Response,
    whole: &Bytes,
    number: u64,
    edit: fn(&mut Vec<&RawValue>, SplitMix64),
) -> Option<Response> {
    let mut items: Vec<&RawValue> = serde_json::from_slice(whole).ok()?;
    if items.len() < 2 {
        return None;
    }
    edit(&mut items, SplitMix64::new(number));
    let text = serde_json::to_string(&items).ok()?;
    Some(replaced(unharmed, Bytes::from(text)))
}

/// Some come twice, the second time anywhere behind the first.
fn duplicate(items: &mut Vec<&RawValue>, mut numbers: SplitMix64) {
    for place in (0..items.len()).rev() {
        let Some(item) = items.get(place).copied() else { continue };
        if place == 0 || numbers.below(3) == 0 {
            let behind = items.len().saturating_sub(place);
            let further = numbers.below(u64::try_from(behind).unwrap_or(1));
            let further = usize::try_from(further).unwrap_or(0).saturating_add(1);
            items.insert(place.saturating_add(further), item);
        }
    }
}

/// Fisher and Yates's shuffle; what would stay as it is, is turned round.
fn shuffle(items: &mut Vec<&RawValue>, mut numbers: SplitMix64) {
    let texts = |items: &[&RawValue]| -> Vec<String> {
        items.iter().map(|item| item.get().to_owned()).collect()
    };
    let before = texts(items);
    for place in (1..items.len()).rev() {
        let bound = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
        items.swap(place, usize::try_from(numbers.below(bound)).unwrap_or(0));
    }
    if texts(items) == before {
        items.reverse();
    }
}

/// The ids of the transactions in a list.
pub(super) fn ids(list: &[u8]) -> BTreeSet<String> {
    let items: Vec<Value> = serde_json::from_slice(list).unwrap_or_default();
    items.iter().filter_map(|item| item.get("id")?.as_str().map(str::to_owned)).collect()
}
