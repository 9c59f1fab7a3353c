//! HashiCorp Vault and OpenBao: a secret of the KV engine, version 1 or 2.
//! <https://developer.hashicorp.com/vault/api-docs/secret/kv>

use std::{path::PathBuf, time::Duration};

use kms_secret::{Password, SecretText};
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{Need, Variables, file};
use crate::{
    error::{Provider, UnlockError},
    http::{read_body, unreachable},
    member::Member,
};

const PROVIDER: Provider = Provider::Vault;
const TOKEN: &str = "x-vault-token";
const NAMESPACE: &str = "x-vault-namespace";
/// The password is there by then, and is not to be lost to a vault that does not answer.
const REVOCATION_TIMEOUT: Duration = Duration::from_secs(3);

/// The variables without which it cannot be asked: the secret's, and those of the login.
pub(crate) const NEEDS: &[Need] = &[
    Need::of("TATUM_KMS_VAULT_ADDR").or_variable("VAULT_ADDR"),
    Need::of("TATUM_KMS_VAULT_PATH"),
    Need::of("TATUM_KMS_VAULT_SECRET_ID").where_applies(is_by_role_id),
    Need::of("TATUM_KMS_VAULT_TOKEN").or_variable("VAULT_TOKEN").where_applies(is_by_token),
];

fn is_by_kubernetes(variables: &Variables<'_>) -> bool {
    variables("TATUM_KMS_VAULT_KUBERNETES_ROLE").is_some()
}

fn is_by_role_id(variables: &Variables<'_>) -> bool {
    !is_by_kubernetes(variables) && variables("TATUM_KMS_VAULT_ROLE_ID").is_some()
}

fn is_by_token(variables: &Variables<'_>) -> bool {
    !is_by_kubernetes(variables) && !is_by_role_id(variables)
}

/// A secret of a vault.
#[derive(Debug)]
pub struct VaultSource {
    /// The base URL, http or https.
    pub address: String,
    /// The mount of the KV engine.
    pub mount: String,
    /// The secret's path below the mount.
    pub path: String,
    /// The member of the secret that is the password.
    pub key: String,
    /// The version of the KV engine there.
    pub kv: KvVersion,
    /// The namespace, of Vault Enterprise and HCP.
    pub namespace: Option<String>,
    /// The way to log in.
    pub login: VaultLogin,
    /// Follows no redirect: the next host would get what proves who asks.
    pub http: Client,
}

/// A version of the KV engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KvVersion {
    /// Secrets without versions.
    V1,
    /// Secrets with versions; the latest is read.
    V2,
}

/// The login at the vault.
#[derive(Debug)]
pub enum VaultLogin {
    /// By a token that was given, and that is not revoked.
    Token(SecretText),
    /// By role id and secret id (the AppRole method).
    AppRole {
        /// The mount of the method.
        mount: String,
        /// The id of the role.
        role_id: String,
        /// The secret id that goes with it.
        secret_id: SecretText,
    },
    /// By the service account's token that Kubernetes puts into the pod.
    Kubernetes {
        /// The mount of the method.
        mount: String,
        /// The role of the Kubernetes method.
        role: String,
        /// The file with the service account's token.
        token_file: PathBuf,
    },
}

impl VaultSource {
    /// The address that is asked.
    pub(crate) fn host(&self) -> Option<Url> {
        Url::parse(&self.address).ok()
    }
}

/// Logs in where needed, reads the secret, and gives up a token that was made for this.
pub(crate) async fn fetch(source: &VaultSource) -> Result<Password, UnlockError> {
    let session = Session::open(source).await?;
    let outcome = session.read().await;
    session.close().await;
    outcome
}

struct Session<'a> {
    source: &'a VaultSource,
    base: Url,
    token: SecretText,
    is_own: bool,
}

impl<'a> Session<'a> {
    async fn open(source: &'a VaultSource) -> Result<Self, UnlockError> {
        let base = base_url(&source.address)?;
        let without = |token, is_own| Self { source, base, token, is_own };
        let (mount, body) = match &source.login {
            VaultLogin::Token(token) => {
                return Ok(without(SecretText::new(token.expose().to_owned()), false));
            }
            VaultLogin::AppRole { mount, role_id, secret_id } => {
                (mount, json!({ "role_id": role_id, "secret_id": secret_id.expose() }))
            }
            VaultLogin::Kubernetes { mount, role, token_file } => {
                let jwt = file::read_text(token_file)?;
                (mount, json!({ "role": role, "jwt": jwt.expose().trim() }))
            }
        };
        let mut session = without(SecretText::new(String::new()), true);
        session.token = session.log_in(mount, &body).await?;
        Ok(session)
    }

    fn url(&self, segments: &[&str]) -> Result<Url, UnlockError> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => drop(path.pop_if_empty().push("v1").extend(segments)),
            Err(()) => return Err(PROVIDER.unconfigured("its address cannot have a path appended")),
        }
        Ok(url)
    }

    fn prepare(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.source.namespace {
            Some(namespace) => request.header(NAMESPACE, namespace),
            None => request,
        }
    }

    async fn log_in(&self, mount: &str, body: &Value) -> Result<SecretText, UnlockError> {
        let body = Zeroizing::new(body.to_string());
        let url = self.url(&["auth", mount, "login"])?;
        let request = self.prepare(self.source.http.post(url)).body(body.as_str().to_owned());
        let answer = self.ask(request, "login").await?;
        let token = answer.get("auth").and_then(|auth| auth.get("client_token"));
        match token.and_then(Value::as_str) {
            Some(token) => Ok(SecretText::new(token.to_owned())),
            None => Err(PROVIDER.unusable("the login has no `auth.client_token`")),
        }
    }

    async fn read(&self) -> Result<Password, UnlockError> {
        let VaultSource { mount, path, kv, key, .. } = self.source;
        let mut segments: Vec<&str> = vec![mount];
        segments.extend(matches!(kv, KvVersion::V2).then_some("data"));
        segments.extend(path.split('/').filter(|part| !part.is_empty()));
        let request = self.prepare(self.source.http.get(self.url(&segments)?));
        let request = request.header(TOKEN, self.token.expose());
        let mut answer = self.ask(request, "secret").await?;
        let data = answer.remove("data").unwrap_or_default();
        let members = match (kv, data) {
            (KvVersion::V1, data) => data,
            (KvVersion::V2, Value::Object(mut data)) => data.remove("data").unwrap_or_default(),
            (KvVersion::V2, _) => Value::Null,
        };
        let Value::Object(members) = members else {
            return Err(PROVIDER.unusable(
                "it has no secret in the format of this KV version; check \
                 TATUM_KMS_VAULT_KV_VERSION",
            ));
        };
        Member { key, variable: "TATUM_KMS_VAULT_KEY" }.take(PROVIDER, members)
    }

    /// Calls the vault and reads its answer.
    async fn ask(
        &self,
        request: RequestBuilder,
        what: &str,
    ) -> Result<Map<String, Value>, UnlockError> {
        let response = request.send().await.map_err(|error| unreachable(PROVIDER, error))?;
        let status = response.status().as_u16();
        let body = read_body(PROVIDER, response).await?;
        if !(200..300).contains(&status) {
            return Err(self.explain(status, &body, what));
        }
        match serde_json::from_slice(&body) {
            Ok(Value::Object(members)) => Ok(members),
            // serde's message may contain a part of the answer.
            _ => Err(PROVIDER.unusable("it is not a JSON object")),
        }
    }

    fn explain(&self, status: u16, body: &[u8], what: &str) -> UnlockError {
        let provider = PROVIDER;
        let reason = match errors(body) {
            reason if reason.is_empty() => format!("status {status}"),
            reason => format!("status {status}: {reason}"),
        };
        match (status, what) {
            (400 | 403, "login") => UnlockError::Denied {
                provider,
                reason,
                advice: "check the role, its secret id or service account, and the login mount",
            },
            (403, _) => UnlockError::Denied {
                provider,
                reason,
                advice: "check the token (it may have expired), its policy, and the namespace",
            },
            (404, _) => UnlockError::NotFound {
                provider,
                what: format!("{what} at {}/{}", self.source.mount, self.source.path),
                advice: "check TATUM_KMS_VAULT_PATH, TATUM_KMS_VAULT_MOUNT and \
                         TATUM_KMS_VAULT_KV_VERSION",
            },
            (503, _) if reason.contains("sealed") => UnlockError::Unreachable {
                provider,
                reason: String::from("it is sealed; unseal it first"),
            },
            (408 | 412 | 429 | 472 | 473 | 500.., _) => {
                UnlockError::Unreachable { provider, reason }
            }
            _ => UnlockError::Unusable { provider, problem: reason },
        }
    }

    /// A token that was made for this one reading is of no further use; whether the vault takes
    /// it back makes no difference here.
    async fn close(self) {
        if self.is_own
            && let Ok(url) = self.url(&["auth", "token", "revoke-self"])
        {
            let request = self.prepare(self.source.http.post(url)).timeout(REVOCATION_TIMEOUT);
            let _ = request.header(TOKEN, self.token.expose()).send().await;
        }
    }
}

/// The texts of `errors`, which hold no secret.
fn errors(body: &[u8]) -> String {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let texts = told.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let texts: Vec<_> = texts.iter().filter_map(Value::as_str).map(str::trim).collect();
    let line = texts.join("; ");
    line.chars().map(|char| if char.is_control() { ' ' } else { char }).take(300).collect()
}

fn base_url(address: &str) -> Result<Url, UnlockError> {
    let url = Url::parse(address).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
    });
    url.ok_or_else(|| PROVIDER.unconfigured("its address is not an http or https URL"))
}

#[cfg(test)]
mod tests {
    use axum::{Json, Router, routing};

    use super::*;

    #[tokio::test]
    async fn a_vault_that_does_not_take_its_token_back_gives_the_password_all_the_same() {
        let login = routing::post(|| async { Json(json!({ "auth": { "client_token": "t" } })) });
        let secret = json!({ "data": { "data": { "password": "hunter2" } } });
        let app = Router::new()
            .route("/v1/auth/approle/login", login)
            .route("/v1/secret/data/kms", routing::get(|| async { Json(secret) }))
            .route("/v1/auth/token/revoke-self", routing::post(std::future::pending::<()>));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let source = VaultSource {
            address,
            mount: String::from("secret"),
            path: String::from("kms"),
            key: String::from("password"),
            kv: KvVersion::V2,
            namespace: None,
            login: VaultLogin::AppRole {
                mount: String::from("approle"),
                role_id: String::from("r"),
                secret_id: SecretText::new(String::from("s")),
            },
            http: Client::new(),
        };
        let password = crate::fetch(&crate::PasswordSource::Vault(source)).await.unwrap();
        assert_eq!(password.expose(), "hunter2");
    }
}
