use kms_cli::{ResumeArgs, ScopeFlags};
use kms_core::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{output, pending::time};
use crate::{
    command_error::CommandError,
    config::{Settings, find_chain},
    wire,
};

/// The scopes that the flags name. One address can be that of several accounts.
fn scopes_of(flags: &ScopeFlags) -> Result<Vec<Scope>, CommandError> {
    let ScopeFlags { chain, wallet, to } = flags;
    Ok(match (chain, wallet, to) {
        (Some(chain), _, _) => vec![Scope::Chain(find_chain(chain)?.spec().id.to_string())],
        (_, Some(wallet), _) => vec![Scope::Wallet(read_wallet(wallet)?)],
        (_, _, Some(address)) => read_accounts(address)?,
        _ => vec![Scope::Everything],
    })
}

/// Ids are compared as texts, and all that were ever made are UUIDs in lower case.
fn read_wallet(text: &str) -> Result<String, CommandError> {
    let id = Uuid::try_parse(text.trim());
    let id = id.map_err(|_| CommandError::NoSignatureId(text.to_owned()))?;
    Ok(id.to_string())
}

fn read_accounts(text: &str) -> Result<Vec<Scope>, CommandError> {
    let accounts = kms_chains::accounts(text.trim());
    if accounts.is_empty() {
        return Err(CommandError::NoAddress(text.to_owned()));
    }
    Ok(accounts.iter().map(|account| Scope::Receiver(account.to_string())).collect())
}

pub(super) async fn pause(settings: &Settings, flags: &ScopeFlags) -> Result<(), CommandError> {
    let scopes = scopes_of(flags)?;
    check_stops_something(settings)?;
    let journal = wire::open_or_create_ledger(settings)?;
    for scope in scopes {
        journal.pause(scope).await?;
    }
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
    let scopes = if args.all { None } else { Some(scopes_to_end(&args.scope)?) };
    let journal = wire::open_or_create_ledger(settings)?;
    let paused = journal.pauses().await?.into_iter().map(|(scope, _)| scope);
    let ended: Vec<_> = match &scopes {
        None => paused.collect(),
        Some(scopes) => paused.filter(|scope| scopes.contains(scope)).collect(),
    };
    if let (true, Some(scope)) = (ended.is_empty(), scopes.as_ref().and_then(|all| all.first())) {
        return Err(CommandError::Refused(format!("{scope} is not paused")));
    }
    for scope in ended {
        journal.resume(scope).await?;
    }
    Ok(output::json(&json!({ "paused": describe(&journal.pauses().await?) }))?)
}

/// The scopes that the flags name, and those that an earlier version made of the same texts.
fn scopes_to_end(flags: &ScopeFlags) -> Result<Vec<Scope>, CommandError> {
    let wallet = flags.wallet.as_deref().map(|text| Scope::Wallet(text.trim().to_owned()));
    let address = flags.to.as_deref().map(|text| Scope::Receiver(text.trim().to_owned()));
    let Some(former) = wallet.or(address) else { return scopes_of(flags) };
    let mut scopes = scopes_of(flags).unwrap_or_default();
    scopes.push(former);
    Ok(scopes)
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
