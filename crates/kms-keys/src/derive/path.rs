//! Keys at paths other than the chains' own, where other tools have put them.

use kms_core::{KeySpec, Scheme, ToolPath};
use kms_secret::{Mnemonic, PrivateKey, with_wiped_stack};

use super::{DeriveError, STACK_BYTES, bip44, icarus, slip10};
use crate::{key::SigningKey, mnemonic};

const HARDENED: u32 = 0x8000_0000;
const STEPS_MAX: usize = 16;

/// The key that a tool has for a phrase at an address's number, on the curve of the chain's
/// scheme: BIP-32, SLIP-10 over ed25519, or Cardano's.
///
/// # Errors
/// When the path is not valid for the curve, or the phrase is not BIP-39 where the chain needs
/// that.
pub fn key_at_path(
    spec: &KeySpec,
    phrase: &Mnemonic,
    tool: &ToolPath,
    number: u32,
) -> Result<SigningKey, DeriveError> {
    with_wiped_stack::<STACK_BYTES, _>(|| key_at(spec, phrase, tool, number))
}

fn key_at(
    spec: &KeySpec,
    phrase: &Mnemonic,
    tool: &ToolPath,
    number: u32,
) -> Result<SigningKey, DeriveError> {
    let Some(path) = tool.path else {
        let seed = mnemonic::seed(phrase);
        return Ok(SigningKey::ed25519(PrivateKey::init_with(|secret| {
            secret.iter_mut().zip(seed.expose()).for_each(|(to, from)| *to = *from);
        })));
    };
    let steps = read_path(path, number).ok_or(DeriveError::NoKey)?;
    match spec.scheme {
        Scheme::Ed25519 if steps.iter().all(|(_, is_hardened)| *is_hardened) => {
            let numbers = steps.into_iter().map(|(number, _)| number);
            let node = slip10::Node::at(numbers, &mnemonic::seed(phrase));
            Ok(SigningKey::ed25519(node.to_private_key()))
        }
        Scheme::Ed25519 => Err(DeriveError::NoKey),
        Scheme::Ed25519Extended => {
            let bit = |is_hardened| if is_hardened { HARDENED } else { 0 };
            let numbers = steps.into_iter().map(|(number, hard)| number | bit(hard));
            Ok(SigningKey::extended(icarus::Node::at(numbers, phrase)?.to_private_key()?))
        }
        _ => {
            let node = bip44::Node::at(steps, &mnemonic::seed(phrase))?;
            let secret = node.into_private_key();
            SigningKey::secp256k1(spec, secret, true).map_err(|_| DeriveError::NoKey)
        }
    }
}

/// The steps of `m/44'/60'/0'/0/i`, each with whether it is hardened.
fn read_path(path: &str, number: u32) -> Option<Vec<(u32, bool)>> {
    let steps = path.strip_prefix("m/")?.split('/').map(|step| {
        let digits = step.strip_suffix('\'');
        let value = match digits.unwrap_or(step) {
            "i" => number,
            own => own.parse().ok()?,
        };
        (value < HARDENED).then_some((value, digits.is_some()))
    });
    let steps: Vec<_> = steps.collect::<Option<_>>()?;
    (steps.len() <= STEPS_MAX).then_some(steps)
}
