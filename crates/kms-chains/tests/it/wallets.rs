//! Wallets as the original makes them: extended keys, addresses, private keys.

use std::path::PathBuf;

use kms_core::{AddressIndex, Chain, Derivation, Network};
use kms_keys::{Account, SigningKey, generate_key, key_of_words, public_key_at};
use kms_secret::{Mnemonic, SecretText};
use kms_testkit::vectors::{File, load};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct WalletCase {
    id: String,
    testnet: bool,
    kind: String,
    mnemonic: Option<String>,
    entropy: Option<String>,
    wallet: Value,
    addresses: Vec<Item>,
    #[serde(rename = "privateKeys")]
    private_keys: Vec<Item>,
    #[serde(rename = "libraryOnly")]
    library_only: Option<LibraryOnly>,
}

/// The chain library's values where the original's command fails.
#[derive(Deserialize)]
struct LibraryOnly {
    #[serde(default)]
    addresses: Vec<Item>,
    #[serde(rename = "privateKeys", default)]
    private_keys: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Value,
    address: Option<String>,
    #[serde(rename = "privateKey")]
    private_key: Option<String>,
}

fn cases(chain: &dyn Chain) -> Vec<WalletCase> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let file: File<WalletCase> = load(&folder.join(chain.spec().id.as_str()).join("wallets.json"));
    file.cases
}

fn index(item: &Item) -> AddressIndex {
    AddressIndex::parse(&item.index.to_string()).expect("an index")
}

#[test]
fn phrases_lead_to_the_originals_keys_and_addresses() {
    for chain in kms_chains::CHAINS {
        let is_derived = !matches!(chain.spec().key.derivation, Derivation::Single { .. });
        let mut checked = 0;
        let kinds = ["mnemonic", "library-mnemonic"];
        for case in cases(*chain).iter().filter(|case| kinds.contains(&case.kind.as_str())) {
            checked += check_phrase(*chain, case);
        }
        println!("{}: {checked} keys and addresses of phrases", chain.spec().id);
        assert!(!is_derived || checked >= 20, "{}: {checked}", chain.spec().id);
    }
}

#[test]
fn single_keys_are_the_originals() {
    for chain in kms_chains::CHAINS {
        let is_single = matches!(chain.spec().key.derivation, Derivation::Single { .. });
        let mut checked = 0;
        for case in cases(*chain).iter().filter(|case| case.kind != "v1-generatewallet") {
            checked += check_single(*chain, case);
        }
        println!("{}: {checked} single keys", chain.spec().id);
        assert!(!is_single || checked >= 10, "{}: {checked}", chain.spec().id);
    }
}

fn check_phrase(chain: &dyn Chain, case: &WalletCase) -> usize {
    let (spec, network) = (&chain.spec().key, Network::from_testnet_flag(case.testnet));
    let phrase = Mnemonic::new(case.mnemonic.clone().expect("a phrase"));
    let account = Account::derive(spec, network, &phrase).expect("an account");
    let xpub = case.wallet.get("xpub").and_then(Value::as_str);
    assert_eq!(account.extended_public_key().as_deref(), xpub, "{}", case.id);
    let library = case.library_only.as_ref();
    let own = if library.is_some_and(|own| !own.addresses.is_empty()) {
        &[][..]
    } else {
        &case.addresses
    };
    let mut checked = 1;
    for item in own.iter().chain(library.iter().flat_map(|own| &own.addresses)) {
        let Some(expected) = &item.address else { continue };
        let key = account.at(index(item)).expect("a key");
        let address = chain.address(network, key.public_key()).expect("an address");
        assert_eq!(address.as_str(), expected, "{} at {}", case.id, item.index);
        if let Some(xpub) = xpub {
            let public = public_key_at(spec, network, xpub, index(item)).expect("a public key");
            assert_eq!(&public, key.public_key(), "{} at {}", case.id, item.index);
        }
        checked += 1;
    }
    for item in case.private_keys.iter().chain(library.iter().flat_map(|own| &own.private_keys)) {
        let Some(expected) = &item.private_key else { continue };
        let key = account.at(index(item)).expect("a key");
        assert_eq!(key.to_text(spec, network).expose(), expected, "{} at {}", case.id, item.index);
        let text = SecretText::new(expected.clone());
        let read = SigningKey::parse(spec, network, &text).expect("what was written is read");
        assert_eq!(read.public_key(), key.public_key(), "{} at {}", case.id, item.index);
        checked += 1;
    }
    checked
}

/// The key that is stored: what is read of it, how it is written, whose address it is; and what
/// it was made of, where that is known.
fn check_single(chain: &dyn Chain, case: &WalletCase) -> usize {
    let (spec, network) = (&chain.spec().key, Network::from_testnet_flag(case.testnet));
    let text = |name: &str| case.wallet.get(name).and_then(Value::as_str);
    let Some(written) = text("secret").or_else(|| text("privateKey")) else { return 0 };
    let key =
        SigningKey::parse(spec, network, &SecretText::new(written.to_owned())).expect("a key");
    let address = chain.address(network, key.public_key()).expect("an address");
    assert_eq!(Some(address.as_str()), text("address"), "{}", case.id);
    assert_eq!(key.to_text(spec, network).expose(), written, "{}", case.id);
    if case.kind == "algo-mnemonic25" {
        let phrase = Mnemonic::new(case.mnemonic.clone().expect("a phrase"));
        let of_words = key_of_words(&phrase).expect("a key");
        assert_eq!(of_words.to_text(spec, network).expose(), written, "{}", case.id);
    }
    if let (Some(entropy), Derivation::Single { .. }, "rng") =
        (&case.entropy, spec.derivation, case.kind.as_str())
    {
        let made = generate_key(spec, &mut Fixed(entropy)).expect("a key").expect("a key");
        assert_eq!(made.to_text(spec, network).expose(), written, "{}", case.id);
    }
    1
}

/// Randomness that is the same every time.
pub(crate) struct Fixed<'a>(pub(crate) &'a str);

impl rand_core::TryRng for Fixed<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = self.0.get(2 * place..2 * place + 2).expect("enough entropy");
            *byte = u8::from_str_radix(digits, 16).expect("hexadecimal");
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Fixed<'_> {}
