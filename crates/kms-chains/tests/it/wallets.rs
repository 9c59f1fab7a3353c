//! Wallets as the original makes them: extended keys, addresses, private keys.

use std::path::PathBuf;

use kms_core::{AddressIndex, Chain, Network};
use kms_keys::{Account, SigningKey, public_key_at};
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
    wallet: Value,
    addresses: Vec<Item>,
    #[serde(rename = "privateKeys")]
    private_keys: Vec<Item>,
    #[serde(rename = "libraryOnly")]
    library_only: Option<LibraryOnly>,
}

/// What the chain's library says where the original's own command fails.
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
        let mut checked = 0;
        for case in cases(*chain).iter().filter(|case| case.kind == "mnemonic") {
            checked += check(*chain, case);
        }
        println!("{}: {checked} keys and addresses", chain.spec().id);
        assert!(checked >= 20, "{}: {checked}", chain.spec().id);
    }
}

fn check(chain: &dyn Chain, case: &WalletCase) -> usize {
    let (spec, network) = (&chain.spec().key, Network::from_testnet_flag(case.testnet));
    let phrase = Mnemonic::new(case.mnemonic.clone().expect("a phrase"));
    let account = Account::derive(spec, network, &phrase).expect("an account");
    let xpub = case.wallet.get("xpub").and_then(Value::as_str).expect("an extended key");
    assert_eq!(account.extended_public_key().expect("an extended key"), xpub, "{}", case.id);
    let library = case.library_only.as_ref();
    let mut checked = 1;
    for item in case.addresses.iter().chain(library.iter().flat_map(|own| &own.addresses)) {
        let Some(expected) = &item.address else { continue };
        let key = account.at(index(item)).expect("a key");
        let address = chain.address(network, key.public_key()).expect("an address");
        assert_eq!(address.as_str(), expected, "{} at {}", case.id, item.index);
        let public = public_key_at(spec, network, xpub, index(item)).expect("a public key");
        assert_eq!(&public, key.public_key(), "{} at {}", case.id, item.index);
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
