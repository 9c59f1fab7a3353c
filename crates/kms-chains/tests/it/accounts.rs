//! Every spelling of an address is the same account. The spellings were written by the chains' own
//! packages: bs58check 4.0.0, bech32 2.0.0, @bitauth/libauth 3.0.0, ripple-address-codec 5.0.1,
//! @stellar/stellar-sdk, ethers 6 and bs58; capitals and bare digits by hand.

use std::collections::BTreeSet;

use kms_core::Network::{self, Mainnet, Testnet};

const EVM: &str = "0xf5bf48b397dae70be82b3cca4793f8eb2b6cdac9";

/// A chain, a network, and spellings of one account, the canonical one first.
type Row = (&'static str, Network, &'static [&'static str]);

const SPELLINGS: &[Row] = &[
    ("BTC", Mainnet, &["1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp"]),
    ("BTC", Mainnet, &["3Q6QdBnqzVELWZAQ7U253RNTvKVgz7Cfqm"]),
    (
        "BTC",
        Mainnet,
        &[
            "bc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfukhc0e",
            "BC1Q7KL53VUHMTNSH6PT8N9Y0YLCAV4KEKKFUKHC0E",
        ],
    ),
    ("BTC", Mainnet, &["bc1q9w82src60g0l30gdtad4cxn6nghwt6wxmxafa862fcdpeudc673snyz2em"]),
    (
        "BTC",
        Mainnet,
        &[
            "bc1p9w82src60g0l30gdtad4cxn6nghwt6wxmxafa862fcdpeudc673senzrp8",
            "BC1P9W82SRC60G0L30GDTAD4CXN6NGHWT6WXMXAFA862FCDPEUDC673SENZRP8",
        ],
    ),
    (
        "BTC",
        Testnet,
        &[
            "tb1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfksvt52",
            "TB1Q7KL53VUHMTNSH6PT8N9Y0YLCAV4KEKKFKSVT52",
        ],
    ),
    ("BTC", Testnet, &["n3vLzhPPFcMDCVwahwKrSiDrdnogPBjJCm"]),
    ("BTC", Testnet, &["2NFecgvisbwjgiLnwnbdwfNMj8fhrm9Fbqe"]),
    ("LTC", Mainnet, &["LhdLxrcEXFA1gCA8AWLmtp5Hz1aFc6raN2"]),
    ("LTC", Mainnet, &["MWJYw5Cowc5mK4SJDM1Qs4csF268zQhUMq", "3Q6QdBnqzVELWZAQ7U253RNTvKVgz7Cfqm"]),
    (
        "LTC",
        Mainnet,
        &[
            "ltc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfc2duhf",
            "LTC1Q7KL53VUHMTNSH6PT8N9Y0YLCAV4KEKKFC2DUHF",
        ],
    ),
    (
        "LTC",
        Testnet,
        &["Qj1Nowb7d3nmrXYzQhfxk4oAH49ghGbi21", "2NFecgvisbwjgiLnwnbdwfNMj8fhrm9Fbqe"],
    ),
    ("LTC", Testnet, &["tltc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkf0cw4yr"]),
    ("DOGE", Mainnet, &["DTYVEuF3jzpExPeZixM3AZB8evwGp2Li4L"]),
    ("DOGE", Mainnet, &["AEqfN2rk4Z7EQvXsXbgVHYzqctsj3xoSkz"]),
    ("DOGE", Testnet, &["nrbYxuyxfyGxqNDkkmzVQxmRtoKZmHsFRb"]),
    (
        "BCH",
        Mainnet,
        &[
            "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
            "qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
            "QR6M7J9NJLDWWZLG9V7V53UNLR4JKMX6EYLEP8EKG2",
            "BITCOINCASH:QR6M7J9NJLDWWZLG9V7V53UNLR4JKMX6EYLEP8EKG2",
            "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe",
            "zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe",
            "1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp",
        ],
    ),
    (
        "BCH",
        Mainnet,
        &[
            "bitcoincash:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyguug74nh",
            "rr6m7j9njldwwzlg9v7v53unlr4jkmx6ey0k0ksnvy",
            "3Q6QdBnqzVELWZAQ7U253RNTvKVgz7Cfqm",
        ],
    ),
    (
        "BCH",
        Mainnet,
        &[
            "bitcoincash:pv4ca2q0rfapl79ap404khq602dzae0fcmvm485lff8p5883hrt6x78pp6yfj",
            "rv4ca2q0rfapl79ap404khq602dzae0fcmvm485lff8p5883hrt6xv5aqr9se",
        ],
    ),
    (
        "BCH",
        Testnet,
        &[
            "bchtest:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eymt9qmp0k",
            "zr6m7j9njldwwzlg9v7v53unlr4jkmx6eyupk748s9",
            "n3vLzhPPFcMDCVwahwKrSiDrdnogPBjJCm",
        ],
    ),
    (
        "XRP",
        Mainnet,
        &[
            "rPQP6eJQS2uxRPTxz4M7corXmoUyPoNJUF",
            "XV5YA5itH8kxcppBKTe3Mixn4ssVfkuB8jMphQCZVUwhLDC",
            "XV5YA5itH8kxcppBKTe3Mixn4ssVfkoHraRvCcccr7vqDmU",
        ],
    ),
    (
        "XRP",
        Testnet,
        &[
            "rPQP6eJQS2uxRPTxz4M7corXmoUyPoNJUF",
            "TVenMqr19kJzsX88bG4uEi6yq72HdLZDjuJ74nuanmR7RMG",
            "TVenMqr19kJzsX88bG4uEi6yq72HdLTJxGP4yHi3cfskGko",
        ],
    ),
    (
        "XLM",
        Mainnet,
        &[
            "GAVY5KAPDJ5B76F5BVPVWXA2PKNC5ZPJY3M3VHU7JJHBUHHRXDL2GLIA",
            "MAVY5KAPDJ5B76F5BVPVWXA2PKNC5ZPJY3M3VHU7JJHBUHHRXDL2GAAAAAAAAAAAJVJN6",
        ],
    ),
    ("XLM", Testnet, &["CAVY5KAPDJ5B76F5BVPVWXA2PKNC5ZPJY3M3VHU7JJHBUHHRXDL2HPNZ"]),
    (
        "EGLD",
        Mainnet,
        &[
            "erd19w82src60g0l30gdtad4cxn6nghwt6wxmxafa862fcdpeudc673szmz09q",
            "ERD19W82SRC60G0L30GDTAD4CXN6NGHWT6WXMXAFA862FCDPEUDC673SZMZ09Q",
            "2b8ea80f1a7a1ff8bd0d5f5b5c1a7a9a2ee5e9c6d9ba9e9f4a4e1a1cf1b8d7a3",
        ],
    ),
    (
        "TRON",
        Mainnet,
        &[
            "TYNbhhg8bK2uaZXbae1C8whfgaxHh3Nb1D",
            "41f5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
            "41F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9",
        ],
    ),
    (
        "BNB",
        Mainnet,
        &[
            "bnb17kl53vuhmtnsh6pt8n9y0ylcav4kekkfggkl26",
            "BNB17KL53VUHMTNSH6PT8N9Y0YLCAV4KEKKFGGKL26",
        ],
    ),
    ("BNB", Testnet, &["tbnb17kl53vuhmtnsh6pt8n9y0ylcav4kekkfxalm2t"]),
    ("SOL", Mainnet, &["3w2hS78gvLyGJHqqrtpzdn4gG672L1QHXRSuhii3CxAe"]),
    ("FLOW", Mainnet, &["0xe467b9dd11fa00df", "e467b9dd11fa00df", "0xE467B9DD11FA00DF"]),
    ("ALGO", Mainnet, &["GD64YIY3TWGDMCNPP553DZPPR6LDUSFQOIJVFDPPXWEG3FVOJCCDBBHU5A"]),
    // CIP-19's.
    (
        "ADA",
        Mainnet,
        &[
            "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
            "ADDR1VX2FXV2UMYHTTKXYXP8X0DLPDT3K6CWNG5PXJ3JHSYDZERS66HRL8",
        ],
    ),
    (
        "ONE",
        Testnet,
        &[
            EVM,
            "one17kl53vuhmtnsh6pt8n9y0ylcav4kekkf9d8jqt",
            "ONE17KL53VUHMTNSH6PT8N9Y0YLCAV4KEKKF9D8JQT",
        ],
    ),
    (
        "XDC",
        Mainnet,
        &[
            EVM,
            "xdcf5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
            "xdcf5bF48B397dAe70BE82B3CCA4793F8EB2b6cdaC9",
            "XDCF5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9",
        ],
    ),
];

/// Spellings that every chain with Ethereum's addresses reads.
const OF_EVM: [&str; 6] = [
    EVM,
    "0xf5bF48B397dAe70BE82B3CCA4793F8EB2b6cdaC9",
    "0XF5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9",
    "0xF5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9",
    "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
    "XE80SPEZTFXYSQ0HCGSZ0WU1R0IVO6YN07D",
];
const EVM_CODES: [&str; 9] = ["ETH", "BSC", "MATIC", "CELO", "ONE", "KLAY", "KCS", "XDC", "VET"];

fn account(code: &str, network: Network, text: &str) -> Option<String> {
    let chain = kms_chains::find(code).expect("a chain");
    chain.account(network, text).map(|account| account.to_string())
}

#[test]
fn every_spelling_is_the_same_account() {
    for (code, network, spellings) in SPELLINGS {
        for text in *spellings {
            let found = account(code, *network, text);
            assert_eq!(found.as_deref(), spellings.first().copied(), "{code} {text}");
        }
    }
    for code in EVM_CODES {
        for text in OF_EVM {
            assert_eq!(account(code, Mainnet, text).as_deref(), Some(EVM), "{code} {text}");
        }
    }
}

#[test]
fn every_chain_is_in_the_table() {
    let rows = SPELLINGS.iter().map(|(code, ..)| *code).chain(EVM_CODES);
    let chains = kms_chains::CHAINS.iter().map(|chain| chain.spec().id.as_str());
    assert_eq!(rows.collect::<BTreeSet<_>>(), chains.collect());
}

#[test]
fn what_no_chain_can_read_is_no_account() {
    let long = "1".repeat(1 << 20);
    let dots = format!("bitcoincash:{}", "q".repeat(1 << 20));
    for bad in [
        "",
        " ",
        "garbage",
        "0x",
        "0x123",
        "vitalik.eth",
        "not-an-id",
        // A digit changed in each.
        "0xf5bF48B397dAe70BE82B3CCA4793F8EB2b6cdac9",
        "bc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfukhc0f",
        "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg3",
        "TYNbhhg8bK2uaZXbae1C8whfgaxHh3Nb1E",
        "GAVY5KAPDJ5B76F5BVPVWXA2PKNC5ZPJY3M3VHU7JJHBUHHRXDL2GLIB",
        // Capitals and small letters in one word.
        "bc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfukhC0E",
        "bitcoincash:QR6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
        // A prefix of no chain here, and a witness script under the wrong checksum.
        "bitcoin:1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp",
        "bc1p9w82src60g0l30gdtad4cxn6nghwt6wxmxafa862fcdpeudc673snyz2em",
        &long,
        &dots,
    ] {
        let shown: String = bad.chars().take(80).collect();
        assert!(kms_chains::accounts(bad).is_empty(), "{shown}");
    }
}

#[test]
fn an_address_of_the_other_network_is_none_of_this_one() {
    for (code, network, text) in [
        ("XRP", Testnet, "XV5YA5itH8kxcppBKTe3Mixn4ssVfkuB8jMphQCZVUwhLDC"),
        ("XRP", Mainnet, "TVenMqr19kJzsX88bG4uEi6yq72HdLTJxGP4yHi3cfskGko"),
        ("BTC", Testnet, "1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp"),
        ("BTC", Mainnet, "tb1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfksvt52"),
        ("BCH", Testnet, "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
        ("BNB", Mainnet, "tbnb17kl53vuhmtnsh6pt8n9y0ylcav4kekkfxalm2t"),
        ("LTC", Mainnet, "bc1q7kl53vuhmtnsh6pt8n9y0ylcav4kekkfukhc0e"),
    ] {
        assert_eq!(account(code, network, text), None, "{code} {text}");
    }
}

/// One text can be the address of more than one account: a pause stops them all.
#[test]
fn one_text_can_be_an_address_on_several_chains() {
    let found = kms_chains::accounts("1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp");
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp",
            "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
        ]
    );
    let found = kms_chains::accounts("xdcf5bf48b397dae70be82b3cca4793f8eb2b6cdac9");
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [EVM]);
}
