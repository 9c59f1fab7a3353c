//! Private keys, phrases, indexes and extended keys as somebody types them.
#![no_main]

use kms_core::{AddressIndex, Network};
use kms_keys::{SigningKey, check, key_of_words, public_key_at};
use kms_secret::{Mnemonic, SecretText};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let phrase = Mnemonic::new(text.to_owned());
    let _ = check(&phrase, false);
    let _ = key_of_words(&phrase);
    let _ = AddressIndex::parse(text);
    for chain in kms_chains::CHAINS {
        let spec = &chain.spec().key;
        for network in [Network::Mainnet, Network::Testnet] {
            let key = SigningKey::parse(spec, network, &SecretText::new(text.to_owned()));
            if let Ok(key) = key {
                let _ = chain.address(network, key.public_key());
            }
            let _ = public_key_at(spec, network, text, AddressIndex::ZERO);
        }
    }
});
