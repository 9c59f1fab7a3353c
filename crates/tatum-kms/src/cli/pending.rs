use std::sync::Arc;

use jiff::Timestamp;
use kms_cli::{PendingAction, PendingListFlags};
use kms_core::{Desk, Event, Filter, Gap, Ledger, Standing, State, TransactionId};
use serde_json::{Value, json};

use super::{control, output};
use crate::{
    command_error::CommandError,
    config::{Settings, find_chain},
    wire,
};

pub(super) async fn run(
    settings: &mut Settings,
    action: PendingAction,
) -> Result<(), CommandError> {
    match action {
        PendingAction::List(flags) => list(settings, &flags).await,
        PendingAction::Show { id, json } => show(settings, &id, json).await,
        PendingAction::Retry { id, sign_again } => {
            let (journal, id) = (journal(settings)?, read_id(&id)?);
            journal.retry(&id, sign_again).await?;
            tell(journal.as_ref(), &id).await
        }
        PendingAction::Skip { id } => {
            let (journal, id) = (journal(settings)?, read_id(&id)?);
            journal.skip(&id).await?;
            tell(journal.as_ref(), &id).await
        }
        PendingAction::Cancel { id, revert } => cancel(settings, &id, revert).await,
    }
}

/// Left alone first, so that no daemon signs what the API is asked to delete.
async fn cancel(settings: &mut Settings, id: &str, revert: bool) -> Result<(), CommandError> {
    let id = read_id(id)?;
    let api = wire::api(settings.api()?)?;
    let journal = journal(settings)?;
    journal.cancel(&id).await?;
    if let Err(error) = api.delete(&id, revert).await {
        let advice = "it is ignored here; run `pending cancel` to try the API again";
        return Err(CommandError::Refused(format!(
            "the API did not delete {id}: {error}; {advice}"
        )));
    }
    journal.note_event(id.as_str(), "deleted from the API", None).await?;
    tell(journal.as_ref(), &id).await
}

fn journal(settings: &Settings) -> Result<Arc<dyn Ledger>, CommandError> {
    if wire::journal_path(&settings.store).exists() {
        return wire::open_ledger(&settings.store);
    }
    let why = if wire::has_lost_journal(settings) {
        "the store's journal is missing; docs/daemon.md says what to do"
    } else {
        "no daemon has run on this store yet, or its journal was removed"
    };
    let store = settings.store.display();
    Err(CommandError::Refused(format!("there is no journal beside {store}: {why}")))
}

fn read_id(id: &str) -> Result<TransactionId, CommandError> {
    TransactionId::parse(id).map_err(|error| CommandError::Refused(format!("`{id}`: {error}")))
}

async fn list(settings: &Settings, flags: &PendingListFlags) -> Result<(), CommandError> {
    let chain = flags.chain.as_deref().map(find_chain).transpose()?;
    let states = flags.state.iter().map(|state| read_state(state)).collect::<Result<_, _>>()?;
    let filter = Filter {
        id: None,
        chain: chain.map(|chain| chain.spec().id.to_string()),
        states,
        most: Some(flags.limit),
    };
    let journal = journal(settings)?;
    let standings = journal.standings(filter).await?;
    let (gaps, pauses) = (journal.gaps().await?, journal.pauses().await?);
    if flags.json {
        return Ok(output::json(&json!({
            "transactions": standings.iter().map(describe).collect::<Vec<_>>(),
            "gaps": gaps.iter().map(describe_gap).collect::<Vec<_>>(),
            "paused": control::describe(&pauses),
        }))?);
    }
    output::raw(&table(&standings))?;
    for gap in gaps {
        let Gap { account, first_missing: first, last_missing: last, blocked: waiting } = gap;
        let numbers = if first == last { first.to_string() } else { format!("{first} to {last}") };
        output::note(&format!(
            "{account}: no transaction here uses nonce {numbers}, which {waiting} is waiting for"
        ));
    }
    for (scope, since) in pauses {
        output::note(&format!("paused since {}: {scope}", time(since)));
    }
    Ok(())
}

fn read_state(text: &str) -> Result<State, CommandError> {
    State::parse(text.trim()).ok_or_else(|| {
        let states: Vec<_> = State::all().map(State::as_str).collect();
        let known = states.join(" ");
        CommandError::Refused(format!("`{text}` is not a state; the states are {known}"))
    })
}

async fn show(settings: &Settings, id: &str, as_json: bool) -> Result<(), CommandError> {
    let (journal, id) = (journal(settings)?, read_id(id)?);
    let unknown = || CommandError::Refused(format!("the journal knows no transaction {id}"));
    let standing = standing(journal.as_ref(), &id).await?.ok_or_else(unknown)?;
    let events = journal.events(id.as_str()).await?;
    if as_json {
        let mut told = describe(&standing);
        if let Some(told) = told.as_object_mut() {
            let events: Vec<_> = events.iter().map(describe_event).collect();
            told.insert(String::from("history"), json!(events));
        }
        return Ok(output::json(&told)?);
    }
    let mut text = String::new();
    let lines = [
        ("id", Some(standing.id.clone())),
        ("chain", Some(format!("{} {}", standing.chain, standing.network))),
        ("state", Some(shown(&standing))),
        ("reason", standing.reason().map(str::to_owned)),
        ("does", standing.effects.clone()),
        ("txId", standing.txid.clone()),
        ("tries", (standing.tries > 0).then(|| standing.tries.to_string())),
        ("attempt", (standing.attempt > 1).then(|| standing.attempt.to_string())),
        (
            "owed",
            standing.owed.map(|owed| format!("still to be reported to the API: {}", owed.as_str())),
        ),
    ];
    for (name, value) in lines {
        value.iter().for_each(|value| text.push_str(&format!("{name:8} {value}\n")));
    }
    for Event { at, what, detail } in events {
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        text.push_str(&format!("{}  {what}{detail}\n", time(at)));
    }
    Ok(output::raw(&text)?)
}

async fn standing(
    journal: &dyn Desk,
    id: &TransactionId,
) -> Result<Option<Standing>, CommandError> {
    let filter = Filter { id: Some(id.to_string()), ..Filter::default() };
    Ok(journal.standings(filter).await?.pop())
}

/// Prints a transaction's state after an operator's command.
async fn tell(journal: &dyn Desk, id: &TransactionId) -> Result<(), CommandError> {
    match standing(journal, id).await? {
        Some(standing) => Ok(output::json(&describe(&standing))?),
        None => Ok(output::json(&json!({ "id": id.as_str(), "state": "to be tried" }))?),
    }
}

/// The word that says most, and after a comma what happens next.
fn shown(standing: &Standing) -> String {
    match standing.next() {
        Some(next) => format!("{}, {next}", standing.shown()),
        None => standing.shown().to_string(),
    }
}

fn describe(standing: &Standing) -> Value {
    json!({
        "id": standing.id,
        "chain": standing.chain,
        "network": standing.network,
        "state": standing.shown().as_str(),
        "next": standing.next().map(|next| next.as_str()),
        "txId": standing.txid,
        "reason": standing.reason(),
        "effects": standing.effects,
        "tries": standing.tries,
        "attempt": standing.attempt,
        "owed": standing.owed.map(|owed| owed.as_str()),
        "since": time(standing.since),
        "updated": time(standing.updated),
    })
}

fn describe_gap(gap: &Gap) -> Value {
    let Gap { account, first_missing: first, last_missing: last, blocked: waiting } = gap;
    json!({ "account": account, "first": first, "last": last, "waiting": waiting })
}

fn describe_event(event: &Event) -> Value {
    json!({ "at": time(event.at), "event": event.what, "detail": event.detail })
}

/// In UTC, to the second.
pub(super) fn time(milliseconds: u64) -> String {
    let milliseconds = i64::try_from(milliseconds).ok().filter(|time| *time > 0);
    let time = milliseconds.and_then(|time| Timestamp::from_millisecond(time).ok());
    time.map_or_else(|| String::from("-"), |time| format!("{time:.0}"))
}

/// Characters of a reason that a table shows.
const REASON_WIDTH: usize = 60;

fn table(standings: &[Standing]) -> String {
    let mut table =
        format!("{:24} {:5} {:16} {:20} {}\n", "id", "chain", "state", "updated", "txId or reason");
    for standing in standings {
        let detail = standing.reason().or(standing.txid.as_deref()).unwrap_or_default();
        let detail: String = detail.chars().take(REASON_WIDTH).collect();
        let (state, updated) = (shown(standing), time(standing.updated));
        let Standing { id, chain, .. } = standing;
        table.push_str(&format!("{id:24} {chain:5} {state:16} {updated:20} {detail}\n"));
    }
    table
}
