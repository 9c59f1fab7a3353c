//! Azure Key Vault.

#[cfg(feature = "azure")]
mod client;
#[cfg(feature = "azure")]
mod login;

use std::path::PathBuf;

use kms_secret::SecretText;

use super::{Need, Variables};

#[cfg(feature = "azure")]
pub(crate) use client::fetch;

/// The variables without which it cannot be asked: the secret's, and those of the login.
pub(crate) const NEEDS: &[Need] = &[
    Need::of("TATUM_KMS_AZURE_VAULTURL"),
    Need::of("TATUM_KMS_AZURE_SECRETNAME"),
    Need::of("AZURE_TENANT_ID").where_applies(is_for_application),
    Need::of("AZURE_CLIENT_ID").where_applies(is_for_application),
    Need::of("AZURE_CLIENT_SECRET").where_applies(is_by_secret),
    Need::of("AZURE_FEDERATED_TOKEN_FILE").where_applies(is_by_workload),
];

/// The login that is named in `TATUM_KMS_AZURE_LOGIN`, else the one for which there is something.
pub fn login_name<'a>(variables: &Variables<'a>) -> &'a str {
    if let Some(named) = variables("TATUM_KMS_AZURE_LOGIN") {
        named
    } else if variables("AZURE_CLIENT_SECRET").is_some() {
        "secret"
    } else if variables("AZURE_FEDERATED_TOKEN_FILE").is_some() {
        "workload"
    } else {
        "managed"
    }
}

fn is_for_application(variables: &Variables<'_>) -> bool {
    is_by_secret(variables) || is_by_workload(variables)
}

fn is_by_secret(variables: &Variables<'_>) -> bool {
    login_name(variables) == "secret"
}

fn is_by_workload(variables: &Variables<'_>) -> bool {
    login_name(variables) == "workload"
}

/// A secret of an Azure Key Vault.
#[derive(Debug)]
pub struct AzureSource {
    /// Host name or https URL.
    pub vault: String,
    /// The secret's name.
    pub name: String,
    /// The latest if not set.
    pub version: Option<String>,
    /// The way to log in.
    pub login: AzureLogin,
    /// The token authority, as an https URL; the public cloud's if not set.
    pub authority: Option<String>,
}

/// The login at Azure.
#[derive(Debug)]
pub enum AzureLogin {
    /// By the secret of an application.
    ClientSecret {
        /// The tenant's id, or one of its domains.
        tenant: String,
        /// The application's id.
        client: String,
        /// The application's secret.
        secret: SecretText,
    },
    /// By the federated token of a file, as Kubernetes puts it into the pod.
    Workload {
        /// The tenant's id, or one of its domains.
        tenant: String,
        /// The application's id.
        client: String,
        /// The file with the token, which is read anew for each login.
        token_file: PathBuf,
    },
    /// By the identity of the machine, or by the one of its identities that is named.
    Managed {
        /// The client id of the identity; the machine's own if not set.
        client: Option<String>,
    },
    /// The user who is logged in with the tool `az`.
    Cli {
        /// The tenant; that of the login if not set.
        tenant: Option<String>,
    },
}

/// Says that this build has no client for the provider.
#[cfg(not(feature = "azure"))]
pub(crate) async fn fetch(_: &AzureSource) -> Result<kms_secret::Password, crate::UnlockError> {
    Err(crate::UnlockError::NotBuilt(crate::Provider::Azure))
}
