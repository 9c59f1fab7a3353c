//! The supported chains, with the limits in force.

use kms_cli::{
    ChainsArgs,
    env_vars::{LIMITS_PREFIX, TATUM_KMS_FEE_MOST},
};
use kms_core::{Amount, Chain, ChainLimit, FeeCeilings, InCoins};
use serde_json::{Value, json};

use super::output;
use crate::{
    command_error::CommandError,
    config::{ChainSettings, Settings, find_chain},
};

/// The source of a limit that no variable sets.
const OWN: &str = "default";
const FEE_MOST: &str = "fee-most";

pub(super) fn run(settings: &Settings, args: &ChainsArgs) -> Result<(), CommandError> {
    let ceilings = settings.fee_ceilings(&[])?;
    let set = settings.of_chains()?;
    let row = |chain: &&'static dyn Chain| Row::new(*chain, &ceilings, &set);
    let rows: Vec<_> = match &args.chain {
        Some(code) => vec![row(&find_chain(code)?)],
        None => kms_chains::CHAINS.iter().map(row).collect(),
    };
    if args.json {
        return Ok(output::json(&Value::Array(rows.iter().map(Row::json).collect()))?);
    }
    let text = match (rows.as_slice(), &args.chain) {
        ([row], Some(_)) => row.text(),
        (rows, _) => table(rows),
    };
    Ok(output::raw(&text)?)
}

/// The facts and limits of one chain.
struct Row {
    chain: &'static dyn Chain,
    limits: Vec<Limit>,
}

struct Limit {
    name: &'static str,
    is_rate: bool,
    amount: Amount,
    source: String,
}

impl Row {
    fn new(chain: &'static dyn Chain, ceilings: &FeeCeilings, set: &ChainSettings) -> Self {
        let spec = chain.spec();
        let most = ceilings.native(spec.id).unwrap_or(spec.fee_most);
        let source = if most == spec.fee_most { OWN } else { TATUM_KMS_FEE_MOST.name };
        let ceiling =
            Limit { name: FEE_MOST, is_rate: false, amount: most, source: source.to_owned() };
        let set = set.limits(chain);
        let limit = |own: ChainLimit| {
            let set = set.iter().find(|limit| limit.kind == own.kind);
            Limit {
                name: own.kind.name(),
                is_rate: own.kind.is_rate(),
                amount: Amount::from_base_units(set.unwrap_or(&own).units),
                source: set.map_or(OWN.to_owned(), |_| format!("{LIMITS_PREFIX}{}", spec.id)),
            }
        };
        let own = chain.limits().into_iter().map(limit);
        Self { chain, limits: std::iter::once(ceiling).chain(own).collect() }
    }

    fn code(&self) -> &'static str {
        self.chain.spec().id.as_str()
    }

    fn signs(&self) -> String {
        let signs = kms_chains::note(self.code()).map_or("", |note| note.signs);
        let withdrawals =
            if self.chain.spec().withdrawals { "; off-chain withdrawals" } else { "" };
        format!("{signs}{withdrawals}")
    }

    fn judges(&self) -> &'static str {
        kms_chains::note(self.code()).map_or("", |note| note.verified)
    }

    /// The packages among the judges, with the versions that the tests install.
    fn judge_versions(&self) -> Vec<String> {
        let judges = self.judges();
        let named = kms_chains::JUDGES.iter().filter(|judge| judges.contains(judge.name));
        named.map(|judge| format!("{} {}", judge.package, judge.version)).collect()
    }

    fn json(&self) -> Value {
        let spec = self.chain.spec();
        let limit = |limit: &Limit| {
            json!({
                "name": limit.name,
                "amount": in_coins(limit.amount, spec.decimals),
                "baseUnits": limit.amount.to_string(),
                "per1000Bytes": limit.is_rate,
                "source": limit.source,
            })
        };
        json!({
            "code": self.code(),
            "name": spec.name,
            "otherCodes": spec.other_codes,
            "tokenCodes": spec.token_codes,
            "signs": self.signs(),
            "limits": self.limits.iter().map(limit).collect::<Vec<_>>(),
            "judges": self.judges(),
            "judgeVersions": self.judge_versions(),
            "network": kms_chains::network_state(self.code()),
        })
    }

    fn text(&self) -> String {
        let spec = self.chain.spec();
        let list = |codes: &[&str]| if codes.is_empty() { "-".into() } else { codes.join(" ") };
        let mut lines = vec![
            line("Code", self.code()),
            line("Name", spec.name),
            line("Other codes", &list(spec.other_codes)),
            line("Token codes", &list(spec.token_codes)),
            line("Signs", &self.signs()),
        ];
        let limits = self.limits.iter().map(|limit| {
            let amount = in_coins(limit.amount, spec.decimals);
            let per = if limit.is_rate { " per 1,000 bytes" } else { "" };
            let told = format!("{amount} {}{per} ({})", self.code(), limit.source);
            line(&format!("Limit {}", limit.name), &told)
        });
        lines.extend(limits);
        lines.push(line("Verified by", self.judges()));
        lines.extend(self.judge_versions().iter().map(|judge| line("Version", judge)));
        lines.push(line("Network", kms_chains::network_state(self.code())));
        lines.concat()
    }
}

fn in_coins(amount: Amount, decimals: u8) -> String {
    InCoins { amount, decimals }.to_string()
}

fn line(name: &str, value: &str) -> String {
    format!("{name:<22}: {value}\n")
}

/// One line a chain.
fn table(rows: &[Row]) -> String {
    let cells = |code: &str, name: &str, fee: &str, set: &str, network: &str| {
        format!("{code:<5} {name:<24} {fee:<12} {set:<4} {network}\n")
    };
    let row = |row: &Row| {
        let spec = row.chain.spec();
        let ceiling = row.limits.first().map(|limit| in_coins(limit.amount, spec.decimals));
        let set = row.limits.iter().filter(|limit| limit.source != OWN).count();
        let network = kms_chains::network_state(row.code());
        cells(row.code(), spec.name, &ceiling.unwrap_or_default(), &set.to_string(), network)
    };
    let head = cells("CODE", "NAME", "FEE-MOST", "SET", "NETWORK");
    std::iter::once(head).chain(rows.iter().map(row)).collect()
}
