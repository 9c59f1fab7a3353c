//! The variables of the password sources, and those of the vendors' tools.

use std::path::{Path, PathBuf};

use kms_api::HttpClient;
use kms_cli::env_vars::{self, EnvVar};
use kms_secret::SecretText;
use kms_unlock::{
    AwsSource, AzureLogin, AzureSource, CONTAINER_SECRET, GoogleSource, KvVersion, VaultLogin,
    VaultSource, VgsSource, azure_login_name,
};

use super::{
    environment::Environment,
    resolve::{ConfigError, invalid, read_url},
};

/// The service account's token of a pod.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// Variables of Azure's own tools.
const AZURE_TENANT: &str = "AZURE_TENANT_ID";
const AZURE_CLIENT: &str = "AZURE_CLIENT_ID";
const AZURE_SECRET: &str = "AZURE_CLIENT_SECRET";
const AZURE_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const AZURE_AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
/// And of Google's.
const GOOGLE_ACCOUNT: &str = "GOOGLE_APPLICATION_CREDENTIALS";

pub(super) struct Values<'a>(pub(super) &'a Environment);

impl Values<'_> {
    pub(super) fn optional(&self, variable: EnvVar) -> Option<String> {
        self.0.get(variable).map(str::to_owned)
    }

    pub(super) fn needed(&self, variable: EnvVar) -> Result<String, ConfigError> {
        self.optional(variable).ok_or(ConfigError::Missing(variable.name))
    }

    pub(super) fn or(&self, variable: EnvVar, default: &str) -> String {
        self.optional(variable).unwrap_or_else(|| default.to_owned())
    }

    /// The file that is named, or the one that a container gives.
    pub(super) fn password_file(&self) -> Option<PathBuf> {
        let named = self.optional(env_vars::TATUM_KMS_PASSWORD_FILE).map(PathBuf::from);
        let container = || Path::new(CONTAINER_SECRET).is_file().then(|| CONTAINER_SECRET.into());
        named.or_else(container)
    }

    /// The program's own variable, or the one that Vault's tools read.
    fn or_vaults(&self, variable: EnvVar) -> Option<&str> {
        let theirs = variable.name.strip_prefix("TATUM_KMS_")?;
        self.0.get(variable).or_else(|| self.0.get_named(theirs))
    }

    pub(super) fn vgs(&self, http: HttpClient) -> Result<VgsSource, ConfigError> {
        let variable = env_vars::TATUM_KMS_VGS_URL;
        let base_url = match self.or(variable, "live").as_str() {
            "live" => read_url(variable.name, "https://api.live.verygoodvault.com")?,
            "sandbox" => read_url(variable.name, "https://api.sandbox.verygoodvault.com")?,
            url => read_url(variable.name, url)?,
        };
        Ok(VgsSource {
            alias: self.needed(env_vars::TATUM_KMS_VGS_ALIAS)?,
            username: self.needed(env_vars::TATUM_KMS_VGS_USERNAME)?,
            password: SecretText::new(self.needed(env_vars::TATUM_KMS_VGS_PASSWORD)?),
            base_url,
            http,
        })
    }

    pub(super) fn google(&self) -> Result<GoogleSource, ConfigError> {
        if self.theirs(GOOGLE_ACCOUNT).is_some() && std::env::var_os(GOOGLE_ACCOUNT).is_none() {
            return Err(ConfigError::OnlyInFile(GOOGLE_ACCOUNT));
        }
        Ok(GoogleSource {
            secret: self.needed(env_vars::TATUM_KMS_GOOGLE_SECRET)?,
            key: self.optional(env_vars::TATUM_KMS_GOOGLE_SECRET_KEY),
            endpoint: self.optional(env_vars::TATUM_KMS_GOOGLE_ENDPOINT),
        })
    }

    /// Our own keys, or those of the AWS tools: never a half of each.
    pub(super) fn aws(&self) -> Result<AwsSource, ConfigError> {
        let own = [
            env_vars::TATUM_KMS_AWS_ACCESS_KEY_ID,
            env_vars::TATUM_KMS_AWS_SECRET_ACCESS_KEY,
            env_vars::TATUM_KMS_AWS_SESSION_TOKEN,
        ];
        let theirs = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
        let keys = match own.map(|variable| self.optional(variable)) {
            [None, None, None] => match theirs.map(|name| self.theirs(name)) {
                pair @ [Some(_), Some(_), _] => pair,
                _ => [None, None, None],
            },
            own => own,
        };
        let [access_key_id, secret_access_key, session_token] = keys;
        Ok(AwsSource {
            secret: self.needed(env_vars::TATUM_KMS_AWS_SECRET_NAME)?,
            key: self.optional(env_vars::TATUM_KMS_AWS_SECRET_KEY),
            region: self.optional(env_vars::TATUM_KMS_AWS_REGION),
            usual_region: self.theirs("AWS_REGION").or_else(|| self.theirs("AWS_DEFAULT_REGION")),
            profile: self.theirs("AWS_PROFILE"),
            access_key_id,
            secret_access_key: secret_access_key.map(SecretText::new),
            session_token: session_token.map(SecretText::new),
            endpoint: self.optional(env_vars::TATUM_KMS_AWS_ENDPOINT),
        })
    }

    pub(super) fn azure(&self) -> Result<AzureSource, ConfigError> {
        Ok(AzureSource {
            vault: self.needed(env_vars::TATUM_KMS_AZURE_VAULTURL)?,
            name: self.needed(env_vars::TATUM_KMS_AZURE_SECRETNAME)?,
            version: self.optional(env_vars::TATUM_KMS_AZURE_SECRETVERSION),
            login: self.azure_login()?,
            authority: self.theirs(AZURE_AUTHORITY),
        })
    }

    fn azure_login(&self) -> Result<AzureLogin, ConfigError> {
        let needed = |name: &'static str| self.theirs(name).ok_or(ConfigError::Missing(name));
        Ok(match azure_login_name(&|name: &str| self.0.get_named(name)) {
            "secret" => AzureLogin::ClientSecret {
                tenant: needed(AZURE_TENANT)?,
                client: needed(AZURE_CLIENT)?,
                secret: SecretText::new(needed(AZURE_SECRET)?),
            },
            "workload" => AzureLogin::Workload {
                tenant: needed(AZURE_TENANT)?,
                client: needed(AZURE_CLIENT)?,
                token_file: needed(AZURE_TOKEN_FILE)?.into(),
            },
            "managed" => AzureLogin::Managed { client: self.theirs(AZURE_CLIENT) },
            "cli" => AzureLogin::Cli { tenant: self.theirs(AZURE_TENANT) },
            other => {
                let name = env_vars::TATUM_KMS_AZURE_LOGIN.name;
                return Err(invalid(
                    name,
                    other,
                    "is not one of secret, workload, managed and cli",
                ));
            }
        })
    }

    /// A variable of a vendor's own tools.
    fn theirs(&self, name: &str) -> Option<String> {
        self.0.get_named(name).map(str::to_owned)
    }

    pub(super) fn vault(&self, http: HttpClient) -> Result<VaultSource, ConfigError> {
        let address = self.or_vaults(env_vars::TATUM_KMS_VAULT_ADDR);
        let version = self.or(env_vars::TATUM_KMS_VAULT_KV_VERSION, "2");
        let kv = match version.as_str() {
            "1" => KvVersion::V1,
            "2" => KvVersion::V2,
            _ => {
                let name = env_vars::TATUM_KMS_VAULT_KV_VERSION.name;
                return Err(invalid(name, &version, "is neither 1 nor 2"));
            }
        };
        Ok(VaultSource {
            address: address
                .ok_or(ConfigError::Missing(env_vars::TATUM_KMS_VAULT_ADDR.name))?
                .to_owned(),
            mount: self.or(env_vars::TATUM_KMS_VAULT_MOUNT, "secret"),
            path: self.needed(env_vars::TATUM_KMS_VAULT_PATH)?,
            key: self.or(env_vars::TATUM_KMS_VAULT_KEY, "password"),
            kv,
            namespace: self.or_vaults(env_vars::TATUM_KMS_VAULT_NAMESPACE).map(str::to_owned),
            login: self.vault_login()?,
            http,
        })
    }

    /// A role of Kubernetes or an AppRole where one is named, else a token.
    fn vault_login(&self) -> Result<VaultLogin, ConfigError> {
        let mount = |default| self.or(env_vars::TATUM_KMS_VAULT_LOGIN_MOUNT, default);
        if let Some(role) = self.optional(env_vars::TATUM_KMS_VAULT_KUBERNETES_ROLE) {
            let file = env_vars::TATUM_KMS_VAULT_KUBERNETES_TOKEN_FILE;
            let token_file = self.or(file, SERVICE_ACCOUNT).into();
            return Ok(VaultLogin::Kubernetes { mount: mount("kubernetes"), role, token_file });
        }
        if let Some(role_id) = self.optional(env_vars::TATUM_KMS_VAULT_ROLE_ID) {
            let secret_id = SecretText::new(self.needed(env_vars::TATUM_KMS_VAULT_SECRET_ID)?);
            return Ok(VaultLogin::AppRole { mount: mount("approle"), role_id, secret_id });
        }
        let token = self.or_vaults(env_vars::TATUM_KMS_VAULT_TOKEN);
        let name = env_vars::TATUM_KMS_VAULT_TOKEN.name;
        let token = token.ok_or(ConfigError::Missing(name))?;
        Ok(VaultLogin::Token(SecretText::new(token.to_owned())))
    }
}
