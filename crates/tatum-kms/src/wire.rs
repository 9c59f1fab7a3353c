//! The only place that names all the parts: opens stores and journals, builds the daemon. Nothing
//! else in the program knows by which database they are kept.

mod open;

use std::path::Path;

use kms_api::{
    Api, ApiConfig, ApproverKey, FourEyesConfig, FourEyesEndpoint, FourEyesKey, FourEyesMethod,
    HttpOptions, SetupError, Timeouts, reach,
};
use kms_core::{FourEyes, Gate, Network, SignatureId};
use kms_keystore::Unlocked;
use kms_unlock::read_secret_file;

pub(crate) use self::open::{
    JournalOpenError, JournalSeals, Kept, WalletFile, has_lost_journal, journal_path,
    ledger_in_memory, make_file, open_existing, open_existing_with_password, open_file,
    open_for_wallet, open_ledger, open_ledger_at, open_or_create, open_or_create_ledger, password,
    put_ledger_aside, require_file, require_lasting_journal, require_lasting_store, require_store,
    short_lived_file, tell_converted, wallet_file,
};
use crate::{
    cli::output,
    command_error::CommandError,
    config::{ApiSettings, ConfigError, DaemonConfig, FourEyesSettings, read_file},
    daemon::{
        Daemon, Setup,
        start::{OpenedJournal, StartFlags, StorePlace, open_journal},
    },
};

/// Names the wallets of the other network that hold the secret that was just stored. If they cannot
/// be searched, it stays stored.
pub(crate) fn tell_twins(store: &Unlocked, stored: &[SignatureId], network: Network) {
    match store.twins_of(stored, network) {
        Err(error) => output::note(&format!(
            "could not check for a wallet with the same phrase or key: {error}"
        )),
        Ok(twins) => {
            for (stored, other) in twins {
                output::note(&format!(
                    "{stored}: wallet {other} of the other network has the same phrase or key; \
                     testnet signatures may be valid on mainnet, so that testnet needs a four-eye \
                     endpoint too"
                ));
            }
        }
    }
}

pub(crate) fn signature_id(id: &str) -> Result<SignatureId, CommandError> {
    SignatureId::parse(id).map_err(|_| CommandError::NoSuchWallet(id.to_owned()))
}

pub(crate) fn new_signature_id() -> Result<SignatureId, CommandError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| CommandError::Randomness(error.to_string()))?;
    signature_id(&uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// A clock that is set before 1970 shows 1970.
pub(crate) fn milliseconds_since_1970() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Builds the daemon on an open store and its journal.
pub(crate) async fn daemon(
    store: Unlocked,
    place: StorePlace<'_>,
    network: Network,
    setup: Setup,
    flags: StartFlags,
) -> Result<Daemon, CommandError> {
    let journal = match setup.config.shadow {
        Some(_) => OpenedJournal::of_nobody()?,
        None => open_journal(&store, place, flags, setup.config.dry_run).await?,
    };
    Ok(Daemon { store, journal, network, setup, reload: None })
}

/// The daemon's connections, as configured.
pub(crate) fn setup(
    settings: ApiSettings,
    mut config: DaemonConfig,
) -> Result<Setup, CommandError> {
    // A shadow asks no approver, and gets no permit.
    let approver_settings = config.four_eyes.take().filter(|_| config.shadow.is_none());
    let four_eyes = match approver_settings {
        None => FourEyes::WaivedOnTestnet,
        Some(settings) => FourEyes::Required(Box::new(approver(settings)?)),
    };
    let fees = std::mem::take(&mut config.fees);
    Ok(Setup { api: api(settings)?, gate: Gate::new(vec![Box::new(fees)], four_eyes), config })
}

fn approver(mut settings: FourEyesSettings) -> Result<FourEyesEndpoint, CommandError> {
    let (method, http) = (approver_method(&settings)?, approver_http(&mut settings)?);
    Ok(endpoint(settings, method, http)?)
}

fn endpoint(
    settings: FourEyesSettings,
    method: FourEyesMethod,
    http: HttpOptions,
) -> Result<FourEyesEndpoint, SetupError> {
    let FourEyesSettings { url, has_to_tell_apart, .. } = settings;
    let version = env!("CARGO_PKG_VERSION");
    FourEyesEndpoint::new(FourEyesConfig {
        url,
        method,
        version,
        http,
        has_to_tell_apart,
        timeout: None,
    })
}

/// Asks the approver of a daemon that starts for an id that was made up.
///
/// # Errors
/// When it approves. If the endpoint is unavailable, it is probed before its first transaction.
pub(crate) async fn check_approver(settings: FourEyesSettings) -> Result<(), CommandError> {
    if settings.may_say_yes_to_all {
        output::note(
            "WARNING: --four-eyes-yes-to-all: the four-eye endpoint is not tested with an invented \
             transaction; if it approves everything, everything that the API requests is signed. \
             Use this in test set-ups only",
        );
    }
    if !settings.has_to_tell_apart {
        return Ok(());
    }
    match approver(settings)?.allows_what_does_not_exist().await {
        Ok(false) => Ok(()),
        Ok(true) => Err(ConfigError::YesToAll.into()),
        Err(error) => {
            output::note(&format!("{error}; nothing is signed until it denies an invented id"));
            Ok(())
        }
    }
}

/// The approver's answer to a probe.
#[derive(Debug)]
pub(crate) struct ApproverLook {
    /// To nobody's question.
    pub(crate) status: u16,
    pub(crate) allows_what_does_not_exist: bool,
}

/// Looks whether the approver can be reached with all that is configured for it, and whether it
/// tells payments apart.
pub(crate) async fn look_at_approver(
    mut settings: FourEyesSettings,
) -> Result<ApproverLook, CommandError> {
    let method = approver_method(&settings)?;
    let http = approver_http(&mut settings)?;
    let answer = reach(settings.url.as_url().clone(), &http).await;
    let status = answer.map_err(|error| CommandError::Refused(error.to_string()))?;
    let probed = endpoint(settings, method, http)?.allows_what_does_not_exist().await;
    // An endpoint that is out of order cannot approve everything, and its status says so.
    let allows_what_does_not_exist = probed.unwrap_or(false);
    Ok(ApproverLook { status, allows_what_does_not_exist })
}

fn approver_method(settings: &FourEyesSettings) -> Result<FourEyesMethod, CommandError> {
    Ok(match (&settings.key, settings.posts) {
        (Some(own), _) => {
            let own = FourEyesKey::parse(&read_secret_file(own)?)?;
            let approver = settings.approver_keys.iter().map(|path| approver_key(path));
            FourEyesMethod::Signed { own, approver: approver.collect::<Result<_, _>>()? }
        }
        (None, true) => FourEyesMethod::Post,
        (None, false) => FourEyesMethod::Get,
    })
}

/// The way to the approver, with the certificates by which the two know each other.
fn approver_http(settings: &mut FourEyesSettings) -> Result<HttpOptions, CommandError> {
    let mut http = std::mem::take(&mut settings.http);
    if let Some(path) = &settings.ca {
        http.ca_pem = Some(read_file(path)?);
    }
    http.identity_pem = settings.identity.as_deref().map(read_secret_file).transpose()?;
    Ok(http)
}

/// A public key is not a secret, but a file that others can write may be made to name their key.
fn approver_key(path: &Path) -> Result<ApproverKey, CommandError> {
    Ok(ApproverKey::parse(&read_secret_file(path)?)?)
}

/// The client of the remote API.
pub(crate) fn api(mut settings: ApiSettings) -> Result<Api, CommandError> {
    Ok(Api::new(ApiConfig {
        api_key: settings.take_key(),
        base_url: settings.url,
        testnet_type: settings.testnet_type,
        version: env!("CARGO_PKG_VERSION"),
        chains: kms_chains::CHAINS.to_vec(),
        direct_urls: settings.direct_urls,
        timeouts: Timeouts::default(),
        http: settings.http,
    })?)
}
