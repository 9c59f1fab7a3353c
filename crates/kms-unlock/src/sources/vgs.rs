//! VGS: a value of a vault, by its alias.

use kms_secret::{Password, SecretText};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use url::Url;

use super::Need;
use crate::{
    error::{Provider, UnlockError},
    http::{read_body, unreachable},
    not_empty,
};

const PROVIDER: Provider = Provider::Vgs;

/// The variables without which it cannot be asked.
pub(crate) const NEEDS: &[Need] = &[
    Need::of("TATUM_KMS_VGS_ALIAS"),
    Need::of("TATUM_KMS_VGS_USERNAME"),
    Need::of("TATUM_KMS_VGS_PASSWORD"),
];

/// A value of a VGS vault.
#[derive(Debug)]
pub struct VgsSource {
    /// The alias of the value.
    pub alias: String,
    /// The user name of a vault's credentials.
    pub username: String,
    /// The password that goes with it.
    pub password: SecretText,
    /// The base URL of the vault's API.
    pub base_url: Url,
    /// Follows no redirect: the next host would get the password of VGS.
    pub http: Client,
}

impl VgsSource {
    /// The address that is asked.
    pub(crate) fn host(&self) -> Option<Url> {
        Some(self.base_url.clone())
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Revealed>,
}

#[derive(Deserialize)]
struct Revealed {
    value: String,
}

/// `GET {base}/aliases/{alias}` with basic authentication; the password is `data[0].value`.
pub(crate) async fn fetch(source: &VgsSource) -> Result<Password, UnlockError> {
    let request =
        source.http.get(url(source)?).basic_auth(&source.username, Some(source.password.expose()));
    let response = request.send().await.map_err(|error| unreachable(PROVIDER, error))?;
    check(response.status(), &source.alias)?;
    let body = read_body(PROVIDER, response).await?;
    // serde's message may contain a part of the answer.
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| PROVIDER.unusable("it is not JSON with a string `data[0].value`"))?;
    let first =
        answer.data.into_iter().next().ok_or_else(|| PROVIDER.unusable("`data` is empty"))?;
    not_empty(first.value)
}

fn url(source: &VgsSource) -> Result<Url, UnlockError> {
    let mut url = source.base_url.clone();
    match url.path_segments_mut() {
        Ok(mut segments) => drop(segments.pop_if_empty().extend(["aliases", &source.alias])),
        Err(()) => return Err(PROVIDER.unconfigured("its URL cannot have a path appended")),
    }
    Ok(url)
}

fn check(status: StatusCode, alias: &str) -> Result<(), UnlockError> {
    let provider = PROVIDER;
    let reason = format!("status {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        401 | 403 => Err(UnlockError::Denied {
            provider,
            reason,
            advice: "check TATUM_KMS_VGS_USERNAME and TATUM_KMS_VGS_PASSWORD",
        }),
        404 => Err(UnlockError::NotFound {
            provider,
            what: format!("alias {alias}"),
            advice: "check TATUM_KMS_VGS_ALIAS and the user's vault",
        }),
        408 | 429 | 500.. => Err(UnlockError::Unreachable { provider, reason }),
        _ => Err(UnlockError::Unusable { provider, problem: reason }),
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request, http::header::AUTHORIZATION, response::Response};
    use reqwest::redirect::Policy;

    use super::*;

    async fn ask(status: u16, body: String) -> Result<Password, UnlockError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().fallback(move |request: Request| async move {
            assert_eq!(request.method(), "GET");
            assert_eq!(request.uri(), "/aliases/tok_live_%2F1");
            // user:pass, as RFC 7617 encodes it.
            assert_eq!(request.headers()[AUTHORIZATION], "Basic dXNlcjpwYXNz");
            let reply = Response::builder().status(status).header("location", "/elsewhere");
            reply.body(body.clone()).unwrap()
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fetch(&source(base_url)).await
    }

    fn source(base_url: Url) -> VgsSource {
        VgsSource {
            alias: String::from("tok_live_/1"),
            username: String::from("user"),
            password: SecretText::new(String::from("pass")),
            base_url,
            http: Client::builder().redirect(Policy::none()).build().unwrap(),
        }
    }

    #[tokio::test]
    async fn the_first_value_is_the_password() {
        let body = r#"{"data":[{"value":"hunter2","aliases":[{"alias":"a","format":"UUID"}],"storage":"PERSISTENT"},{"value":"other"}]}"#;
        assert_eq!(ask(200, body.to_owned()).await.unwrap().expose(), "hunter2");
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        assert!(matches!(ask(401, String::new()).await, Err(UnlockError::Denied { .. })));
        assert!(matches!(ask(403, String::new()).await, Err(UnlockError::Denied { .. })));
        assert!(matches!(ask(404, String::new()).await, Err(UnlockError::NotFound { .. })));
        assert!(matches!(ask(503, String::new()).await, Err(UnlockError::Unreachable { .. })));
        assert!(matches!(ask(302, String::new()).await, Err(UnlockError::Unusable { .. })));
    }

    #[tokio::test]
    async fn an_unusable_answer_is_not_repeated_in_the_error() {
        for body in [
            r#"{"data":[{"value":["hunter2"]}]}"#,
            r#"{"data":[{"value":"hunter2"}]"#,
            r#"{"data":"hunter2"}"#,
            r#"{"data":[]}"#,
            "hunter2",
        ] {
            let error = ask(200, body.to_owned()).await.unwrap_err();
            assert!(matches!(error, UnlockError::Unusable { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        let endless = format!(r#"{{"data":[{{"value":"{}"}}]}}"#, "x".repeat(100_000));
        assert!(matches!(ask(200, endless).await, Err(UnlockError::Unusable { .. })));
        let empty = ask(200, String::from(r#"{"data":[{"value":""}]}"#)).await;
        assert!(matches!(empty, Err(UnlockError::Empty)));
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        drop(listener);
        let error = fetch(&source(url)).await.unwrap_err();
        assert!(matches!(error, UnlockError::Unreachable { .. }));
        assert!(!error.to_string().contains("pass"), "{error}");
    }
}
