//! Logins at Azure: one credential of its SDK for each.

use std::{ffi::OsStr, io, process::Output, sync::Arc, time::Duration};

use async_trait::async_trait;
use azure_core::{
    credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions},
    error::{Error, ErrorKind},
    http::ClientOptions,
};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, Executor, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};

use super::AzureLogin;
use crate::sources::command;

/// The SDK retries the machine's service for over a minute, even if none exists.
const MACHINE_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) fn credential(
    login: &AzureLogin,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    Ok(match login {
        AzureLogin::ClientSecret { tenant, client, secret } => ClientSecretCredential::new(
            tenant,
            client.clone(),
            Secret::new(secret.expose().to_owned()),
            Some(ClientSecretCredentialOptions { client_options }),
        )?,
        AzureLogin::Workload { tenant, client, token_file } => {
            WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options },
                client_id: Some(client.clone()),
                tenant_id: Some(tenant.clone()),
                token_file_path: Some(token_file.clone()),
            }))?
        }
        AzureLogin::Managed { client } => {
            let id = client.clone().map(UserAssignedId::ClientId);
            let options = ManagedIdentityCredentialOptions { user_assigned_id: id, client_options };
            Arc::new(OfMachine(ManagedIdentityCredential::new(Some(options))?))
        }
        AzureLogin::Cli { tenant } => AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: tenant.clone(),
            executor: Some(Arc::new(Unknowing)),
            ..AzureCliCredentialOptions::default()
        }))?,
    })
}

/// Advice when no token is issued.
pub(super) const fn advice(login: &AzureLogin) -> &'static str {
    match login {
        AzureLogin::ClientSecret { .. } => {
            "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        }
        AzureLogin::Workload { .. } => {
            "check AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE and the \
             application's federated credential"
        }
        AzureLogin::Managed { .. } => {
            "assign an identity to the machine, set AZURE_TENANT_ID, AZURE_CLIENT_ID and \
             AZURE_CLIENT_SECRET, or log in with `az login` and set TATUM_KMS_AZURE_LOGIN=cli"
        }
        AzureLogin::Cli { .. } => "log in with `az login` as the user that runs this program",
    }
}

/// Advice when a login has expired.
pub(super) const fn renewal(login: &AzureLogin) -> &'static str {
    match login {
        AzureLogin::ClientSecret { .. } => {
            "create a new client secret for the application and set AZURE_CLIENT_SECRET"
        }
        AzureLogin::Workload { .. } | AzureLogin::Managed { .. } => {
            "renew the token, and check this machine's clock"
        }
        AzureLogin::Cli { .. } => "log in again with `az login`",
    }
}

/// The machine's identity, with a time limit after which an error says that there is none.
#[derive(Debug)]
struct OfMachine(Arc<ManagedIdentityCredential>);

#[async_trait]
impl TokenCredential for OfMachine {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let none = |_| {
            let problem = "this machine has no managed identity";
            Error::with_message(ErrorKind::Credential, problem)
        };
        tokio::time::timeout(MACHINE_TIMEOUT, self.0.get_token(scopes, options))
            .await
            .map_err(none)?
    }
}

/// Runs `az`, which sees nothing of our own variables.
#[derive(Debug)]
struct Unknowing;

#[async_trait]
impl Executor for Unknowing {
    async fn run(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        command::with_clean_environment(program).args(arguments).output().await
    }
}
