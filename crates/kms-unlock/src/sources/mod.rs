//! What the providers are asked for, in whichever build.

use std::path::PathBuf;

use kms_secret::SecretText;
use reqwest::Client;
use url::{Host, Url};

use crate::PasswordSource;

impl PasswordSource {
    /// The host, other than this one, that would be told who asks, and send the password, in the
    /// clear.
    #[must_use]
    pub fn plain_host(&self) -> Option<String> {
        let url = match self {
            Self::Vault(source) => Url::parse(&source.address).ok()?,
            Self::Vgs(source) => source.base_url.clone(),
            Self::Aws(source) => Url::parse(source.endpoint.as_deref()?).ok()?,
            Self::Google(source) => Url::parse(source.endpoint.as_deref()?).ok()?,
            _ => return None,
        };
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        (url.scheme() == "http" && !is_here).then(|| url.host_str().unwrap_or_default().to_owned())
    }
}

/// A value of a VGS vault.
#[derive(Debug)]
pub struct VgsSource {
    pub alias: String,
    pub username: String,
    pub password: SecretText,
    pub base_url: Url,
    /// Follows no redirect: the next host would get the password of VGS.
    pub http: Client,
}

/// A secret of an Azure Key Vault.
#[derive(Debug)]
pub struct AzureSource {
    /// Host name or https URL.
    pub vault: String,
    pub name: String,
    /// The latest if not set.
    pub version: Option<String>,
    pub login: AzureLogin,
    /// Where tokens are given out, as an https URL; that of the public cloud if not set.
    pub authority: Option<String>,
}

/// How Azure knows who asks.
#[derive(Debug)]
pub enum AzureLogin {
    ClientSecret {
        tenant: String,
        client: String,
        secret: SecretText,
    },
    /// By the federated token of a file, as Kubernetes puts it into the pod.
    Workload {
        tenant: String,
        client: String,
        token_file: PathBuf,
    },
    /// By the identity of the machine, or by the one of its identities that is named.
    Managed {
        client: Option<String>,
    },
    /// As the person who is logged in with the tool `az`.
    Cli {
        tenant: Option<String>,
    },
}

/// A secret of AWS Secrets Manager. Keys that are not set are found as the AWS tools find them:
/// environment, profile, web identity, container, instance.
#[derive(Debug)]
pub struct AwsSource {
    /// Name or ARN.
    pub secret: String,
    /// Member of the secret's JSON that is the password; the whole secret if not set.
    pub key: Option<String>,
    /// That of the ARN if not set.
    pub region: Option<String>,
    /// Where neither says one; that of the AWS tools if not set.
    pub usual_region: Option<String>,
    /// The profile of the AWS tools' files; theirs if not set.
    pub profile: Option<String>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<SecretText>,
    pub session_token: Option<SecretText>,
    /// That of the region if not set.
    pub endpoint: Option<String>,
}

/// A secret of Google Secret Manager.
#[derive(Debug)]
pub struct GoogleSource {
    /// `projects/P/secrets/S`, or with `/versions/V`; the latest version if not named.
    pub secret: String,
    /// Member of the secret's JSON that is the password; the whole secret if not set.
    pub key: Option<String>,
    /// Google's own if not set.
    pub endpoint: Option<String>,
}
