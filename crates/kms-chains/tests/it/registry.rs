//! The registry as a table: a change to it is visible in review.

use std::{fmt::Write as _, path::PathBuf};

fn table() -> String {
    let mut table = String::new();
    for chain in kms_chains::CHAINS {
        let spec = chain.spec();
        writeln!(
            table,
            "{} | {} | {} | withdrawals {} | testnet header {} | {} decimals | {:?} | tokens {} | also {}",
            spec.id,
            spec.name,
            spec.api_path,
            spec.withdrawals,
            spec.testnet_type_header,
            spec.decimals,
            spec.key,
            spec.token_codes.join(" "),
            spec.other_codes.join(" "),
        )
        .expect("a string");
    }
    table
}

#[test]
fn the_registry_is_the_table_in_the_repository() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/registry.txt");
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("UPDATE_REGISTRY").is_some() {
        std::fs::write(&path, table()).expect("the table is written");
        return;
    }
    assert_eq!(table(), expected, "set UPDATE_REGISTRY=1 to accept the new table");
}

#[test]
fn codes_are_unique_and_sorted() {
    let codes: Vec<_> = kms_chains::CHAINS.iter().map(|chain| chain.spec().id.as_str()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    let mut all: Vec<_> =
        kms_chains::CHAINS.iter().flat_map(|chain| chain.spec().token_codes).copied().collect();
    all.extend(codes);
    all.extend(kms_chains::CHAINS.iter().flat_map(|chain| chain.spec().other_codes));
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "a code is there twice");
}

#[test]
fn a_token_code_names_its_chains_wallets_and_no_chain() {
    let code = |code| kms_chains::find_wallet_code(code).map(|chain| chain.spec().id.as_str());
    assert_eq!(code("USDT"), Some("ETH"));
    assert_eq!(code("USDC_MATIC"), Some("MATIC"));
    assert_eq!(code("CUSD"), Some("CELO"));
    assert_eq!(code("eth"), None);
    assert!(kms_chains::find("USDT").is_none());
    assert_eq!((code("KLAY"), code("KAIA")), (Some("KLAY"), Some("KLAY")));
}
