use std::{collections::HashMap, time::Duration};

use kms_api::credits_of_poll;
use kms_cli::ReportArgs;
use kms_core::Network;
use kms_keystore::{WalletKind, WalletSummary};
use serde_json::{Map, Value, json};

use super::output;
use crate::{
    command_error::CommandError,
    config::{Settings, read_period, store_type},
    daemon::budget::credits_a_day,
    wire,
};

pub(super) async fn run(settings: &Settings, args: &ReportArgs) -> Result<(), CommandError> {
    let period = args.forecast.as_deref().map(read_period).transpose()?;
    let summaries = wire::open_existing(settings).await?.summaries()?;
    let wanted: Option<Vec<&str>> =
        args.ids.as_deref().map(|ids| ids.split(',').map(str::trim).collect());
    let mut wallets = Map::new();
    let mut warnings = Vec::new();
    match wanted {
        None => wallets.extend(summaries.iter().map(entry)),
        Some(wanted) => {
            for id in wanted {
                match summaries.iter().find(|summary| summary.id.as_str() == id) {
                    Some(summary) => wallets.extend([entry(summary)]),
                    None => warnings.push(format!("No wallet found for signatureId: {id}")),
                }
            }
        }
    }
    let mut report = json!({
        "system": {
            "kmsVersion": env!("CARGO_PKG_VERSION"),
            "nodeVersion": "N/A",
            "store": { "type": store_type(settings.source_name()), "exists": true },
        },
        "wallets": wallets,
        "apiKey": if settings.has_api_key() { "set" } else { "N/A" },
    });
    if !warnings.is_empty()
        && let Some(report) = report.as_object_mut()
    {
        report.insert(String::from("warnings"), json!(warnings));
    }
    if let (Some(period), Some(report)) = (period, report.as_object_mut()) {
        report.insert(String::from("forecast"), forecast(settings.network, &summaries, period));
    }
    Ok(output::json(&report)?)
}

/// The cost of a daemon's polls.
fn forecast(network: Network, summaries: &[WalletSummary], period: Duration) -> Value {
    let mut wallets: HashMap<&str, u64> = HashMap::new();
    let own = summaries.iter().filter(|one| Network::from_testnet_flag(one.testnet) == network);
    for summary in own.filter(|one| kms_chains::find(&one.chain).is_some()) {
        let count = wallets.entry(summary.chain.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    let credits = wallets.values().map(|count| credits_of_poll(*count)).sum();
    json!({
        "network": network.to_string(),
        "periodSeconds": period.as_secs_f64(),
        "chains": wallets.len(),
        "creditsPerRound": credits,
        "creditsPerDay": credits_a_day(period, credits),
    })
}

fn entry(summary: &WalletSummary) -> (String, Value) {
    let kind = kind_name(summary.kind);
    let mut entry = json!({ "type": kind, "chain": summary.chain, "testnet": summary.testnet });
    if kms_chains::find_wallet_code(&summary.chain).is_none()
        && let Some(entry) = entry.as_object_mut()
    {
        let warning = format!("Chain '{}' is not supported", summary.chain);
        entry.insert(String::from("warnings"), json!([warning]));
    }
    (summary.id.to_string(), entry)
}

pub(super) const fn kind_name(kind: WalletKind) -> &'static str {
    match kind {
        WalletKind::Mnemonic => "MNEMONIC",
        WalletKind::PrivateKey => "PRIVATE_KEY",
        WalletKind::Secret => "SECRET",
        WalletKind::Other => "OTHER",
    }
}
