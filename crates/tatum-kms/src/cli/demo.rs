//! Wallets, sandbox, four-eye endpoint and daemon in one go.

use std::{fmt::Write as _, time::Instant};

use kms_core::{AddressIndex, Chain, Network, SignatureId};
use kms_keys::{Account, SigningKey};
use kms_keystore::WalletRecord;
use kms_sandbox::{Running, Sandbox, State, TransactionState, Wallet, samples};
use kms_secret::Password;
use url::Url;

use super::output;
use crate::{
    command_error::CommandError,
    config::{ApiSettings, DaemonConfig, find_chain},
    daemon::start::{StartFlags, StorePlace},
    new_wallet::NewWallet,
    wire,
};

/// The network of the demo: mainnet, where nothing is signed without the four-eye endpoint's
/// approval.
const NETWORK: Network = Network::Mainnet;

/// A wallet of the demo and what it was offered.
struct Shown {
    chain: &'static dyn Chain,
    wallet: SignatureId,
    address: String,
    milliseconds: u128,
}

pub(super) async fn run(chains: Option<&str>) -> Result<(), CommandError> {
    let chains: Vec<_> = match chains {
        Some(codes) => codes.split(',').map(find_chain).collect::<Result<_, _>>()?,
        None => kms_chains::CHAINS.to_vec(),
    };
    let directory = TemporaryDirectory::make()?;
    let sandbox = Sandbox::start(None).await.map_err(|error| failed(&error))?;
    output::note(&format!(
        "sandbox on http://{}, store in {}",
        sandbox.address(),
        directory.0.display()
    ));
    let outcome = show_all(&chains, &directory, &sandbox).await;
    let states = sandbox.states();
    sandbox.shutdown().await;
    let (table, all_verified) = table(&outcome?, &states);
    output::raw(&table)?;
    if all_verified {
        Ok(())
    } else {
        Err(CommandError::Refused(String::from("not every transaction was verified")))
    }
}

async fn show_all(
    chains: &[&'static dyn Chain],
    directory: &TemporaryDirectory,
    sandbox: &Running,
) -> Result<Vec<Shown>, CommandError> {
    let base =
        Url::parse(&format!("http://{}", sandbox.address())).map_err(|error| failed(&error))?;
    let mut shown = Vec::new();
    for (place, chain) in chains.iter().enumerate() {
        let code = chain.spec().id;
        output::note(&format!("{code}: {} of {}", place.saturating_add(1), chains.len()));
        shown.push(show_one(*chain, directory, sandbox, &base).await?);
    }
    Ok(shown)
}

/// A fresh store and daemon a chain, so that each time shown is that chain's own.
async fn show_one(
    chain: &'static dyn Chain,
    directory: &TemporaryDirectory,
    sandbox: &Running,
    base: &Url,
) -> Result<Shown, CommandError> {
    let code = chain.spec().id.as_str();
    let store_path = directory.0.join(code).join("wallet.dat");
    let password = Password::new(format!("demo of {code}"));
    let file = wire::short_lived_file(store_path.clone());
    let (mut store, _) = file.open_for_writing(&password)?;
    let wallet = wire::new_signature_id()?;
    let made = NewWallet::generate(chain, NETWORK)?;
    let (key, index) = first_key(chain, &made)?;
    let address = chain.address(NETWORK, key.public_key());
    let address = address.map_err(|error| failed(&error))?.as_str().to_owned();
    store.add(&[WalletRecord::new(wallet.clone(), made.fields, code, NETWORK)])?;
    let offered = Wallet { id: &wallet, index, public_key: key.public_key() };
    for sample in samples(chain, NETWORK, offered).map_err(|error| failed(&error))? {
        sandbox.offer(sample).map_err(|error| failed(&error))?;
    }
    let setup = wire::setup(ApiSettings::of_sandbox(base), DaemonConfig::for_sandbox(base)?)?;
    let place = StorePlace { file: &file, path: &store_path, password: &password };
    let daemon = wire::daemon(store, place, NETWORK, setup, StartFlags::default()).await?;
    let start = Instant::now();
    daemon.run().await?;
    Ok(Shown { chain, wallet, address, milliseconds: start.elapsed().as_millis() })
}

/// The key at index 0 of a phrase, or the single key.
fn first_key(
    chain: &dyn Chain,
    made: &NewWallet,
) -> Result<(SigningKey, Option<AddressIndex>), CommandError> {
    let spec = &chain.spec().key;
    let field = |name| made.fields.iter().find(|(own, _)| *own == name).map(|(_, text)| text);
    if let Some(phrase) = field("mnemonic") {
        let key = Account::derive(spec, NETWORK, &phrase.to_mnemonic())?.at(AddressIndex::ZERO)?;
        return Ok((key, Some(AddressIndex::ZERO)));
    }
    let text = field("secret").or_else(|| field("privateKey"));
    let text = text.ok_or_else(|| failed(&"the generated wallet has no key"))?;
    Ok((SigningKey::parse(spec, NETWORK, text)?, None))
}

fn failed(error: &dyn ToString) -> CommandError {
    CommandError::Sandbox(error.to_string())
}

fn table(shown: &[Shown], states: &[TransactionState]) -> (String, bool) {
    let mut table = format!(
        "{:5} {:36} {:46} {:28} {:>8} {:>8}\n",
        "chain", "wallet", "address", "transaction", "verified", "ms"
    );
    let mut all_verified = !shown.is_empty();
    for one in shown {
        let code = one.chain.spec().id;
        let own: Vec<_> = states.iter().filter(|state| state.chain == code).collect();
        all_verified &= !own.is_empty();
        for state in own {
            let verified = match &state.state {
                State::Verified => String::from("yes"),
                State::Rejected(reason) | State::Failed(reason) => reason.clone(),
                State::Pending | State::Broadcast => String::from("not signed"),
            };
            all_verified &= state.state == State::Verified;
            let transaction = state.txid.as_deref().unwrap_or("-");
            let _ = writeln!(
                table,
                "{code:5} {:36} {:46} {:28} {verified:>8} {:>8}",
                one.wallet,
                shorten(&one.address, 46),
                shorten(transaction, 28),
                one.milliseconds,
            );
        }
    }
    (table, all_verified)
}

/// The first and last letters of a text that is too wide.
fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let half = width.saturating_sub(1) / 2;
    let head: String = text.chars().take(half).collect();
    let skipped = text.chars().count().saturating_sub(half);
    let tail: String = text.chars().skip(skipped).collect();
    format!("{head}…{tail}")
}

/// Removed with everything in it when the demo ends.
struct TemporaryDirectory(std::path::PathBuf);

impl TemporaryDirectory {
    fn make() -> Result<Self, CommandError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let path =
            std::env::temp_dir().join(format!("tatum-kms-demo-{}", wire::new_signature_id()?));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
