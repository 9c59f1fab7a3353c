use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use kms_api::{ApproverUrl, HttpOptions, SetupError};
use kms_cli::{DaemonFlags, EnvVar, Flags, FourEyesFlags, SourceName, env_vars};
use kms_core::{Chain, ChainOptions, ChainSpec, FeeCeilings, Network, SignatureId, TransactionId};
use kms_files::{NotText, told};
use kms_secret::{ApiKey, SecretText};
use kms_unlock::PasswordSource;
use thiserror::Error;
use url::Url;

use super::{
    environment::{Environment, EnvironmentError},
    fees, limits,
    of_chains::ChainSettings,
};

const DEFAULT_API_URL: &str = "https://api.tatum.io";
/// Bytes that are read of a file of certificates, at most.
const FILE_MAX: u64 = 1 << 20;
const PERIOD_LEAST: Duration = Duration::from_secs(1);
const PERIOD_MOST: Duration = Duration::from_hours(24);

#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("{}", .0)]
    Environment(#[from] EnvironmentError),
    #[error("{0} is not set; set it in the environment or in a .env file")]
    Missing(&'static str),
    #[error(
        "{0} is set in a .env file, which the vendor's SDK does not read; set it in the environment"
    )]
    OnlyInFile(&'static str),
    #[error("{name}: `{value}` {problem}")]
    Invalid { name: String, value: String, problem: String },
    #[error("{}: {}", path.display(), told(source))]
    File { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    NotText { path: PathBuf, source: NotText },
    #[error("{}", .0)]
    Setup(#[from] SetupError),
    #[error("neither --path nor HOME is set; name the wallet store with --path")]
    NoHome,
    #[error("chain `{0}` is not supported; the chains are {1}")]
    UnknownChain(String, String),
    #[error(
        "--externalUrl is missing: on mainnet a four-eye endpoint must approve every transaction; \
         set one, or use --testnet"
    )]
    FourEyesMissing,
    #[error(
        "--externalUrl: the four-eye endpoint approves a transaction that does not exist, so it \
         would approve everything that the API requests. Check that the transaction's id is to be \
         appended to this URL, and that the approver answers there rather than a page that answers \
         every request; --four-eyes-yes-to-all starts the daemon anyway"
    )]
    YesToAll,
    #[error("the API key is not set; set TATUM_API_KEY in the environment or in a .env file")]
    ApiKeyMissing,
}

/// The flags and environment variables of every command, resolved.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) network: Network,
    pub(crate) store: PathBuf,
    /// True if files may be created where they disappear with the container.
    pub(crate) is_ephemeral: bool,
    /// The environment file, as named by the flag.
    pub(crate) env_file: Option<PathBuf>,
    api_key_flag: Option<ApiKey>,
    /// `None` for what is configured.
    pub(crate) source: Option<SourceName>,
}

/// The daemon's configuration beyond [`Settings`].
#[derive(Debug)]
pub(crate) struct DaemonConfig {
    pub(crate) period: Duration,
    /// `None` for all that have wallets.
    pub(crate) chains: Option<Vec<&'static dyn Chain>>,
    pub(crate) four_eyes: Option<FourEyesSettings>,
    pub(crate) once: Option<OnceFilter>,
    /// Say what would be done, and do nothing.
    pub(crate) dry_run: bool,
    /// Look on beside another daemon; nothing is done either.
    pub(crate) shadow: Option<ShadowConfig>,
    /// A transaction that failed so often waits for an operator; 0 for never.
    pub(crate) park_after: u32,
    /// Before each first signature the API is asked whether the id is paid already.
    pub(crate) ask_before_signing: bool,
    /// The credits that polling may cost in a day; `None` means no limit.
    pub(crate) credits_a_day: Option<u64>,
    /// The program to run when a signed payment came to nothing.
    pub(crate) hook: Option<PathBuf>,
    /// Moved into the gate that keeps them.
    pub(crate) fees: FeeCeilings,
    options: ChainOptions,
    of_chains: ChainSettings,
}

/// The configuration of a shadow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShadowConfig {
    /// A daemon of this configuration would ask a four-eye endpoint.
    pub(crate) has_approver: bool,
    /// The time after which it ends by itself.
    pub(crate) ends_after: Option<Duration>,
}

/// The remote API, and the nodes that are asked directly.
#[derive(Debug)]
pub(crate) struct ApiSettings {
    /// Moved into the client that uses it.
    key: Option<ApiKey>,
    pub(crate) url: Url,
    pub(crate) testnet_type: Option<String>,
    pub(crate) direct_urls: HashMap<String, Url>,
    pub(crate) http: HttpOptions,
}

impl ApiSettings {
    /// A sandbox is its own node of every chain.
    pub(crate) fn of_sandbox(base: &Url) -> Self {
        let codes = kms_chains::CHAINS.iter().map(|chain| chain.spec().id.to_string());
        Self {
            key: Some(ApiKey::new(String::from("sandbox"))),
            url: base.clone(),
            testnet_type: None,
            direct_urls: codes.map(|code| (code, base.clone())).collect(),
            http: HttpOptions { trusts_no_certificate: true, ..HttpOptions::default() },
        }
    }

    pub(crate) fn take_key(&mut self) -> ApiKey {
        self.key.take().unwrap_or_else(|| ApiKey::new(String::new()))
    }
}

#[derive(Debug)]
pub(crate) struct FourEyesSettings {
    pub(crate) url: ApproverUrl,
    pub(crate) posts: bool,
    /// On mainnet the endpoint has to say no to what does not exist, unless told otherwise.
    pub(crate) has_to_tell_apart: bool,
    /// True if an endpoint that approves everything is allowed.
    pub(crate) may_say_yes_to_all: bool,
    /// Signs questions.
    pub(crate) key: Option<PathBuf>,
    /// Answers must be signed with one of these, if there is a key.
    pub(crate) approver_keys: Vec<PathBuf>,
    pub(crate) identity: Option<PathBuf>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) http: HttpOptions,
}

/// The selection for `--runOnce`.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnceFilter {
    pub(crate) wallets: Option<Vec<SignatureId>>,
    pub(crate) transactions: Option<Vec<TransactionId>>,
}

impl Settings {
    pub(crate) fn resolve(
        flags: Flags,
        environment: Environment,
        home: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let store = match (flags.path, home) {
            (Some(path), _) => path,
            (None, Some(home)) => home.join(".tatumrc/wallet.dat"),
            (None, None) => return Err(ConfigError::NoHome),
        };
        let source = match (flags.aws, flags.vgs, flags.azure) {
            (true, _, _) => Some(SourceName::Aws),
            (_, true, _) => Some(SourceName::Vgs),
            (_, _, true) => Some(SourceName::Azure),
            _ => flags.password_source,
        };
        Ok(Self {
            environment,
            network: Network::from_testnet_flag(flags.testnet && !flags.no_testnet),
            store,
            is_ephemeral: flags.ephemeral,
            env_file: flags.env_file,
            api_key_flag: flags.api_key.filter(|key| !key.is_empty()).map(ApiKey::new),
            source,
        })
    }

    pub(crate) fn has_api_key(&self) -> bool {
        self.api_key_flag.is_some() || self.environment.get(env_vars::TATUM_API_KEY).is_some()
    }

    /// The settings for which a daemon would not start, each on its own.
    pub(crate) fn problems(&self) -> Vec<ConfigError> {
        let url = self.environment.get(env_vars::TATUM_API_URL);
        let looks = [
            url.map_or(Ok(()), |url| read_url(env_vars::TATUM_API_URL.name, url).map(drop)),
            self.direct_urls().map(drop),
            self.http().map(drop),
            self.fee_ceilings(&[]).map(drop),
            ChainSettings::read(&self.environment).map(drop),
            self.trusts_input_amounts().map(drop),
        ];
        looks.into_iter().filter_map(Result::err).collect()
    }

    fn api_key(&mut self) -> Result<ApiKey, ConfigError> {
        if let Some(key) = self.api_key_flag.take() {
            return Ok(key);
        }
        let key = self.environment.get(env_vars::TATUM_API_KEY);
        key.map(|key| ApiKey::new(key.to_owned())).ok_or(ConfigError::ApiKeyMissing)
    }

    /// The source of the store's new password; `None` if it is typed.
    pub(crate) fn new_password_source(&self) -> Option<PasswordSource> {
        let path = self.environment.get(env_vars::TATUM_KMS_NEW_PASSWORD_FILE)?;
        Some(PasswordSource::File(path.into()))
    }

    /// The source of the password for a file to import; `None` if it is typed.
    pub(crate) fn import_password_source(&self) -> Option<PasswordSource> {
        let path = self.environment.get(env_vars::TATUM_KMS_IMPORT_PASSWORD_FILE)?;
        Some(PasswordSource::File(path.into()))
    }

    pub(crate) fn daemon(&self, flags: &DaemonFlags) -> Result<DaemonConfig, ConfigError> {
        let four_eyes = self.four_eyes(&flags.four_eyes)?;
        if four_eyes.is_none() && !self.network.is_testnet() && !flags.shadow {
            return Err(ConfigError::FourEyesMissing);
        }
        let once = OnceFilter {
            wallets: ids(&flags.wallets, "--wallets", SignatureId::parse)?,
            transactions: ids(&flags.transaction_ids, "--transactionIds", TransactionId::parse)?,
        };
        // On mainnet nothing is signed without one.
        let has_approver = four_eyes.is_some() || !self.network.is_testnet();
        let ends_after = flags.shadow_for.map(|minutes| Duration::from_mins(minutes.into()));
        Ok(DaemonConfig {
            period: read_period(&flags.period)?,
            chains: flags.chain.as_deref().map(read_chains).transpose()?,
            four_eyes,
            once: flags.run_once.then_some(once),
            dry_run: flags.dry_run || flags.shadow,
            shadow: flags.shadow.then_some(ShadowConfig { has_approver, ends_after }),
            park_after: flags.park_after,
            ask_before_signing: flags.ask_before_signing,
            credits_a_day: flags.credits_a_day,
            hook: limits::hook(&flags.limits)?,
            fees: self.fee_ceilings(&flags.fee_most)?,
            options: ChainOptions {
                extra_chain_ids: Vec::new(),
                harmless_members: Vec::new(),
                allow_account_changes: flags.allow_account_changes,
                allow_rekeyed: flags.allow_rekeyed,
                skip_fee_checks: flags.skip_fee_checks,
                allow_burns: flags.allow_burns,
                limits: limits::limits(&flags.limits)?,
                trust_input_amounts: flags.trust_input_amounts || self.trusts_input_amounts()?,
            },
            of_chains: ChainSettings::read(&self.environment)?,
        })
    }

    fn trusts_input_amounts(&self) -> Result<bool, ConfigError> {
        let variable = env_vars::TATUM_KMS_TRUST_INPUT_AMOUNTS;
        match self.environment.get(variable) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(invalid(variable.name, other, "is neither true nor false")),
        }
    }

    pub(crate) fn api(&mut self) -> Result<ApiSettings, ConfigError> {
        let url = self.environment.get(env_vars::TATUM_API_URL).unwrap_or(DEFAULT_API_URL);
        Ok(ApiSettings {
            url: read_url(env_vars::TATUM_API_URL.name, url)?,
            testnet_type: self.environment.get(env_vars::TESTNET_TYPE).map(str::to_owned),
            direct_urls: self.direct_urls()?,
            http: self.http()?,
            key: Some(self.api_key()?),
        })
    }

    /// `None` where no endpoint is named.
    pub(crate) fn four_eyes(
        &self,
        flags: &FourEyesFlags,
    ) -> Result<Option<FourEyesSettings>, ConfigError> {
        let posts = read_method(&flags.external_url_method)?;
        let Some(url) = flags.external_url.as_deref().filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(FourEyesSettings {
            url: ApproverUrl::new(read_url("--externalUrl", url)?)?,
            posts,
            has_to_tell_apart: !self.network.is_testnet() && !flags.four_eyes_yes_to_all,
            may_say_yes_to_all: flags.four_eyes_yes_to_all,
            key: flags.four_eyes_key.clone(),
            approver_keys: flags.four_eyes_approver_key.clone(),
            identity: flags.four_eyes_identity.clone(),
            ca: flags.four_eyes_ca.clone(),
            http: self.http()?,
        }))
    }

    /// The way out: proxies and trusted certificates.
    pub(crate) fn http(&self) -> Result<HttpOptions, ConfigError> {
        // curl and most HTTP clients read both spellings.
        let either = |variable: EnvVar| {
            let lower = || self.environment.get_named(&variable.name.to_ascii_lowercase());
            self.environment.get(variable).or_else(lower).map(str::to_owned)
        };
        let ca_file = self.environment.get(env_vars::TATUM_KMS_CA_FILE).map(PathBuf::from);
        Ok(HttpOptions {
            https_proxy: either(env_vars::HTTPS_PROXY).map(SecretText::new),
            http_proxy: either(env_vars::HTTP_PROXY).map(SecretText::new),
            no_proxy: either(env_vars::NO_PROXY),
            ca_pem: ca_file.map(|path| read_file(&path)).transpose()?,
            identity_pem: None,
            trusts_no_certificate: false,
        })
    }

    fn direct_urls(&self) -> Result<HashMap<String, Url>, ConfigError> {
        let given = self.environment.with_prefix(env_vars::NODE_URL_PREFIX);
        let read = |(chain, url): (&str, &str)| {
            Ok((chain.to_owned(), read_url(&format!("{}{chain}", env_vars::NODE_URL_PREFIX), url)?))
        };
        given.map(read).collect()
    }

    /// Those of the chains, then the variable's, then the flag's.
    fn fee_ceilings(&self, flag: &[String]) -> Result<FeeCeilings, ConfigError> {
        let variable = env_vars::TATUM_KMS_FEE_MOST;
        let mut ceilings = FeeCeilings::of(chain_specs());
        let set = self.environment.get(variable).unwrap_or_default();
        fees::apply(&mut ceilings, variable.name, set.split(','))?;
        fees::apply(&mut ceilings, "--fee-most", flag.iter().map(String::as_str))?;
        Ok(ceilings)
    }
}

impl DaemonConfig {
    /// The configuration of a daemon that works against a sandbox: approval by its four-eye
    /// endpoint, one round.
    pub(crate) fn for_sandbox(base: &Url) -> Result<Self, ConfigError> {
        let four_eyes = base.join("/sandbox/four-eyes");
        let four_eyes = four_eyes.map_err(|_| ConfigError::FourEyesMissing)?;
        Ok(Self {
            period: PERIOD_LEAST,
            chains: None,
            four_eyes: Some(FourEyesSettings {
                url: ApproverUrl::new(four_eyes)?,
                posts: true,
                has_to_tell_apart: false,
                may_say_yes_to_all: true,
                key: None,
                approver_keys: Vec::new(),
                identity: None,
                ca: None,
                http: HttpOptions { trusts_no_certificate: true, ..HttpOptions::default() },
            }),
            once: Some(OnceFilter::default()),
            dry_run: false,
            shadow: None,
            park_after: 0,
            ask_before_signing: false,
            credits_a_day: None,
            hook: None,
            fees: FeeCeilings::of(chain_specs()),
            options: ChainOptions::default(),
            of_chains: ChainSettings::default(),
        })
    }

    pub(crate) const fn trusts_input_amounts(&self) -> bool {
        self.options.trust_input_amounts
    }

    pub(crate) fn options(&self, chain: &dyn Chain) -> ChainOptions {
        self.of_chains.apply(chain, self.options.clone())
    }
}

/// A file that the configuration names, of a size that such files have, in PEM: what stands around
/// its parts may be in any encoding that leaves ASCII as it is.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, ConfigError> {
    use std::io::Read as _;
    let failed = |source| ConfigError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
    match kms_files::text(&bytes) {
        Err(source @ NotText::Encoded(_)) => {
            Err(ConfigError::NotText { path: path.to_owned(), source })
        }
        _ => Ok(kms_files::without_mark(&bytes).to_vec()),
    }
}

fn chain_specs() -> impl Iterator<Item = &'static ChainSpec> {
    kms_chains::CHAINS.iter().map(|chain| chain.spec())
}

pub(super) fn invalid(name: &str, value: &str, problem: impl ToString) -> ConfigError {
    ConfigError::Invalid {
        name: name.to_owned(),
        value: value.to_owned(),
        problem: problem.to_string(),
    }
}

/// A URL may carry credentials, so the text itself is not repeated.
pub(super) fn read_url(name: &str, text: &str) -> Result<Url, ConfigError> {
    let bad = |problem: &str| invalid(name, "the value", problem);
    let url = Url::parse(text).map_err(|_| bad("is not a URL"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(bad("is not an http or https URL"))
    }
}

/// Returns true if the four-eye endpoint is posted to.
fn read_method(method: &str) -> Result<bool, ConfigError> {
    match method.to_ascii_uppercase().as_str() {
        "GET" => Ok(false),
        "POST" => Ok(true),
        _ => Err(invalid("--externalUrlMethod", method, "is neither GET nor POST")),
    }
}

pub(crate) fn read_period(text: &str) -> Result<Duration, ConfigError> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds {
        Some(period) if (PERIOD_LEAST..=PERIOD_MOST).contains(&period) => Ok(period),
        _ => Err(invalid("--period", text, "is not a number of seconds from 1 to 86400")),
    }
}

fn read_chains(text: &str) -> Result<Vec<&'static dyn Chain>, ConfigError> {
    text.split(',').map(find_chain).collect()
}

/// The chain of a code in any case.
pub(crate) fn find_chain(code: &str) -> Result<&'static dyn Chain, ConfigError> {
    kms_chains::find(&code.trim().to_ascii_uppercase()).ok_or_else(|| unknown_chain(code))
}

/// The code of a chain or token in its own spelling, and the chain whose wallets it names.
pub(crate) fn find_wallet_chain(code: &str) -> Result<(String, &'static dyn Chain), ConfigError> {
    let code = code.trim().to_ascii_uppercase();
    let chain = kms_chains::find_wallet_code(&code).ok_or_else(|| unknown_chain(&code))?;
    let spec = chain.spec();
    Ok((if spec.goes_by(&code) { spec.id.to_string() } else { code }, chain))
}

fn unknown_chain(code: &str) -> ConfigError {
    let codes: Vec<_> = kms_chains::CHAINS.iter().map(|chain| chain.spec().id.as_str()).collect();
    ConfigError::UnknownChain(code.to_owned(), codes.join(" "))
}

/// Reads ids, separated by commas. One that cannot be used is named, with what a terminal would not
/// show.
fn ids<T, E: ToString>(
    list: &Option<String>,
    name: &str,
    parse: fn(&str) -> Result<T, E>,
) -> Result<Option<Vec<T>>, ConfigError> {
    let read =
        |id: &str| parse(id).map_err(|error| invalid(name, &id.escape_debug().to_string(), error));
    let list = list.as_deref();
    list.map(|list| list.split(',').map(str::trim).map(read).collect()).transpose()
}
