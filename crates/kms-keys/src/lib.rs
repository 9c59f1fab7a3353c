//! Mnemonics, derivation, signature schemes and the spellings of private keys.
//!
//! Interprets a chain's `KeySpec`: from a recovery phrase to an account, from an account to a
//! key, from a key's text to a key, from a key to a signature. Randomness is an argument; there
//! is no file, socket, environment or clock here.

mod account;
mod derive;
mod ecdsa;
mod encoding;
mod key;
mod mnemonic;
mod nonce;
mod schnorr;
mod sign;
mod single;

pub use account::{Account, public_key_at};
pub use derive::{DeriveError, path::key_at_path};
pub use encoding::{KeyTextError, SeedAlgorithm};
pub use key::SigningKey;
pub use mnemonic::{MnemonicError, canonical, check, generate, is_canonical, standard_form};
pub use sign::SchemeError;
pub use single::{generate_key, key_of_bytes, key_of_words, random_key};
