//! The chains, and what is known about each.

use kms_core::{Amount, AmountLimits, Chain, FeeCeilings, InCoins};
use serde_json::{Value, json};

use super::output;
use crate::{
    command_error::CommandError,
    config::{ChainSettings, Settings, find_chain},
};

pub(super) fn run(
    settings: &Settings,
    code: Option<&str>,
    as_json: bool,
) -> Result<(), CommandError> {
    let limits = Limits { of_chains: settings.of_chains()?, fees: settings.highest_fees()? };
    let chosen = code.map(find_chain).transpose()?;
    let shown = chosen.map_or_else(|| kms_chains::CHAINS.to_vec(), |chain| vec![chain]);
    if as_json {
        let all: Vec<_> = shown.iter().map(|chain| limits.describe(*chain)).collect();
        return Ok(output::json(&Value::Array(all))?);
    }
    let text = match chosen {
        Some(chain) => limits.tell(chain),
        None => table(&shown),
    };
    Ok(output::raw(&text)?)
}

/// One line a chain.
fn table(chains: &[&'static dyn Chain]) -> String {
    let lines = chains.iter().map(|chain| {
        let (code, name) = (chain.spec().id, chain.spec().name);
        let state = kms_chains::network_state(code.as_str());
        format!("{:<6}{name:<18}{state}\n", code.to_string())
    });
    [format!("{:<6}{:<18}NETWORK\n", "CODE", "CHAIN")].into_iter().chain(lines).collect()
}

/// The limits in force.
struct Limits {
    of_chains: ChainSettings,
    fees: FeeCeilings,
}

/// A limit's name, its value, and whether the operator set it.
type Line = (&'static str, Option<String>, bool);

impl Limits {
    fn lines(&self, chain: &dyn Chain) -> Vec<Line> {
        let spec = chain.spec();
        let coins = |amount: Amount| InCoins { amount, decimals: spec.decimals }.to_string();
        let (own, set) = (chain.amount_limits(), self.of_chains.amount_limits(chain));
        let line = |name, place: fn(AmountLimits) -> Option<u64>| {
            let units = place(own.but(set)).map(Amount::from_base_units);
            (name, units.map(coins), place(set).is_some())
        };
        let fee = self.fees.native(spec.id);
        vec![
            ("feeMost", fee.map(coins), fee != Some(spec.fee_most)),
            line("feeRateLeast", |limits| limits.fee_rate_least),
            line("feeRateMost", |limits| limits.fee_rate_most),
            line("dust", |limits| limits.dust),
            line("softDust", |limits| limits.soft_dust),
        ]
    }

    fn describe(&self, chain: &dyn Chain) -> Value {
        let spec = chain.spec();
        let note = kms_chains::note(spec.id.as_str());
        let limits = self.lines(chain).into_iter().filter_map(|(name, value, is_set)| {
            let set = if is_set { "configuration" } else { "chain" };
            Some((name.to_owned(), json!({ "coins": value?, "from": set })))
        });
        json!({
            "chain": spec.id.as_str(),
            "name": spec.name,
            "otherCodes": spec.other_codes,
            "tokenCodes": spec.token_codes,
            "decimals": spec.decimals,
            "network": kms_chains::network_state(spec.id.as_str()),
            "signs": note.map(|note| note.signs),
            "verifiedBy": note.map(|note| note.verified),
            "differsFromOriginal": note.map(|note| note.differs),
            "limits": limits.collect::<serde_json::Map<_, _>>(),
        })
    }

    fn tell(&self, chain: &dyn Chain) -> String {
        let spec = chain.spec();
        let mut lines = vec![format!("{} {}", spec.id, spec.name)];
        let mut line = |name: &str, text: &str| {
            if !text.is_empty() {
                lines.push(format!("{name:<16}{text}"));
            }
        };
        line("Network", kms_chains::network_state(spec.id.as_str()));
        line("Other codes", &spec.other_codes.join(" "));
        line("Token codes", &spec.token_codes.join(" "));
        if let Some(note) = kms_chains::note(spec.id.as_str()) {
            line("Signs", note.signs);
            line("Verified by", note.verified);
            line("Differs", note.differs);
        }
        for (name, value, is_set) in self.lines(chain) {
            let set = if is_set { " (set by configuration)" } else { "" };
            let value = value.map(|value| format!("{value} {}{set}", spec.id));
            line(title(name), &value.unwrap_or_default());
        }
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

fn title(name: &str) -> &str {
    match name {
        "feeMost" => "Highest fee",
        "feeRateLeast" => "Least fee / kvB",
        "feeRateMost" => "Most fee / kvB",
        "dust" => "Dust below",
        "softDust" => "Soft dust below",
        other => other,
    }
}
