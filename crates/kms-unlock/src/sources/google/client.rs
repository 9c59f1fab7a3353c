//! Google Secret Manager, with Google's own chain of credentials: a key file, workload identity
//! federation, or the machine's service account.

use std::str;

use google_cloud_gax::retry_policy::{Aip194Strict, RetryPolicyExt as _};
use google_cloud_secretmanager_v1::client::SecretManagerService;
use kms_secret::Password;

use super::GoogleSource;
use crate::{
    error::{Provider, UnlockError, with_causes},
    member::Member,
    not_empty,
};

const PROVIDER: Provider = Provider::Google;
/// The client's own rule is to try for a minute, and then not to say why.
const ATTEMPTS: u32 = 3;

pub(crate) async fn fetch(source: &GoogleSource) -> Result<Password, UnlockError> {
    let name = version_name(&source.secret)?;
    let retries = Aip194Strict.with_attempt_limit(ATTEMPTS);
    let mut builder = SecretManagerService::builder().with_retry_policy(retries);
    if let Some(endpoint) = &source.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let client =
        builder.build().await.map_err(|error| PROVIDER.unconfigured(with_causes(&error)))?;
    let answer = client.access_secret_version().set_name(&name).send().await;
    let answer = answer.map_err(|error| explain(&error, &source.secret))?;
    let payload = answer.payload.ok_or_else(|| PROVIDER.unusable("it has no payload"))?;
    let text =
        str::from_utf8(&payload.data).map_err(|_| PROVIDER.unusable("the secret is not text"))?;
    match &source.key {
        None => not_empty(text.to_owned()),
        Some(key) => Member { key, variable: "TATUM_KMS_GOOGLE_SECRET_KEY" }.read(PROVIDER, text),
    }
}

fn version_name(secret: &str) -> Result<String, UnlockError> {
    let parts: Vec<&str> = secret.split('/').collect();
    let is_plain = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    match (parts.as_slice(), parts.iter().all(is_plain)) {
        (["projects", _, "secrets", _], true) => Ok(format!("{secret}/versions/latest")),
        (["projects", _, "secrets", _, "versions", _], true) => Ok(secret.to_owned()),
        _ => Err(PROVIDER.unconfigured(
            "TATUM_KMS_GOOGLE_SECRET is not projects/P/secrets/S or \
             projects/P/secrets/S/versions/V",
        )),
    }
}

fn explain(error: &google_cloud_secretmanager_v1::Error, secret: &str) -> UnlockError {
    let provider = PROVIDER;
    let told = error.status().map(|status| status.message.clone()).unwrap_or_default();
    let reason = match error.http_status_code() {
        Some(code) => format!("status {code}: {told}"),
        None => with_causes(error),
    };
    // serde's message may contain a part of the answer.
    if error.is_deserialization() {
        return PROVIDER.unusable("it cannot be read");
    }
    if reason.contains("invalid_grant") {
        let advice = "log in again with `gcloud auth application-default login`, or create a new \
                      key for the service account; also check this machine's clock";
        return UnlockError::Expired { provider, reason, advice };
    }
    if error.is_authentication() {
        let advice = "assign a service account to the machine, or name a key file in \
                      GOOGLE_APPLICATION_CREDENTIALS";
        return UnlockError::Denied { provider, reason, advice };
    }
    match error.http_status_code() {
        Some(401 | 403) => UnlockError::Denied {
            provider,
            reason,
            advice: "check that the account has roles/secretmanager.secretAccessor on the secret",
        },
        Some(404) => UnlockError::NotFound {
            provider,
            what: format!("secret {secret}"),
            advice: "check TATUM_KMS_GOOGLE_SECRET, and that the version is enabled",
        },
        Some(code) if code != 429 && code < 500 => {
            UnlockError::Unusable { provider, problem: reason }
        }
        _ => UnlockError::Unreachable { provider, reason },
    }
}
