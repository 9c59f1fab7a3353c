//! The source of the wallet store's password, by flag or by configuration.

use std::path::{Path, PathBuf};

use kms_api::{HttpClient, Timeouts, http_client};
use kms_cli::{SourceName, env_vars};
use kms_secret::Password;
use kms_unlock::{CONTAINER_SECRET, Description, KeyringSource, PasswordSource, SOURCES};

use super::{
    resolve::{ConfigError, Settings, invalid, read_file},
    values::Values,
};

const CREDENTIAL: &str = "tatum-kms-password";

/// The store's type, as `checkconfig` prints it and the original does.
pub(crate) fn store_type(source: SourceName) -> &'static str {
    description(source).map_or("LOCAL", |source| source.store_type)
}

/// The source's line in the table of sources.
fn description(source: SourceName) -> Option<&'static Description> {
    let name = source.to_string();
    SOURCES.iter().find(|source| source.name == name)
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
        let variables = |name: &str| self.environment.get_named(name);
        let needs = description(self.source_name()).into_iter().flat_map(|source| source.needs);
        needs
            .filter(|need| need.applies(&variables))
            .map(|need| (need.variable, need.is_met(&variables)))
            .collect()
    }

    /// The source of the password.
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

    /// The HTTP client for the providers without an SDK. `theirs` is another variable that may name
    /// a file of certificates.
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

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_source_that_can_be_named_is_in_the_table_and_its_variables_are_documented() {
        for source in SourceName::value_variants() {
            let described = description(*source).expect("a line in the table");
            for need in described.needs.iter().filter(|need| need.variable.starts_with("TATUM_")) {
                let is_listed = env_vars::ALL.iter().any(|own| own.name == need.variable);
                assert!(is_listed, "{} needs {}", described.name, need.variable);
            }
        }
        assert_eq!(SOURCES.len(), SourceName::value_variants().len());
    }
}
