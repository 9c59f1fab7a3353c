//! Derivation paths, of wallets here and of other tools.

use std::fmt::Write as _;

use anyhow::Result;
use kms_core::{Derivation, Network, ToolPath};

pub(super) fn of_wallets(derivation: Derivation) -> String {
    if let Derivation::Single { entropy_bytes, words } = derivation {
        let words = if words { ", or 25 words" } else { "" };
        return format!("none: one key of {entropy_bytes} random bytes{words}");
    }
    match (derivation.path(Network::Mainnet), derivation.path(Network::Testnet)) {
        (Some(main), Some(test)) if main == test => format!("`{main}`"),
        (Some(main), Some(test)) => format!("`{main}`, test `{test}`"),
        _ => String::from("unknown"),
    }
}

/// The table of the paths on which `storemanagedwallet --expect` looks for an address, besides the
/// wallet's own. Chains with the same paths share their lines.
pub(super) fn of_tools() -> Result<String> {
    let mut groups: Vec<(&[ToolPath], Vec<&str>)> = Vec::new();
    for chain in kms_chains::CHAINS {
        let (paths, code) = (chain.tool_paths(), chain.spec().id.as_str());
        match groups.iter_mut().find(|(known, _)| *known == paths) {
            Some((_, codes)) => codes.push(code),
            None => groups.push((paths, vec![code])),
        }
    }
    let mut table = String::from("| chain | path | tools |\n|---|---|---|\n");
    for (paths, codes) in groups {
        for ToolPath { path, tools } in paths {
            let path = path.map_or_else(|| String::from("none"), |path| format!("`{path}`"));
            writeln!(table, "| {} | {path} | {tools} |", codes.join(" "))?;
        }
    }
    Ok(table)
}
