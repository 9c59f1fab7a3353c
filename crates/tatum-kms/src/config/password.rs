//! Where the password of the wallet store comes from, by flag and by what is configured.

use std::path::{Path, PathBuf};

use kms_api::{HttpClient, Timeouts, http_client};
use kms_cli::{EnvVar, SourceName, env_vars};
use kms_secret::Password;
use kms_unlock::{KeyringSource, PasswordSource};

use super::{
    resolve::{ConfigError, Settings, invalid, read_file},
    values::{CONTAINER_SECRET, Values},
};

const CREDENTIAL: &str = "tatum-kms-password";

/// The store's type that `checkconfig` prints, as the original does.
pub(crate) const fn store_type(source: SourceName) -> &'static str {
    match source {
        SourceName::Aws => "AWS",
        SourceName::Azure => "AZURE",
        SourceName::Vgs => "VGS",
        SourceName::Google => "GOOGLE",
        SourceName::Vault => "VAULT",
        _ => "LOCAL",
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
            SourceName::Azure => values.azure_needs(),
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
            SourceName::Aws => PasswordSource::Aws(values.aws()?),
            SourceName::Azure => PasswordSource::Azure(values.azure()?),
            SourceName::Google => PasswordSource::Google(values.google()?),
            SourceName::Vault => {
                PasswordSource::Vault(values.vault(self.client(Some("VAULT_CACERT"))?)?)
            }
            SourceName::Vgs => PasswordSource::Vgs(values.vgs(self.client(None)?)?),
        })
    }

    /// What the providers without an SDK are asked with. `theirs` is a variable that may name a
    /// file of certificates too.
    fn client(&self, theirs: Option<&str>) -> Result<HttpClient, ConfigError> {
        let mut options = self.http()?;
        if options.ca_pem.is_none() {
            let file = theirs.and_then(|name| self.environment.get_named(name));
            options.ca_pem = file.map(|path| read_file(Path::new(path))).transpose()?;
        }
        Ok(http_client(env!("CARGO_PKG_VERSION"), Timeouts::default(), &options)?)
    }
}

/// systemd's directory of the service's own credentials. It is the process's, not a setting.
fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}
