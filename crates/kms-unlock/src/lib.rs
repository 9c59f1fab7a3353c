//! Sources of the wallet store's password, one file per source in `sources`.
//!
//! [`fetch`] asks the source that configuration names and nobody else. Errors name the cause
//! (denied, not found, no network) and what to do about it, and never hold the secret.

#![warn(missing_docs)]

mod error;
mod http;
mod member;
mod sources;

use std::{path::PathBuf, time::Duration};

use kms_secret::Password;
use zeroize::Zeroizing;

use sources::{aws, azure, command, file, google, keyring, prompt, vault, vgs};

pub use error::{Provider, UnlockError};
pub use sources::{
    Description, Need, SOURCES, Variables,
    aws::AwsSource,
    azure::{AzureLogin, AzureSource, login_name as azure_login_name},
    file::{CONTAINER_SECRET, read_secret_file},
    google::GoogleSource,
    keyring::KeyringSource,
    prompt::ask_hidden,
    vault::{KvVersion, VaultLogin, VaultSource},
    vgs::VgsSource,
};

/// A provider that has not answered by then is given up.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(30);

/// A command, a keyring that is locked, or what writes to a descriptor may ask a person.
const PERSON_TIMEOUT: Duration = Duration::from_secs(120);

/// A source of the password.
#[derive(Debug)]
#[non_exhaustive]
pub enum PasswordSource {
    /// Taken from the environment.
    Given(Password),
    /// The content of a file, without the line end at its end.
    File(PathBuf),
    /// Read from an open file descriptor.
    Descriptor(u32),
    /// A credential of systemd: the directory and the name.
    Credential {
        /// The directory of the service's credentials, `None` outside of a service.
        directory: Option<PathBuf>,
        /// The file's name in it.
        name: String,
    },
    /// The first line that a command prints.
    Command(String),
    /// An entry of the desktop's keyring.
    Keyring(KeyringSource),
    /// Typed in, unseen, on the terminal.
    Prompt,
    /// A secret of HashiCorp Vault or OpenBao.
    Vault(VaultSource),
    /// A secret of Google Secret Manager.
    Google(GoogleSource),
    /// A value of a VGS vault.
    Vgs(VgsSource),
    /// A secret of an Azure Key Vault.
    Azure(AzureSource),
    /// A secret of AWS Secrets Manager.
    Aws(AwsSource),
}

/// Asks the source for the password. Runs inside a Tokio runtime.
///
/// # Errors
/// When the source is unavailable, denies access, or has no usable password.
pub async fn fetch(source: &PasswordSource) -> Result<Password, UnlockError> {
    match source {
        PasswordSource::Given(password) => not_empty(password.expose().to_owned()),
        PasswordSource::File(path) => file::read(path),
        PasswordSource::Descriptor(number) => {
            by_person("the file descriptor", file::read_descriptor(*number)).await
        }
        PasswordSource::Credential { directory, name } => {
            file::read_credential(directory.as_deref(), name)
        }
        PasswordSource::Command(line) => by_person("the command", command::fetch(line)).await,
        PasswordSource::Keyring(source) => by_person("the keyring", keyring::fetch(source)).await,
        PasswordSource::Vault(source) => in_time(Provider::Vault, vault::fetch(source)).await,
        PasswordSource::Google(source) => in_time(Provider::Google, google::fetch(source)).await,
        PasswordSource::Prompt => prompt::ask_password().await,
        PasswordSource::Vgs(source) => in_time(Provider::Vgs, vgs::fetch(source)).await,
        PasswordSource::Azure(source) => in_time(Provider::Azure, azure::fetch(source)).await,
        PasswordSource::Aws(source) => in_time(Provider::Aws, aws::fetch(source)).await,
    }
}

async fn by_person(
    who: &'static str,
    answer: impl Future<Output = Result<Password, UnlockError>>,
) -> Result<Password, UnlockError> {
    let late = |_| UnlockError::Silent { who, seconds: PERSON_TIMEOUT.as_secs() };
    tokio::time::timeout(PERSON_TIMEOUT, answer).await.map_err(late)?
}

async fn in_time(
    provider: Provider,
    answer: impl Future<Output = Result<Password, UnlockError>>,
) -> Result<Password, UnlockError> {
    let late = |_| UnlockError::Unreachable {
        provider,
        reason: format!("no answer within {} seconds", PROVIDER_TIMEOUT.as_secs()),
    };
    tokio::time::timeout(PROVIDER_TIMEOUT, answer).await.map_err(late)?
}

fn not_empty(text: String) -> Result<Password, UnlockError> {
    let text = Zeroizing::new(text);
    if text.is_empty() {
        Err(UnlockError::Empty)
    } else {
        Ok(Password::new(text.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;

    use kms_secret::SecretText;

    use super::*;

    /// A server that takes every call and answers none.
    async fn silence() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        address
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_says_nothing_is_given_up() {
        let address = silence().await;
        let text = |text: &str| SecretText::new(text.to_owned());
        let vault = VaultSource {
            address: address.clone(),
            mount: String::from("secret"),
            path: String::from("kms"),
            key: String::from("password"),
            kv: KvVersion::V2,
            namespace: None,
            login: VaultLogin::Token(text("token")),
            http: reqwest::Client::new(),
        };
        let vgs = VgsSource {
            alias: String::from("alias"),
            username: String::from("user"),
            password: text("pass"),
            base_url: address.parse().unwrap(),
            http: reqwest::Client::new(),
        };
        let mut sources = vec![PasswordSource::Vault(vault), PasswordSource::Vgs(vgs)];
        if cfg!(feature = "aws") {
            sources.push(PasswordSource::Aws(AwsSource {
                secret: String::from("kms"),
                key: None,
                region: Some(String::from("eu-west-1")),
                usual_region: None,
                profile: None,
                access_key_id: Some(String::from("AKIDEXAMPLE")),
                secret_access_key: Some(text("wJalrXUtnFEMI")),
                session_token: None,
                endpoint: Some(address),
            }));
        }
        for source in sources {
            let outcome = fetch(&source).await;
            assert!(matches!(outcome, Err(UnlockError::Unreachable { .. })), "{outcome:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_a_person_is_given_up_when_nobody_answers() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let number = reader.as_raw_fd().try_into().unwrap();
        for (source, who) in [
            (PasswordSource::Command(String::from("exec sleep 1000")), "the command"),
            (PasswordSource::Descriptor(number), "the file descriptor"),
        ] {
            let error = fetch(&source).await.unwrap_err().to_string();
            assert_eq!(error, format!("{who} returned no password within 120 seconds"));
        }
    }

    #[cfg(not(any(feature = "aws", feature = "azure", feature = "google")))]
    #[tokio::test]
    async fn a_build_without_a_provider_says_so() {
        let azure = AzureSource {
            vault: String::new(),
            name: String::new(),
            version: None,
            login: AzureLogin::Managed { client: None },
            authority: None,
        };
        let google = GoogleSource { secret: String::new(), key: None, endpoint: None };
        for (source, name) in [
            (PasswordSource::Azure(azure), "Azure Key Vault"),
            (PasswordSource::Google(google), "Google Secret Manager"),
        ] {
            let error = fetch(&source).await.unwrap_err().to_string();
            assert_eq!(error, format!("this program was built without support for {name}"));
        }
    }

    #[tokio::test]
    async fn a_given_password_is_taken_as_it_is_unless_it_is_empty() {
        let given = |text: &str| PasswordSource::Given(Password::new(text.to_owned()));
        assert_eq!(fetch(&given(" two words ")).await.unwrap().expose(), " two words ");
        assert!(matches!(fetch(&given("")).await, Err(UnlockError::Empty)));
        assert_eq!(format!("{:?}", given("hunter2")), "Given(Password)");
    }
}
