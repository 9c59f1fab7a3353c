//! The result of `migrate --check`: JSON for programs, a text for people, three commands.

use std::path::Path;

use kms_cli::SourceName;
use serde_json::{Value, json};

use super::{
    addresses::{Both, Look, Why},
    check::{Checked, Decision, networks},
    differences::Difference,
};
use crate::{
    cli::{output, report::kind_name},
    config::Settings,
};

/// Wallets that a line of the text names.
const NAMED: usize = 3;

pub(super) fn as_json(checked: &Checked<'_>, differences: &[Difference<'_>]) -> Value {
    let Checked { settings, looks, decisions, commands } = checked;
    let differences = differences.iter().map(|one| {
        json!({
            "code": one.point.code,
            "did": one.point.did,
            "now": one.point.now,
            "wallets": one.wallets.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
            "settings": one.settings,
        })
    });
    json!({
        "ready": decisions.is_empty(),
        "store": {
            "path": settings.store,
            "format": "original",
            "wallets": looks.len(),
            "passwordSource": settings.source_name().to_string(),
        },
        "environmentFiles": settings.environment.files,
        "decisions": decisions.iter().map(Decision::to_json).collect::<Vec<_>>(),
        "addresses": looks.iter().filter_map(two_addresses).collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
        "commands": commands,
    })
}

/// A store that has nothing to be converted.
pub(super) fn of_converted(settings: &Settings) -> Value {
    json!({
        "ready": true,
        "store": {
            "path": settings.store,
            "format": "current",
            "wallets": null,
            "passwordSource": settings.source_name().to_string(),
        },
        "environmentFiles": settings.environment.files,
        "decisions": [],
        "addresses": [],
        "differences": [],
        "commands": [],
    })
}

fn two_addresses(look: &Look) -> Option<Value> {
    let Both { why, original, right } = look.both.as_ref()?;
    Some(json!({
        "signatureId": look.id.as_str(),
        "type": kind_name(look.kind),
        "chain": look.code,
        "testnet": look.network.is_testnet(),
        "why": why.code(),
        "original": original,
        "right": right,
    }))
}

pub(super) fn tell(checked: &Checked<'_>, differences: &[Difference<'_>]) {
    let Checked { settings, looks, decisions, commands } = checked;
    let shown = settings.store.display();
    let source = settings.source_name();
    let all = looks.len();
    output::note(&format!(
        "{shown}: the original's file; the password from `{source}` opens it\n{all} wallets; {} of \
         them yield an address",
        looks.iter().filter(|look| look.problem.is_none()).count()
    ));
    for file in &settings.environment.files {
        output::note(&format!("{}: read", file.display()));
    }
    if !decisions.is_empty() {
        output::note("\nTo decide before you switch:");
    }
    for decision in decisions {
        tell_decision(decision, looks);
    }
    tell_spellings(looks);
    output::note("\nDifferences from the original for these wallets and settings:");
    for Difference { point, wallets, settings } in differences {
        let mut concerned: Vec<_> = settings.iter().map(|name| (*name).to_owned()).collect();
        if !wallets.is_empty() && wallets.len() < all {
            concerned.push(name(wallets.iter().map(ToString::to_string)));
        }
        let concerned = if concerned.is_empty() {
            String::new()
        } else {
            format!(" [{}]", concerned.join("; "))
        };
        output::note(&format!("  - you {}: {}{concerned}", point.did, point.now));
    }
    let [shadow, convert, daemon] = commands;
    output::note(&format!(
        "\nTo switch (docs/migration.md):\n  1. while the old daemon runs:      {shadow}\n  2. \
         when the old daemon is stopped: {convert}\n  3. then:                           {daemon}"
    ));
}

fn tell_decision(decision: &Decision, looks: &[Look]) {
    let Decision { text, wallets, settings, .. } = decision;
    if wallets.is_empty() {
        let about = settings.first().map_or_else(String::new, |name| format!("{name}: "));
        return output::note(&format!("  - {about}{text}"));
    }
    output::note(&format!("  - {}: {text}", count(wallets.len())));
    for (id, problem) in wallets.iter().take(NAMED) {
        let look = looks.iter().find(|look| look.id.as_str() == id);
        let both = look.and_then(|look| look.both.as_ref());
        let code = look.map_or("", |look| look.code.as_str());
        let detail = match (problem, both) {
            (Some(problem), _) => problem.clone(),
            (None, Some(Both { original, right, .. })) => {
                format!("the original shows {original}; the right one is {right}")
            }
            (None, None) => String::new(),
        };
        output::note(&format!("      {id} ({code}): {detail}"));
    }
    if wallets.len() > NAMED {
        output::note(&format!("      and {} more; all are in the JSON", wallets.len() - NAMED));
    }
}

fn tell_spellings(looks: &[Look]) {
    let is_odd = |look: &&Look| look.both.as_ref().is_some_and(|both| both.why == Why::Spelling);
    let odd: Vec<_> = looks.iter().filter(is_odd).collect();
    if odd.is_empty() {
        return;
    }
    output::note(&format!("\n{}: {}", count(odd.len()), Why::Spelling.text()));
    for look in odd.iter().take(NAMED) {
        if let Some(Both { original, right, .. }) = &look.both {
            output::note(&format!("      {}: {original} here, {right} elsewhere", look.id));
        }
    }
}

fn count(wallets: usize) -> String {
    match wallets {
        1 => String::from("1 wallet"),
        _ => format!("{wallets} wallets"),
    }
}

fn name(mut ids: impl ExactSizeIterator<Item = String>) -> String {
    let all = ids.len();
    let named: Vec<_> = ids.by_ref().take(NAMED).collect();
    if all > NAMED {
        format!("{}, and {} more", named.join(", "), all - NAMED)
    } else {
        named.join(", ")
    }
}

/// Beside the old daemon, the conversion, the daemon.
pub(super) fn commands(settings: &Settings, looks: &[Look]) -> [String; 3] {
    let mut common = format!("--path {}", quote(&settings.store));
    if let Some(file) = &settings.env_file {
        common.push_str(&format!(" --envFile {}", quote(file)));
    }
    match settings.source {
        Some(SourceName::Aws) => common.push_str(" --aws"),
        Some(SourceName::Azure) => common.push_str(" --azure"),
        Some(SourceName::Vgs) => common.push_str(" --vgs"),
        Some(named) => common.push_str(&format!(" --password-source {named}")),
        None => (),
    }
    let (mainnet, testnet) = networks(looks);
    let is_testnet = settings.network.is_testnet() || (mainnet == 0 && testnet > 0);
    let daemon = if is_testnet { "--testnet" } else { "--externalUrl URL" };
    [
        format!("tatum-kms daemon --shadow {daemon} {common}"),
        format!("tatum-kms migrate {common}"),
        format!("tatum-kms daemon {daemon} {common}"),
    ]
}

/// Quotes a path for a shell.
fn quote(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_to_a_shell() {
        for path in ["/plain/wallet.dat", "/a b/it's $HOME/`x`", "/ä\"\\"] {
            let script = format!("printf %s {}", quote(Path::new(path)));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), path);
        }
    }
}
