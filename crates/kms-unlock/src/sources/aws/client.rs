use std::{str, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{
    Client,
    config::Credentials,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::get_secret_value::{GetSecretValueError, GetSecretValueOutput},
};
use kms_secret::Password;

use super::AwsSource;
use crate::{
    error::{Provider, UnlockError, with_causes},
    member::Member,
    not_empty,
};

const PROVIDER: Provider = Provider::Aws;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 2;

/// Codes of an answer to keys, or to a login, that are over.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException"];
/// Codes of an answer that is about who asks.
const DENIED: &[&str] = &[
    "AccessDeniedException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

pub(crate) async fn fetch(source: &AwsSource) -> Result<Password, UnlockError> {
    let config = load(source).await?;
    let region = config.region().map(Region::to_string);
    let region = region.ok_or_else(|| {
        PROVIDER.unconfigured("no region is set; set TATUM_KMS_AWS_REGION or AWS_REGION")
    })?;
    let call = Client::new(&config).get_secret_value().secret_id(&source.secret);
    let answer = call.send().await.map_err(|error| explain(&error, source, &region))?;
    read(&answer, source.key.as_deref())
}

async fn load(source: &AwsSource) -> Result<SdkConfig, UnlockError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(region) = region(source)? {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(profile) = &source.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &source.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    match (&source.access_key_id, &source.secret_access_key) {
        (Some(id), Some(secret)) => {
            let token = source.session_token.as_ref().map(|token| token.expose().to_owned());
            let keys = Credentials::new(id, secret.expose(), token, None, "tatum-kms");
            loader = loader.credentials_provider(keys);
        }
        (None, None) => (),
        _ => {
            return Err(PROVIDER.unconfigured(
                "TATUM_KMS_AWS_ACCESS_KEY_ID and TATUM_KMS_AWS_SECRET_ACCESS_KEY go together; \
                 set both or neither",
            ));
        }
    }
    Ok(loader.load().await)
}

/// A secret that is named by its ARN lies in the region of that.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn region(source: &AwsSource) -> Result<Option<&str>, UnlockError> {
    let of_arn = source.secret.strip_prefix("arn:").and_then(|parts| parts.split(':').nth(2));
    match (source.region.as_deref(), of_arn) {
        (Some(own), Some(of_arn)) if own != of_arn => Err(PROVIDER.unconfigured(format!(
            "TATUM_KMS_AWS_REGION is {own}, but the secret's ARN has region {of_arn}; unset \
             TATUM_KMS_AWS_REGION"
        ))),
        (own, of_arn) => Ok(own.or(of_arn).or(source.usual_region.as_deref())),
    }
}

fn read(answer: &GetSecretValueOutput, key: Option<&str>) -> Result<Password, UnlockError> {
    let binary = || answer.secret_binary().and_then(|blob| str::from_utf8(blob.as_ref()).ok());
    let text = answer.secret_string().or_else(binary);
    let text = text.ok_or_else(|| PROVIDER.unusable("the secret is not text"))?;
    match key {
        None => not_empty(text.to_owned()),
        Some(key) => Member { key, variable: "TATUM_KMS_AWS_SECRET_KEY" }.read(PROVIDER, text),
    }
}

fn explain(error: &SdkError<GetSecretValueError>, source: &AwsSource, region: &str) -> UnlockError {
    let provider = PROVIDER;
    let Some(answer) = error.as_service_error() else { return explain_no_answer(error) };
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = answer.code().unwrap_or_default();
    let reason = match (code, answer.message()) {
        ("", _) => format!("status {status}"),
        (code, None) => code.to_owned(),
        (code, Some(message)) => format!("{code}: {message}"),
    };
    if answer.is_resource_not_found_exception() {
        let what = format!("secret {} in region {region}", source.secret);
        let advice = "check TATUM_KMS_AWS_SECRET_NAME and TATUM_KMS_AWS_REGION";
        return UnlockError::NotFound { provider, what, advice };
    }
    if EXPIRED.contains(&code) {
        return expired(reason);
    }
    // A signature counts for some minutes.
    if reason.contains("Signature expired") || reason.contains("Signature not yet current") {
        let advice = "synchronise this machine's clock with NTP";
        return UnlockError::Denied { provider, reason, advice };
    }
    let is_denied = matches!(status, 401 | 403) || DENIED.contains(&code);
    if is_denied || answer.is_decryption_failure() {
        let advice = "check the access key, and that it may read the secret and use its KMS key";
        return UnlockError::Denied { provider, reason, advice };
    }
    match status {
        200..=299 => PROVIDER.unusable("it cannot be read"),
        429 | 500.. => UnlockError::Unreachable { provider, reason },
        _ => UnlockError::Unusable { provider, problem: reason },
    }
}

fn expired(reason: String) -> UnlockError {
    let advice = "renew the temporary keys, or log in again with `aws sso login`";
    UnlockError::Expired { provider: PROVIDER, reason, advice }
}

/// An answer that could not be read may hold the secret: it is not repeated.
fn explain_no_answer(error: &SdkError<GetSecretValueError>) -> UnlockError {
    if matches!(error, SdkError::ResponseError(_)) {
        return PROVIDER.unusable("it cannot be read");
    }
    let reason = with_causes(error);
    let told = reason.to_ascii_lowercase();
    let provider = PROVIDER;
    // A certificate may have expired too.
    if !told.contains("credential") {
        return UnlockError::Unreachable { provider, reason };
    }
    if told.contains("no credentials found in chain") {
        return PROVIDER.unconfigured(
            "no credentials were found; set TATUM_KMS_AWS_ACCESS_KEY_ID and \
             TATUM_KMS_AWS_SECRET_ACCESS_KEY, or give the machine a role",
        );
    }
    if told.contains("expired") {
        expired(reason)
    } else {
        let advice = "check the role, profile or login that provides the keys";
        UnlockError::Denied { provider, reason, advice }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request, response::Response};
    use kms_secret::SecretText;

    use super::*;

    fn source(key: Option<&str>) -> AwsSource {
        AwsSource {
            secret: String::from("prod/kms"),
            key: key.map(str::to_owned),
            region: Some(String::from("eu-west-1")),
            usual_region: None,
            profile: None,
            access_key_id: Some(String::from("AKIDEXAMPLE")),
            secret_access_key: Some(SecretText::new(String::from("wJalrXUtnFEMI"))),
            session_token: None,
            endpoint: None,
        }
    }

    async fn ask(
        key: Option<&str>,
        status: u16,
        body: &'static str,
    ) -> Result<Password, UnlockError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(move |request: Request| async move {
            assert_eq!(request.headers()["x-amz-target"], "secretsmanager.GetSecretValue");
            let authorization = request.headers()["authorization"].to_str().unwrap();
            assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
            assert!(authorization.contains("/eu-west-1/secretsmanager/aws4_request"));
            let body_sent = axum::body::to_bytes(request.into_body(), 4_096).await.unwrap();
            assert_eq!(&body_sent[..], br#"{"SecretId":"prod/kms"}"#);
            let reply = Response::builder().status(status);
            reply
                .header("content-type", "application/x-amz-json-1.1")
                .body(body.to_owned())
                .unwrap()
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fetch(&AwsSource { endpoint: Some(endpoint), ..source(key) }).await
    }

    const WHOLE: &str = r#"{"ARN":"arn:aws:x","Name":"prod/kms","SecretString":"hunter2"}"#;
    const MEMBERS: &str =
        r#"{"Name":"prod/kms","SecretString":"{\"password\":\"hunter2\",\"n\":7}"}"#;

    #[tokio::test]
    async fn the_whole_secret_or_a_member_of_it_is_the_password() {
        assert_eq!(ask(None, 200, WHOLE).await.unwrap().expose(), "hunter2");
        assert_eq!(ask(Some("password"), 200, MEMBERS).await.unwrap().expose(), "hunter2");
        let binary = r#"{"Name":"prod/kms","SecretBinary":"aHVudGVyMg=="}"#;
        assert_eq!(ask(None, 200, binary).await.unwrap().expose(), "hunter2");
    }

    #[tokio::test]
    async fn an_unusable_secret_is_not_repeated_in_the_error() {
        for (key, body) in [
            (Some("password"), WHOLE),
            (Some("n"), MEMBERS),
            (Some("other"), MEMBERS),
            (None, r#"{"SecretString":"hunter2"#),
            (None, r#"{"SecretBinary":"/w=="}"#),
        ] {
            let error = ask(key, 200, body).await.unwrap_err();
            assert!(matches!(error, UnlockError::Unusable { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let body = r#"{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."}"#;
        let error = ask(None, 400, body).await.unwrap_err();
        assert!(matches!(error, UnlockError::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("secret prod/kms in region eu-west-1"), "{error}");
        let body = r#"{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#;
        let error = ask(None, 400, body).await.unwrap_err();
        assert!(matches!(error, UnlockError::Denied { .. }), "{error}");
        let body = r#"{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}"#;
        assert!(matches!(ask(None, 400, body).await, Err(UnlockError::Expired { .. })));
        let body = r#"{"__type":"AccessDeniedException","Message":"User is not authorized"}"#;
        assert!(matches!(ask(None, 400, body).await, Err(UnlockError::Denied { .. })));
        let error = ask(None, 403, "<ErrorResponse/>").await.unwrap_err();
        assert!(error.to_string().contains("denied access: status 403"), "{error}");
        let body = r#"{"__type":"InternalServiceError","message":"x"}"#;
        assert!(matches!(ask(None, 500, body).await, Err(UnlockError::Unreachable { .. })));
        let body = r#"{"__type":"InvalidRequestException","message":"marked for deletion"}"#;
        let error = ask(None, 400, body).await.unwrap_err();
        assert!(error.to_string().contains("marked for deletion"), "{error}");
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let error =
            fetch(&AwsSource { endpoint: Some(endpoint), ..source(None) }).await.unwrap_err();
        assert!(matches!(error, UnlockError::Unreachable { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("wJalrXUtnFEMI"));
    }

    #[test]
    fn an_arn_says_its_region() {
        let arn = String::from("arn:aws:secretsmanager:eu-central-1:123456789012:secret:kms-Ab");
        let of = |own: Option<&str>, usual: Option<&str>, secret: &str| AwsSource {
            secret: secret.to_owned(),
            region: own.map(str::to_owned),
            usual_region: usual.map(str::to_owned),
            ..source(None)
        };
        assert_eq!(region(&of(None, Some("us-east-1"), &arn)).unwrap(), Some("eu-central-1"));
        assert_eq!(region(&of(None, Some("us-east-1"), "kms")).unwrap(), Some("us-east-1"));
        assert_eq!(region(&of(Some("eu-west-1"), None, "kms")).unwrap(), Some("eu-west-1"));
        assert_eq!(region(&of(None, None, "kms")).unwrap(), None);
        assert_eq!(region(&of(None, None, "arn:")).unwrap(), None);
        let error = region(&of(Some("eu-west-1"), None, &arn)).unwrap_err().to_string();
        assert!(error.contains("has region eu-central-1"), "{error}");
    }

    #[tokio::test]
    async fn half_a_key_pair_is_refused() {
        let half = AwsSource { secret_access_key: None, ..source(None) };
        assert!(matches!(fetch(&half).await, Err(UnlockError::Unconfigured { .. })));
    }
}
