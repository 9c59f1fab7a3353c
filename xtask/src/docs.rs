//! `cargo xtask docs [--check]`: writes `docs/chains.md` from the registry and its notes, the states
//! of a transaction (`docs/states.svg` and a table in `docs/daemon.md`), other tools' derivation paths
//! (`docs/import.md`), and the tables of options and variables from the command line
//! (`docs/commands.md`, `docs/environment.md`).

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use kms_chains::Note;
use kms_core::{AddressIndex, ByNetwork, Chain, Network, Scheme, SecretEncoding};
use kms_keys::{SigningKey, generate_key};
use kms_secret::Mnemonic;

pub(crate) mod commands;
mod paths;
mod states;

/// The best-known test phrase; nobody keeps funds under it.
const PHRASE: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

const INTRODUCTION: &str = "\
# Chains

<!-- Written by `cargo xtask docs` from the registry: change that, or crates/kms-chains/src/facts.rs. -->

All supported chains, generated from the program's registry. The addresses are those of the test
phrase `abandon … about` at index 0; for chains without phrases, those of a key whose bytes are all 7.

";

const DRIFT: &str = "
## Newer than the tables

Networks change without this program. `cargo xtask drift` compares the tables that chains are signed
by with the newest SDKs: `new` is in an SDK and not here, `only here` the other way round. What is
new is not signed until it is built in; a contradiction would be a fault.

";

/// Marks around the generated parts of handwritten documents.
const TABLE_BEGIN: &str =
    "<!-- Written by `cargo xtask docs`: change xtask/src/docs/states.rs. -->\n";
const OPTIONS_OF_ALL: &str =
    "<!-- Written by `cargo xtask docs` from crates/kms-cli: options of every command. -->\n";
const OPTIONS_OF_DAEMON: &str =
    "<!-- Written by `cargo xtask docs` from crates/kms-cli: options of daemon. -->\n";
const OPTIONS_OF_OTHERS: &str =
    "<!-- Written by `cargo xtask docs` from crates/kms-cli: options of the other commands. -->\n";
const EXITS: &str = "<!-- Written by `cargo xtask docs` from crates/kms-cli: exit codes. -->\n";
const VARIABLES: &str =
    "<!-- Written by `cargo xtask docs` from crates/kms-cli: environment variables. -->\n";
const TOOL_PATHS: &str =
    "<!-- Written by `cargo xtask docs` from crates/kms-chains: paths of other tools. -->\n";
const WRITTEN_END: &str = "<!-- End of what is written. -->\n";

/// # Errors
/// When a chain has no note; with `check`, when a file differs from what would be written.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    write(root, "docs/chains.md", &render()?, check)?;
    write(root, "docs/states.svg", &states::drawing()?, check)?;
    write_into(root, "docs/daemon.md", &[(TABLE_BEGIN, states::table()?)], check)?;
    write_into(root, "docs/environment.md", &[(VARIABLES, commands::variables()?)], check)?;
    write_into(root, "docs/import.md", &[(TOOL_PATHS, paths::of_tools()?)], check)?;
    let options = [
        (EXITS, commands::exits()?),
        (OPTIONS_OF_ALL, commands::of_all()?),
        (OPTIONS_OF_DAEMON, commands::of_daemon()?),
        (OPTIONS_OF_OTHERS, commands::of_others()?),
    ];
    write_into(root, "docs/commands.md", &options, check)
}

/// Writes the generated parts of a document, each between its marks.
fn write_into(root: &Path, name: &str, parts: &[(&str, String)], check: bool) -> Result<()> {
    let path = root.join(name);
    let mut text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    for (begin, part) in parts {
        text = with_part(&text, begin, part).with_context(|| format!("{name} has no {begin}"))?;
    }
    write(root, name, &text, check)
}

fn write(root: &Path, name: &str, text: &str, check: bool) -> Result<()> {
    let path = root.join(name);
    if !check {
        return fs::write(&path, text).with_context(|| path.display().to_string());
    }
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    bail!("{name} is out of date: run `cargo xtask docs`")
}

/// Returns the document with the text between these marks replaced, or `None` if a mark is missing.
fn with_part(text: &str, begin: &str, part: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(WRITTEN_END)?;
    Some(format!("{before}{begin}\n{part}\n{WRITTEN_END}{after}"))
}

fn render() -> Result<String> {
    let mut out = String::from(INTRODUCTION);
    out += "| Code | Chain | Signature | Derivation path | Decimals |\n|---|---|---|---|---|\n";
    for chain in kms_chains::CHAINS {
        let spec = chain.spec();
        writeln!(
            out,
            "| [{code}](#{anchor}) | {} | {} | {} | {} |",
            spec.name,
            scheme(spec.key.scheme),
            paths::of_wallets(spec.key.derivation),
            spec.decimals,
            code = spec.id,
            anchor = anchor(*chain),
        )?;
    }
    for chain in kms_chains::CHAINS {
        section(&mut out, *chain)?;
    }
    out += DRIFT;
    out += include_str!("drift/last.md");
    Ok(out)
}

/// The anchor that GitHub gives to the heading.
fn anchor(chain: &dyn Chain) -> String {
    let heading = format!("{} {}", chain.spec().id, chain.spec().name);
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || *letter == ' ');
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn section(out: &mut String, chain: &dyn Chain) -> Result<()> {
    let spec = chain.spec();
    let note = kms_chains::note(spec.id.as_str());
    let Some(Note { signs, verified, differs, .. }) = note else {
        bail!("crates/kms-chains/src/facts.rs has no note on {}", spec.id);
    };
    writeln!(out, "\n## {} {}\n", spec.id, spec.name)?;
    writeln!(
        out,
        "- **Key**: {}; {}.",
        scheme(spec.key.scheme),
        paths::of_wallets(spec.key.derivation)
    )?;
    writeln!(out, "- **Private key as text**: {}.", encoding(spec.key.encoding))?;
    let key = example_key(chain)?;
    let address = |network| chain.address(network, key_of(&key, network).public_key());
    let (main, test) = (address(Network::Mainnet)?, address(Network::Testnet)?);
    if main.as_str() == test.as_str() {
        writeln!(out, "- **Address**: `{}`.", main.as_str())?
    } else {
        writeln!(out, "- **Address**: `{}`; on testnet `{}`.", main.as_str(), test.as_str())?
    }
    if !spec.token_codes.is_empty() {
        let codes: Vec<_> = spec.token_codes.iter().map(|code| format!("`{code}`")).collect();
        writeln!(out, "- **Token codes that use the same wallets**: {}.", codes.join(" "))?;
    }
    let withdrawals = if spec.withdrawals { " Also off-chain withdrawals." } else { "" };
    writeln!(out, "- **Signs**: {signs}.{withdrawals}")?;
    writeln!(out, "- **Verified by**: {verified}.")?;
    writeln!(out, "- **Differences from the original**: {differs}.")?;
    Ok(())
}

fn example_key(chain: &dyn Chain) -> Result<ByNetwork<SigningKey>> {
    let spec = &chain.spec().key;
    let derive = |network| -> Result<SigningKey> {
        if let Some(key) = generate_key(spec, &mut Sevens)? {
            return Ok(key);
        }
        let phrase = Mnemonic::new(PHRASE.to_owned());
        Ok(SigningKey::derive(spec, network, &phrase, AddressIndex::ZERO)?)
    };
    Ok(ByNetwork { mainnet: derive(Network::Mainnet)?, testnet: derive(Network::Testnet)? })
}

const fn key_of(keys: &ByNetwork<SigningKey>, network: Network) -> &SigningKey {
    match network {
        Network::Mainnet => &keys.mainnet,
        Network::Testnet => &keys.testnet,
    }
}

const fn scheme(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::EcdsaSecp256k1 => "ECDSA on secp256k1, low s, nonce of RFC 6979",
        Scheme::EcdsaSecp256k1AnyS => "ECDSA on secp256k1, s as RFC 6979 makes it",
        Scheme::SchnorrBitcoinCash => "Schnorr on secp256k1 (Bitcoin Cash, 2019)",
        Scheme::Ed25519 => "Ed25519",
        Scheme::Ed25519Extended => "Ed25519 with extended keys (BIP32-Ed25519)",
        _ => "unknown",
    }
}

const fn encoding(encoding: SecretEncoding) -> &'static str {
    match encoding {
        SecretEncoding::PrefixedHex => {
            "`0x` and 64 hexadecimal digits; read without the prefix too"
        }
        SecretEncoding::BareHex => "64 hexadecimal digits; read with `0x` before them too",
        SecretEncoding::KlaytnWalletKey => {
            "`0x` and 64 hexadecimal digits, or Klaytn's wallet key (key, `0x00`, address)"
        }
        SecretEncoding::Wif { bare_hex: true, .. } => {
            "WIF with the network's version byte; 64 hexadecimal digits are read as a compressed key"
        }
        SecretEncoding::Wif { bare_hex: false, .. } => "WIF with the network's version byte",
        SecretEncoding::MinimalHex => "hexadecimal digits without leading zeros; up to 64 are read",
        SecretEncoding::FamilySeed => "family seed: `sEd…` for Ed25519, other `s…` for secp256k1",
        SecretEncoding::StellarSeed => "seed `S…`",
        SecretEncoding::SolanaKeypair => "base58 of seed and public key; read as 128 digits too",
        SecretEncoding::AlgorandKey => "base32 of seed and public key, with padding or without",
        SecretEncoding::ExtendedHex => "128 hexadecimal digits: both halves of an extended key",
    }
}

/// A generator whose bytes are all 7.
struct Sevens;

impl rand_core::TryRng for Sevens {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(7);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Sevens {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_what_the_program_itself_says() -> Result<()> {
        run(&crate::root()?, true)
    }

    #[test]
    fn only_what_stands_between_its_marks_is_written_anew() {
        let text = format!("a\n{VARIABLES}old\n{WRITTEN_END}b\n");
        let wanted = format!("a\n{VARIABLES}\nnew\n{WRITTEN_END}b\n");
        assert_eq!(with_part(&text, VARIABLES, "new"), Some(wanted));
        assert_eq!(with_part("a\nb\n", VARIABLES, "new"), None, "a document without marks");
    }
}
