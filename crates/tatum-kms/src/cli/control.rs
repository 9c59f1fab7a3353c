use std::path::Path;

use clap::Args;
use kms_core::Scope;
use serde_json::{Value, json};

use super::{output, pending::time};
use crate::{
    command_error::CommandError,
    config::{Settings, find_chain},
    wire,
};

pub(super) const PAUSE_EXAMPLES: &str = "\
Examples:
  tatum-kms pause
  tatum-kms pause --chain ETH
  tatum-kms pause --wallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c
  tatum-kms pause --to 0x687422eEA2cB73B5d3e242bA5456b782919AFc85

Works at once in every daemon on this store, and until it is resumed. What was sent stays sent.
Prints what is paused.";

pub(super) const RESUME_EXAMPLES: &str = "\
Examples:
  tatum-kms resume
  tatum-kms resume --chain ETH
  tatum-kms resume --all

Without a flag, ends the pause of everything; the narrower ones stay. Prints what is still paused.";

/// What to pause or resume; everything if none is given.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(super) struct ScopeFlags {
    /// Only this chain
    #[arg(long)]
    chain: Option<String>,
    /// Only transactions that name this wallet
    #[arg(long, value_name = "ID")]
    wallet: Option<String>,
    /// Only payments to this address
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
}

impl ScopeFlags {
    fn scope(&self) -> Result<Scope, CommandError> {
        let Self { chain, wallet, to } = self;
        Ok(match (chain, wallet, to) {
            (Some(chain), _, _) => Scope::Chain(find_chain(chain)?.spec().id.to_string()),
            (_, Some(wallet), _) => Scope::Wallet(wallet.trim().to_owned()),
            (_, _, Some(address)) => Scope::Receiver(address.trim().to_owned()),
            _ => Scope::Everything,
        })
    }
}

pub(super) async fn pause(settings: &Settings, flags: &ScopeFlags) -> Result<(), CommandError> {
    check_stops_something(&settings.store)?;
    let journal = wire::journal(&settings.store)?;
    journal.pause(flags.scope()?).await?;
    Ok(output::json(&json!({ "paused": describe(&journal.pauses().await?) }))?)
}

/// An emergency stop that stops nothing must not say that it did.
fn check_stops_something(store: &Path) -> Result<(), CommandError> {
    let refuse = |why: String| Err(CommandError::Refused(format!("nothing is paused: {why}")));
    if !store.exists() {
        return refuse(format!("there is no wallet store {}; see --path", store.display()));
    }
    let journal = wire::journal_path(store);
    if !journal.exists() && wire::has_sealed_journal(store) {
        return refuse(format!(
            "the store's journal {} is gone, and a daemon may run on it nevertheless; stop the \
             daemon itself",
            journal.display()
        ));
    }
    Ok(())
}

pub(super) async fn resume(
    settings: &Settings,
    flags: &ScopeFlags,
    all: bool,
) -> Result<(), CommandError> {
    let journal = wire::journal(&settings.store)?;
    if all {
        for (scope, _) in journal.pauses().await? {
            journal.resume(scope).await?;
        }
    } else {
        let scope = flags.scope()?;
        let told = scope.to_string();
        if !journal.resume(scope).await? {
            return Err(CommandError::Refused(format!("{told} is not paused")));
        }
    }
    Ok(output::json(&json!({ "paused": describe(&journal.pauses().await?) }))?)
}

/// What is paused, as JSON.
pub(super) fn describe(pauses: &[(Scope, u64)]) -> Value {
    let one = |(scope, since): &(Scope, u64)| {
        let (kind, what) = match scope {
            Scope::Everything => ("everything", None),
            Scope::Chain(chain) => ("chain", Some(chain)),
            Scope::Wallet(wallet) => ("wallet", Some(wallet)),
            Scope::Receiver(address) => ("to", Some(address)),
        };
        json!({ "scope": kind, "what": what, "since": time(*since) })
    };
    Value::Array(pauses.iter().map(one).collect())
}
