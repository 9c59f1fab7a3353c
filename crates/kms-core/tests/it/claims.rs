use kms_core::Claim;

fn nonce(scope: &str, account: &str, number: u64) -> Claim {
    Claim::Nonce { scope: scope.to_owned(), account: account.to_owned(), number }
}

/// The journal of an operator has these texts: they stay as they are.
#[test]
fn the_spelling_is_a_stored_format() {
    let output = Claim::Output {
        scope: String::from("utxo:BTC:mainnet"),
        outpoint: String::from(
            "9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff:0",
        ),
    };
    let once = Claim::Once { scope: String::from("tron"), what: String::from("e5f3") };
    let numbered = nonce("evm:1", "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f", 9);
    assert_eq!(
        [output.key(), once.key(), numbered.key()],
        [
            "utxo:BTC:mainnet:9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff:0",
            "tron:e5f3",
            "evm:1:0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f:9",
        ]
    );
    let account = String::from("evm:1:0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    assert_eq!(numbered.numbered(), Some((account, 9)));
    assert_eq!((output.numbered(), once.numbered()), (None, None));
}

#[test]
fn a_number_is_read_as_it_was_spelled_and_nothing_else_is() {
    for claim in [nonce("evm:1", "0xab", 0), nonce("xrp:testnet", "rPQP", u64::MAX)] {
        assert_eq!(Claim::parse_nonce(&claim.key()), Some(claim));
    }
    for bad in ["", ":", "evm", "evm:1", "evm:1:0xab:", "evm:1:0xab:+9", "evm:1:0xab:x"] {
        assert_eq!(Claim::parse_nonce(bad), None, "{bad}");
    }
}
