//! Recovery phrases as people have them. Addresses: bip-utils 2.x, solders 0.29, pycardano 0.19 on
//! BIP-39's phrase `abandon … about`.

use crate::{
    cli::{PHRASE, id_of},
    program::{Place, Ran},
};

const ETH: &str = "0x9858effd232b4033e47d90003d41ec34ecaeda94";

fn store(place: &Place, arguments: &[&str], phrase: &str) -> Ran {
    place.run_with_input(&[&["storemanagedwallet"], arguments].concat(), phrase)
}

/// Checks that what was stored is the wallet of this address.
fn holds(place: &Place, stored: &Ran, address: &str) {
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let found = place.run(&["find", address]).json();
    assert_eq!(found[0]["signatureId"], id_of(&stored.json()), "{found}");
}

#[test]
fn white_space_between_words_makes_no_other_wallet() {
    for phrase in [
        PHRASE.replace(' ', "  "),
        PHRASE.replace(' ', "\t"),
        PHRASE.replacen(' ', "\u{3000}", 3),
        PHRASE.replacen(' ', " \u{a0}", 1),
        format!("\t {PHRASE} \r"),
    ] {
        let place = Place::new();
        let stored = store(&place, &["ETH"], &phrase);
        assert_eq!(stored.code, Some(0), "{stored:?}");
        let first = format!("the first address on ETH mainnet is {ETH}, at m/44'/60'/0'/0/0");
        assert!(stored.stderr.contains(&first), "{stored:?}");
        let id = id_of(&stored.json());
        assert_eq!(place.run(&["getaddress", &id, "0"]).json()["address"], ETH);
        let shown = place.run(&["getmanagedwallet", &id, "--yes"]).json();
        assert_eq!(shown["mnemonic"], PHRASE, "the words joined by single spaces");
    }
}

#[test]
fn a_phrase_is_kept_as_typed_only_when_told_and_then_both_first_addresses_are_shown() {
    let place = Place::new();
    let doubled = PHRASE.replacen(' ', "  ", 2);
    let stored = store(&place, &["ETH", "--allow-nonstandard-mnemonic"], &doubled);
    assert_eq!(stored.code, Some(0), "{stored:?}");
    // Found with the text as it is by ethers, whose seed takes any text.
    let other = "0x7bf0713793026f25d7dcecd45f97cdae04bab3b4";
    assert!(stored.stderr.contains(other) && stored.stderr.contains(ETH), "{stored:?}");
    let id = id_of(&stored.json());
    assert_eq!(place.run(&["getaddress", &id, "0"]).json()["address"], other);
}

#[test]
fn an_expected_address_is_found_on_the_chains_own_path_and_the_phrase_is_stored() {
    for (chain, expected, index) in [
        ("ETH", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94", 0),
        ("ETH", "0xf3f50213c1d2e255e4b2bad430f8a38eef8d718e", 3),
        ("ONE", "one1q6gkzcap0uruuu8r6sldxuu47pd4ww9w9t7tg6", 0),
        ("BTC", "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", 0),
        ("BCH", "1mW6fDEMjKrDHvLvoEsaeLxSCzZBf3Bfg", 0),
        ("EGLD", "erd1sqhjrtmsn5yjk6w85099p8v0ly0g8z9pxeqe5dvu5rlf2n7vq3vqytny9g", 0),
    ] {
        let place = Place::new();
        let stored = store(&place, &[chain, "--expect", expected], PHRASE);
        assert!(stored.stderr.contains(&format!("{expected} is at index {index}")), "{stored:?}");
        holds(&place, &stored, expected);
    }
}

#[test]
fn an_expected_address_on_another_tools_path_is_said_and_its_key_can_be_stored() {
    for (chain, expected, path, tool) in [
        ("SOL", "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk", "m/44'/501'/0'/0'", "Phantom"),
        ("SOL", "Hh8QwFUA6MtVu1qAoq12ucvFHNwCcVTV7hpWjeY1Hztb", "m/44'/501'/1'/0'", "Phantom"),
        ("SOL", "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL", "m/44'/501'/0'", "Trust"),
        ("SOL", "EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o", "(no path)", "solana-keygen"),
        (
            "ADA",
            "addr1vy8ac7qqy0vtulyl7wntmsxc6wex80gvcyjy33qffrhm7ss7lxrqp",
            "m/1852'/1815'/0'/0/0",
            "Eternl",
        ),
        (
            "ADA",
            "addr1qy8ac7qqy0vtulyl7wntmsxc6wex80gvcyjy33qffrhm7sh927ysx5sftuw0dlft05dz3c7revpf7jx0xnlcjz3g69mq4afdhv",
            "m/1852'/1815'/0'/0/0",
            "Eternl",
        ),
        ("MATIC", ETH, "m/44'/60'/0'/0/0", "MetaMask"),
        ("KLAY", ETH, "m/44'/60'/0'/0/0", "MetaMask"),
        ("CELO", "0x07b5fdfeb4e11826d233403fe8db0611ccf4c231", "m/44'/60'/2'/0/0", "Ledger Live"),
        ("ETH", "0xf77a7adf5d0e780bf5fd1bb843114ba8a00078d2", "m/44'/60'/0'/3", "MyEtherWallet"),
        ("BTC", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "m/84'/0'/0'/0/0", "Trust"),
        ("BTC", "3LtMnn87fqUeHBUG414p9CWwnoV6E2pNKS", "m/49'/0'/0'/0/1", "2017"),
        ("LTC", "ltc1qjmxnz78nmc8nq77wuxh25n2es7rzm5c2rkk4wh", "m/84'/2'/0'/0/0", "Trust"),
        (
            "BCH",
            "bitcoincash:qrpkufwnfdzp8cnxzer8d8fkhqmh0zyphq6u3gx6e3",
            "m/44'/245'/0'/0/0",
            "minimal-slp",
        ),
        (
            "XLM",
            "GB3JDWCQJCWMJ3IILWIGDTQJJC5567PGVEVXSCVPEQOTDN64VJBDQBYX",
            "m/44'/148'/0'",
            "SEP-5",
        ),
        ("BNB", "bnb1rxhz5vdv4fvdjye8gxqvfv0yvg20jtlwf4f38d", "m/44'/714'/0'/0/0", "Trust"),
    ] {
        let place = Place::new();
        let arguments = [chain, "--expect", expected];
        let refused = store(&place, &arguments, PHRASE);
        refused.fails(1, "--single-key");
        assert!(refused.stderr.contains(&format!("at {path}, the path used by")), "{refused:?}");
        assert!(refused.stderr.contains(tool), "{refused:?}");
        assert_eq!(place.run(&["list"]).code, Some(4), "nothing was stored");
        let stored = store(&place, &[&arguments[..], &["--single-key"]].concat(), PHRASE);
        holds(&place, &stored, expected);
        let kind = &place.run(&["list"]).json()[0]["type"];
        assert_eq!(kind, "PRIVATE_KEY");
    }
}

#[test]
fn an_address_that_the_phrase_does_not_give_stores_nothing() {
    let place = Place::new();
    let foreign = "0x1111111111111111111111111111111111111111";
    let refused = store(&place, &["MATIC", "--expect", foreign], PHRASE);
    refused.fails(1, "nothing was stored");
    for tried in ["0x841b1de89b7a8014d01b0fc73e7a21479a94899a", ETH, "m/44'/966'/0'/0/0"] {
        assert!(refused.stderr.contains(tried), "{tried}: {refused:?}");
    }
    store(&place, &["XRP", "--expect", "rN7n7otQDd6FczFgLdSqtcsAUxDkw6fzRH"], PHRASE)
        .fails(1, "no recovery phrase");
    assert!(!place.store().exists());
}

/// Phrases that Electrum 4.3.4 made (`electrum make_seed`), and one of its own tests.
#[test]
fn a_phrase_of_electrum_is_called_so_and_not_mistyped() {
    for (phrase, kind) in [
        ("health enrich thrive ten mutual clock elbow gadget gym antique drill bar", "segwit"),
        (
            "try seed genius melt ability crash camera parent warrior exhaust today scale",
            "standard",
        ),
    ] {
        let place = Place::new();
        let refused = store(&place, &["BTC"], phrase);
        refused.fails(1, &format!("an Electrum recovery phrase of type {kind}"));
        assert!(refused.stderr.contains("export the private keys in Electrum"), "{refused:?}");
        assert!(!refused.stderr.contains(&phrase[..9]), "{refused:?}");
        assert!(!place.store().exists());
    }
    let mistyped = PHRASE.replacen("about", "abandon", 1);
    let refused = store(&Place::new(), &["BTC"], &mistyped);
    refused.fails(1, "checksum");
    assert!(!refused.stderr.contains("Electrum"), "{refused:?}");
}

#[test]
fn the_test_networks_tools_take_the_main_networks_path() {
    let place = Place::new();
    let refused = store(&place, &["ETH", "--testnet", "--expect", ETH], PHRASE);
    refused.fails(1, "--single-key");
    assert!(refused.stderr.contains("at m/44'/60'/0'/0/0"), "{refused:?}");
}
