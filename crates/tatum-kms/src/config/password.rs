//! Where the password of the wallet store comes from, by flag and by what is configured.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use kms_secret::{Password, SecretText};
use kms_unlock::{
    AwsSource, AzureSource, GoogleSource, KeyringSource, KvVersion, PasswordSource, VaultLogin,
    VaultSource, VgsSource,
};

use super::{
    env_vars::{self, EnvVar},
    environment::Environment,
    resolve::{ConfigError, Settings, invalid, read_file, read_url},
};

/// Where Docker and its kin put a secret of this name.
const CONTAINER_SECRET: &str = "/run/secrets/tatum_kms_password";
const CREDENTIAL: &str = "tatum-kms-password";
/// The service account's token of a pod.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A source of the password, as the command line names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SourceName {
    Prompt,
    Env,
    File,
    Fd,
    Credential,
    Command,
    Keyring,
    Aws,
    Azure,
    Google,
    Vault,
    Vgs,
}

impl std::fmt::Display for SourceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to_possible_value() {
            Some(value) => f.write_str(value.get_name()),
            None => Ok(()),
        }
    }
}

impl SourceName {
    /// What `checkconfig` prints as the store's type, as the original does.
    pub(crate) const fn store_type(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Azure => "AZURE",
            Self::Vgs => "VGS",
            Self::Google => "GOOGLE",
            Self::Vault => "VAULT",
            _ => "LOCAL",
        }
    }
}

impl Settings {
    /// The source in force: the one that was named, or the first that is configured.
    pub(crate) fn source_name(&self) -> SourceName {
        let is_set = |variable| self.environment.get(variable).is_some();
        match self.source {
            Some(named) => named,
            None if is_set(env_vars::TATUM_KMS_PASSWORD) => SourceName::Env,
            None if is_set(env_vars::TATUM_KMS_PASSWORD_FILE) => SourceName::File,
            None if is_set(env_vars::TATUM_KMS_PASSWORD_FD) => SourceName::Fd,
            None if is_set(env_vars::TATUM_KMS_PASSWORD_COMMAND) => SourceName::Command,
            None if self.credential_is_there() => SourceName::Credential,
            None if Path::new(CONTAINER_SECRET).is_file() => SourceName::File,
            None => SourceName::Prompt,
        }
    }

    fn credential_is_there(&self) -> bool {
        let name = self.environment.get(env_vars::TATUM_KMS_CREDENTIAL).unwrap_or(CREDENTIAL);
        credentials().is_some_and(|directory| directory.join(name).is_file())
    }

    /// The variables without which the source in force cannot be asked, and whether each is given:
    /// itself, or by what counts in its place.
    pub(crate) fn source_needs(&self) -> Vec<(&'static str, bool)> {
        use env_vars as vars;
        let values = Values(&self.environment);
        let own = |variable: EnvVar| (variable.name, values.has(variable));
        match self.source_name() {
            SourceName::Prompt | SourceName::Credential | SourceName::Keyring => Vec::new(),
            SourceName::Env => vec![own(vars::TATUM_KMS_PASSWORD)],
            SourceName::File => {
                vec![(vars::TATUM_KMS_PASSWORD_FILE.name, values.password_file().is_some())]
            }
            SourceName::Fd => vec![own(vars::TATUM_KMS_PASSWORD_FD)],
            SourceName::Command => vec![own(vars::TATUM_KMS_PASSWORD_COMMAND)],
            SourceName::Aws => vec![own(vars::TATUM_KMS_AWS_SECRET_NAME)],
            SourceName::Azure => {
                vec![own(vars::TATUM_KMS_AZURE_VAULTURL), own(vars::TATUM_KMS_AZURE_SECRETNAME)]
            }
            SourceName::Google => vec![own(vars::TATUM_KMS_GOOGLE_SECRET)],
            SourceName::Vault => values.vault_needs(),
            SourceName::Vgs => vec![
                own(vars::TATUM_KMS_VGS_ALIAS),
                own(vars::TATUM_KMS_VGS_USERNAME),
                own(vars::TATUM_KMS_VGS_PASSWORD),
            ],
        }
    }

    /// Where the password comes from.
    pub(crate) fn password_source(&self) -> Result<PasswordSource, ConfigError> {
        let values = Values(&self.environment);
        Ok(match self.source_name() {
            SourceName::Prompt => PasswordSource::Prompt,
            SourceName::Env => {
                PasswordSource::Given(Password::new(values.needed(env_vars::TATUM_KMS_PASSWORD)?))
            }
            SourceName::File => {
                let name = env_vars::TATUM_KMS_PASSWORD_FILE.name;
                PasswordSource::File(values.password_file().ok_or(ConfigError::Missing(name))?)
            }
            SourceName::Fd => {
                let (name, text) = (
                    env_vars::TATUM_KMS_PASSWORD_FD.name,
                    values.needed(env_vars::TATUM_KMS_PASSWORD_FD)?,
                );
                let number = text.parse();
                PasswordSource::Descriptor(
                    number.map_err(|_| invalid(name, &text, "is not a number"))?,
                )
            }
            SourceName::Credential => PasswordSource::Credential {
                directory: credentials(),
                name: values.or(env_vars::TATUM_KMS_CREDENTIAL, CREDENTIAL),
            },
            SourceName::Command => {
                PasswordSource::Command(values.needed(env_vars::TATUM_KMS_PASSWORD_COMMAND)?)
            }
            SourceName::Keyring => PasswordSource::Keyring(KeyringSource {
                service: values.or(env_vars::TATUM_KMS_KEYRING_SERVICE, "tatum-kms"),
                account: values.or(env_vars::TATUM_KMS_KEYRING_ACCOUNT, "wallet"),
            }),
            SourceName::Vgs => PasswordSource::Vgs(values.vgs()?),
            SourceName::Azure => PasswordSource::Azure(AzureSource {
                vault: values.needed(env_vars::TATUM_KMS_AZURE_VAULTURL)?,
                name: values.needed(env_vars::TATUM_KMS_AZURE_SECRETNAME)?,
                version: values.optional(env_vars::TATUM_KMS_AZURE_SECRETVERSION),
            }),
            SourceName::Aws => PasswordSource::Aws(values.aws()?),
            SourceName::Google => PasswordSource::Google(GoogleSource {
                secret: values.needed(env_vars::TATUM_KMS_GOOGLE_SECRET)?,
                key: values.optional(env_vars::TATUM_KMS_GOOGLE_SECRET_KEY),
                endpoint: values.optional(env_vars::TATUM_KMS_GOOGLE_ENDPOINT),
            }),
            SourceName::Vault => PasswordSource::Vault(values.vault()?),
        })
    }
}

/// systemd's directory of the service's own credentials. It is the process's, not a setting.
fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

struct Values<'a>(&'a Environment);

impl Values<'_> {
    fn has(&self, variable: EnvVar) -> bool {
        self.0.get(variable).is_some()
    }

    fn optional(&self, variable: EnvVar) -> Option<String> {
        self.0.get(variable).map(str::to_owned)
    }

    fn needed(&self, variable: EnvVar) -> Result<String, ConfigError> {
        self.optional(variable).ok_or(ConfigError::Missing(variable.name))
    }

    fn or(&self, variable: EnvVar, default: &str) -> String {
        self.optional(variable).unwrap_or_else(|| default.to_owned())
    }

    fn secret(&self, variable: EnvVar) -> Option<SecretText> {
        self.optional(variable).map(SecretText::new)
    }

    /// The file that is named, or the one that a container gives.
    fn password_file(&self) -> Option<PathBuf> {
        let named = self.optional(env_vars::TATUM_KMS_PASSWORD_FILE).map(PathBuf::from);
        let container = || Path::new(CONTAINER_SECRET).is_file().then(|| CONTAINER_SECRET.into());
        named.or_else(container)
    }

    /// The program's own variable, or the one that Vault's tools read.
    fn or_vaults(&self, variable: EnvVar) -> Option<&str> {
        let theirs = variable.name.strip_prefix("TATUM_KMS_")?;
        self.0.get(variable).or_else(|| self.0.get_named(theirs))
    }

    /// Certificates of an authority of one's own, from our file or from that which another
    /// variable names.
    fn ca_pem(&self, theirs: Option<&str>) -> Result<Option<Vec<u8>>, ConfigError> {
        let ours = self.0.get(env_vars::TATUM_KMS_CA_FILE);
        let path = ours.or_else(|| self.0.get_named(theirs?));
        path.map(|path| read_file(Path::new(path))).transpose()
    }

    fn vgs(&self) -> Result<VgsSource, ConfigError> {
        let base_url = self.optional(env_vars::TATUM_KMS_VGS_URL);
        let read = |url: String| read_url(env_vars::TATUM_KMS_VGS_URL.name, &url);
        Ok(VgsSource {
            alias: self.needed(env_vars::TATUM_KMS_VGS_ALIAS)?,
            username: self.needed(env_vars::TATUM_KMS_VGS_USERNAME)?,
            password: SecretText::new(self.needed(env_vars::TATUM_KMS_VGS_PASSWORD)?),
            base_url: base_url.map(read).transpose()?,
            ca_pem: self.ca_pem(None)?,
        })
    }

    fn aws(&self) -> Result<AwsSource, ConfigError> {
        Ok(AwsSource {
            secret: self.needed(env_vars::TATUM_KMS_AWS_SECRET_NAME)?,
            key: self.optional(env_vars::TATUM_KMS_AWS_SECRET_KEY),
            region: self.optional(env_vars::TATUM_KMS_AWS_REGION),
            access_key_id: self.optional(env_vars::TATUM_KMS_AWS_ACCESS_KEY_ID),
            secret_access_key: self.secret(env_vars::TATUM_KMS_AWS_SECRET_ACCESS_KEY),
            session_token: self.secret(env_vars::TATUM_KMS_AWS_SESSION_TOKEN),
            endpoint: self.optional(env_vars::TATUM_KMS_AWS_ENDPOINT),
        })
    }

    fn vault(&self) -> Result<VaultSource, ConfigError> {
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
            ca_pem: self.ca_pem(Some("VAULT_CACERT"))?,
        })
    }

    /// A role of Kubernetes or an AppRole where one is named, else a token.
    fn vault_login(&self) -> Result<VaultLogin, ConfigError> {
        let mount = |default| self.or(env_vars::TATUM_KMS_VAULT_LOGIN_MOUNT, default);
        if let Some(role) = self.optional(env_vars::TATUM_KMS_VAULT_KUBERNETES_ROLE) {
            let token_file = SERVICE_ACCOUNT.into();
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

    /// As [`vault`](Self::vault) and [`vault_login`](Self::vault_login) have it.
    fn vault_needs(&self) -> Vec<(&'static str, bool)> {
        use env_vars as vars;
        let own = |variable: EnvVar| (variable.name, self.has(variable));
        let or_vaults = |variable: EnvVar| (variable.name, self.or_vaults(variable).is_some());
        let mut needs =
            vec![or_vaults(vars::TATUM_KMS_VAULT_ADDR), own(vars::TATUM_KMS_VAULT_PATH)];
        if !self.has(vars::TATUM_KMS_VAULT_KUBERNETES_ROLE) {
            needs.push(match self.has(vars::TATUM_KMS_VAULT_ROLE_ID) {
                true => own(vars::TATUM_KMS_VAULT_SECRET_ID),
                false => or_vaults(vars::TATUM_KMS_VAULT_TOKEN),
            });
        }
        needs
    }
}
