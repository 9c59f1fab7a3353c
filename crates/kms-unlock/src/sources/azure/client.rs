use std::{sync::Arc, time::Duration};

use azure_core::{
    cloud::CustomConfiguration,
    error::ErrorKind,
    http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport},
};
use azure_security_keyvault_secrets::{
    SecretClient, SecretClientOptions, models::SecretClientGetSecretOptions,
};
use kms_secret::Password;
use url::Url;

use super::AzureSource;
use crate::{
    error::{Provider, UnlockError, with_causes},
    not_empty,
};

const PROVIDER: Provider = Provider::Azure;
/// Codes of Entra ID for a client secret, an assertion or a person's login that is over.
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
const EXPIRED: &[&str] =
    &["AADSTS7000222", "AADSTS700024", "AADSTS700082", "AADSTS70043", "AADSTS50173"];
const RETRIES: u32 = 2;
const RETRY_DELAY: Duration = Duration::from_millis(500);

pub(crate) async fn fetch(source: &AzureSource) -> Result<Password, UnlockError> {
    fetch_through(source, None).await
}

/// `transport` stands for the network.
async fn fetch_through(
    source: &AzureSource,
    transport: Option<Transport>,
) -> Result<Password, UnlockError> {
    check(source)?;
    let client_options = client_options(source.authority.as_deref(), transport);
    let credential = super::login::credential(&source.login, client_options.clone())
        .map_err(|error| PROVIDER.unconfigured(with_causes(&error)))?;
    let options = SecretClientOptions { client_options, ..SecretClientOptions::default() };
    let client = SecretClient::new(vault_url(&source.vault)?.as_str(), credential, Some(options))
        .map_err(|error| PROVIDER.unconfigured(with_causes(&error)))?;
    let version = SecretClientGetSecretOptions {
        secret_version: source.version.clone(),
        ..SecretClientGetSecretOptions::default()
    };
    let answer = client.get_secret(&source.name, Some(version)).await;
    let answer = answer.map_err(|error| explain(&error, source))?;
    // serde's message may contain a part of the answer.
    let secret = answer.into_model().map_err(|_| PROVIDER.unusable("it is not a secret's JSON"))?;
    not_empty(secret.value.ok_or_else(|| PROVIDER.unusable("it has no `value`"))?)
}

/// Name and version become segments of a path.
fn check(source: &AzureSource) -> Result<(), UnlockError> {
    let is_token =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if source.name.is_empty() || !is_token(&source.name) {
        return Err(PROVIDER.unconfigured(
            "TATUM_KMS_AZURE_SECRETNAME is not the name of a secret: letters, digits and `-`",
        ));
    }
    if source.version.as_deref().is_none_or(is_token) {
        Ok(())
    } else {
        Err(PROVIDER.unconfigured(
            "TATUM_KMS_AZURE_SECRETVERSION is not the version of a secret: letters and digits",
        ))
    }
}

/// A host name, or an https URL without a path.
fn vault_url(vault: &str) -> Result<Url, UnlockError> {
    let text = if vault.contains("://") { vault.to_owned() } else { format!("https://{vault}") };
    let url = Url::parse(&text).ok().filter(|url| {
        let is_plain = url.username().is_empty() && url.password().is_none();
        url.scheme() == "https" && url.path() == "/" && url.query().is_none() && is_plain
    });
    url.ok_or_else(|| {
        let problem = "TATUM_KMS_AZURE_VAULTURL is not a vault's host name, \
                       such as my-vault.vault.azure.net";
        PROVIDER.unconfigured(problem)
    })
}

fn client_options(authority: Option<&str>, transport: Option<Transport>) -> ClientOptions {
    let retry = RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: azure_core::time::Duration::try_from(RETRY_DELAY).unwrap_or_default(),
        max_retries: RETRIES,
        ..ExponentialRetryOptions::default()
    });
    let cloud = authority.map(|authority| {
        let mut cloud = CustomConfiguration::default();
        authority.clone_into(&mut cloud.authority_host);
        Arc::new(cloud.into())
    });
    ClientOptions { retry, transport, cloud, ..ClientOptions::default() }
}

fn explain(error: &azure_core::Error, source: &AzureSource) -> UnlockError {
    let provider = PROVIDER;
    let inner = innermost(error);
    let reason = with_causes(inner);
    if EXPIRED.iter().any(|code| reason.contains(code)) {
        return UnlockError::Expired {
            provider,
            reason,
            advice: super::login::renewal(&source.login),
        };
    }
    let status = match inner.kind() {
        // serde's message may contain a part of the answer.
        ErrorKind::DataConversion => return PROVIDER.unusable("it cannot be read"),
        ErrorKind::Connection | ErrorKind::Io => {
            return UnlockError::Unreachable { provider, reason };
        }
        ErrorKind::HttpResponse { status, .. } => u16::from(*status),
        _ => 0,
    };
    match (status, error.kind()) {
        (408 | 429 | 500.., _) => UnlockError::Unreachable { provider, reason },
        (_, ErrorKind::Credential) => {
            UnlockError::Denied { provider, reason, advice: super::login::advice(&source.login) }
        }
        (401 | 403, _) => UnlockError::Denied {
            provider,
            reason,
            advice: "give the identity permission to get secrets from the vault",
        },
        (404, _) => UnlockError::NotFound {
            provider,
            what: format!("secret {} in vault {}", source.name, source.vault),
            advice: "check TATUM_KMS_AZURE_SECRETNAME, TATUM_KMS_AZURE_SECRETVERSION \
                     and TATUM_KMS_AZURE_VAULTURL",
        },
        _ => UnlockError::Unusable { provider, problem: reason },
    }
}

/// The SDK wraps what went wrong on the way to a token.
fn innermost(error: &azure_core::Error) -> &azure_core::Error {
    let mut found = error;
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        found = error.downcast_ref().unwrap_or(found);
        cause = error.source();
    }
    found
}

#[cfg(test)]
mod tests {
    use azure_core::http::{
        AsyncRawResponse, HttpClient, Request, StatusCode,
        headers::{HeaderName, HeaderValue, Headers},
    };

    use kms_secret::SecretText;

    use super::*;
    use crate::AzureLogin;

    const CHALLENGE: &str = r#"Bearer authorization="https://login.microsoftonline.com/72f988bf", resource="https://vault.azure.net""#;

    /// Answers as Azure does: a token for the right client secret, a challenge without a token,
    /// and the vault's own answer with it.
    #[derive(Debug)]
    struct Recorded {
        status: u16,
        body: &'static str,
    }

    #[async_trait::async_trait]
    impl HttpClient for Recorded {
        async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
            let url = request.url().as_str();
            if url.starts_with("https://login.microsoftonline.com/") {
                return Ok(token(request));
            }
            assert_eq!(
                url.split('?').next().unwrap(),
                "https://my-vault.vault.azure.net/secrets/kms-password/0123abcd"
            );
            let authorization = request.headers().get_optional_str(&"authorization".into());
            let Some(authorization) = authorization else {
                let mut headers = Headers::new();
                let name = HeaderName::from_static("www-authenticate");
                headers.insert(name, HeaderValue::from_static(CHALLENGE));
                return Ok(AsyncRawResponse::from_bytes(StatusCode::Unauthorized, headers, ""));
            };
            assert_eq!(authorization, "Bearer good");
            Ok(reply(self.status, self.body))
        }
    }

    fn reply(status: u16, body: &'static str) -> AsyncRawResponse {
        AsyncRawResponse::from_bytes(StatusCode::from(status), Headers::new(), body)
    }

    fn token(request: &Request) -> AsyncRawResponse {
        let azure_core::http::Body::Bytes(form) = request.body() else { panic!("no form") };
        let form = String::from_utf8(form.to_vec()).unwrap();
        assert!(form.contains("client_id=app"), "{form}");
        assert!(form.contains("scope=https%3A%2F%2Fvault.azure.net%2F.default"), "{form}");
        if form.contains("client_secret=right") {
            reply(200, r#"{"token_type":"Bearer","expires_in":3600,"access_token":"good"}"#)
        } else {
            reply(
                401,
                r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#,
            )
        }
    }

    fn source() -> AzureSource {
        AzureSource {
            vault: String::from("my-vault.vault.azure.net"),
            name: String::from("kms-password"),
            version: Some(String::from("0123abcd")),
            login: AzureLogin::Managed { client: None },
            authority: None,
        }
    }

    async fn ask(
        client_secret: &str,
        status: u16,
        body: &'static str,
    ) -> Result<Password, UnlockError> {
        let login = AzureLogin::ClientSecret {
            tenant: String::from("72f988bf"),
            client: String::from("app"),
            secret: SecretText::new(client_secret.to_owned()),
        };
        let transport = Transport::new(Arc::new(Recorded { status, body }));
        fetch_through(&AzureSource { login, ..source() }, Some(transport)).await
    }

    const SECRET: &str = r#"{"value":"hunter2","id":"https://my-vault.vault.azure.net/secrets/kms-password/0123abcd","attributes":{"enabled":true,"created":1700000000,"updated":1700000000,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90}}"#;

    #[tokio::test]
    async fn the_value_of_the_secret_is_the_password() {
        assert_eq!(ask("right", 200, SECRET).await.unwrap().expose(), "hunter2");
    }

    #[tokio::test]
    async fn a_wrong_client_secret_is_denied_and_not_shown() {
        let error = ask("wrong-client-secret", 200, SECRET).await.unwrap_err();
        assert!(matches!(error, UnlockError::Denied { .. }), "{error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains("AADSTS7000215"), "{text}");
        assert!(!text.contains("wrong-client-secret"), "{text}");
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let body = r#"{"error":{"code":"SecretNotFound","message":"A secret with (name/id) kms-password was not found in this key vault."}}"#;
        let error = ask("right", 404, body).await.unwrap_err();
        assert!(matches!(error, UnlockError::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("secret kms-password in vault my-vault"), "{error}");
        let body = r#"{"error":{"code":"Forbidden","message":"The user does not have secrets get permission"}}"#;
        let error = ask("right", 403, body).await.unwrap_err();
        assert!(matches!(error, UnlockError::Denied { .. }), "{error}");
        assert!(error.to_string().contains("get permission"), "{error}");
        let body = r#"{"error":{"code":"ServiceUnavailable","message":"x"}}"#;
        assert!(matches!(ask("right", 503, body).await, Err(UnlockError::Unreachable { .. })));
    }

    #[tokio::test]
    async fn an_unusable_answer_is_not_repeated_in_the_error() {
        for body in ["hunter2", r#"{"value":["hunter2"]}"#, r#"{"id":"hunter2"}"#] {
            let error = ask("right", 200, body).await.unwrap_err();
            assert!(matches!(error, UnlockError::Unusable { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        assert!(matches!(ask("right", 200, r#"{"value":""}"#).await, Err(UnlockError::Empty)));
    }

    #[test]
    fn a_vault_is_a_host_name_or_an_https_url() {
        for vault in
            ["v.vault.azure.net", "https://v.vault.azure.net", "https://v.vault.azure.net/"]
        {
            assert_eq!(vault_url(vault).unwrap().as_str(), "https://v.vault.azure.net/");
        }
        for bad in
            ["", "http://v.vault.azure.net", "v.vault.azure.net/secrets", "a b", "v?x", "u:p@v"]
        {
            assert!(matches!(vault_url(bad), Err(UnlockError::Unconfigured { .. })), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_would_change_the_path_is_refused() {
        for (name, version) in [("../keys/x", None), ("", None), ("a?b", None), ("a", Some("../b"))]
        {
            let (name, version) = (name.to_owned(), version.map(str::to_owned));
            let outcome = fetch(&AzureSource { name, version, ..source() }).await;
            assert!(matches!(outcome, Err(UnlockError::Unconfigured { .. })));
        }
    }
}
