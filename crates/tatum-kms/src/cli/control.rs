use kms_cli::{ResumeArgs, ScopeFlags};
use kms_core::Scope;
use serde_json::{Value, json};

use super::{output, pending::time};
use crate::{
    command_error::CommandError,
    config::{Settings, find_chain},
    wire,
};

fn scope_of(flags: &ScopeFlags) -> Result<Scope, CommandError> {
    let ScopeFlags { chain, wallet, to } = flags;
    Ok(match (chain, wallet, to) {
        (Some(chain), _, _) => Scope::Chain(find_chain(chain)?.spec().id.to_string()),
        (_, Some(wallet), _) => Scope::Wallet(wallet.trim().to_owned()),
        (_, _, Some(address)) => Scope::Receiver(address.trim().to_owned()),
        _ => Scope::Everything,
    })
}

pub(super) async fn pause(settings: &Settings, flags: &ScopeFlags) -> Result<(), CommandError> {
    check_stops_something(settings)?;
    let journal = wire::open_or_create_ledger(settings)?;
    journal.pause(scope_of(flags)?).await?;
    Ok(output::json(&json!({ "paused": describe(&journal.pauses().await?) }))?)
}

/// An emergency stop that stops nothing must not say that it did.
fn check_stops_something(settings: &Settings) -> Result<(), CommandError> {
    let store = &settings.store;
    let refuse = |why: String| Err(CommandError::Refused(format!("nothing was paused: {why}")));
    if !store.exists() {
        return refuse(format!("there is no wallet store {}; see --path", store.display()));
    }
    if wire::has_lost_journal(settings) {
        return refuse(format!(
            "the store's journal {} is missing, but a daemon may still be using it; stop the \
             daemon itself",
            wire::journal_path(store).display()
        ));
    }
    Ok(())
}

pub(super) async fn resume(settings: &Settings, args: &ResumeArgs) -> Result<(), CommandError> {
    let journal = wire::open_or_create_ledger(settings)?;
    if args.all {
        for (scope, _) in journal.pauses().await? {
            journal.resume(scope).await?;
        }
    } else {
        let scope = scope_of(&args.scope)?;
        let scope_text = scope.to_string();
        if !journal.resume(scope).await? {
            return Err(CommandError::Refused(format!("{scope_text} is not paused")));
        }
    }
    Ok(output::json(&json!({ "paused": describe(&journal.pauses().await?) }))?)
}

/// The pauses, as JSON.
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
