//! One row per chain. Version bytes and prefixes: each chain's `chainparams.cpp`; extended key
//! versions: SLIP-132 and what the original writes.

use kms_core::{
    Amount, ByNetwork, ChainId, ChainSpec, Derivation, HarmlessMember, KeySpec, Scheme,
    SecretEncoding, TPUB, ToolPath, WalletLayout, XPUB,
};

use super::{
    AddressFormat, OwnAddress, PayloadFormat, Utxo,
    checks::{FeeRate, FeeRules},
};
use crate::ceiling::thousandths;

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] =
    &[HarmlessMember { path: "inputs[].scriptString", reason: "`inputs[].script` in words" }];

const LTUB: [u8; 4] = [0x01, 0x9d, 0xa4, 0x62];
const TTUB: [u8; 4] = [0x04, 0x36, 0xf6, 0xe1];

const fn spec(
    code: &'static str,
    name: &'static str,
    api_path: &'static str,
    key: KeySpec,
    fee_most: Amount,
) -> ChainSpec {
    ChainSpec {
        id: ChainId::new(code),
        name,
        other_codes: &[],
        token_codes: &[],
        api_path,
        withdrawals: true,
        testnet_type_header: true,
        decimals: 8,
        fee_most,
        token_fees_most: &[],
        harmless_members: HARMLESS,
        key,
    }
}

const fn key(
    coin_type: ByNetwork<u32>,
    version: ByNetwork<[u8; 4]>,
    encoding: SecretEncoding,
) -> KeySpec {
    KeySpec {
        scheme: Scheme::EcdsaSecp256k1,
        derivation: Derivation::Bip44 { coin_type, version },
        encoding,
        layout: WalletLayout::MnemonicXpub,
    }
}

pub(crate) static BITCOIN: Utxo = Utxo {
    spec: spec(
        "BTC",
        "Bitcoin",
        "bitcoin",
        key(
            ByNetwork { mainnet: 0, testnet: 1 },
            ByNetwork { mainnet: XPUB, testnet: TPUB },
            SecretEncoding::Wif {
                written: ByNetwork { mainnet: 0x80, testnet: 0xef },
                read: ByNetwork::same(&[0x80, 0xef]),
                bare_hex: true,
            },
        ),
        thousandths(20, 8),
    ),
    addresses: ByNetwork {
        mainnet: AddressFormat {
            p2pkh: 0x00,
            p2sh: 0x05,
            older_p2sh: None,
            segwit: Some("bc"),
            cash: None,
        },
        testnet: AddressFormat {
            p2pkh: 0x6f,
            p2sh: 0xc4,
            older_p2sh: None,
            segwit: Some("tb"),
            cash: None,
        },
    },
    own_address: OwnAddress::P2wpkh,
    payload: PayloadFormat::Bitcore,
    has_witness: true,
    has_extension_block: false,
    fee_rules: FeeRules::Rate {
        least: FeeRate::per_thousand(100),
        most: FeeRate::per_thousand(1_500_000),
    },
    tool_paths: &[
        ToolPath::new("m/84'/0'/0'/0/i", "Trust Wallet, Ledger, Trezor and most wallets (bc1q…)"),
        ToolPath::new("m/49'/0'/0'/0/i", "wallets of 2017 to 2020 (3…)"),
        ToolPath::new("m/84'/1'/0'/0/i", "most wallets on test networks"),
    ],
};

pub(crate) static LITECOIN: Utxo = Utxo {
    spec: spec(
        "LTC",
        "Litecoin",
        "litecoin",
        key(
            ByNetwork { mainnet: 2, testnet: 1 },
            ByNetwork { mainnet: LTUB, testnet: TTUB },
            SecretEncoding::Wif {
                written: ByNetwork { mainnet: 0xb0, testnet: 0xef },
                read: ByNetwork::same(&[0xb0, 0xef]),
                bare_hex: true,
            },
        ),
        thousandths(500, 8),
    ),
    addresses: ByNetwork {
        mainnet: AddressFormat {
            p2pkh: 0x30,
            p2sh: 0x32,
            older_p2sh: Some(0x05),
            segwit: Some("ltc"),
            cash: None,
        },
        testnet: AddressFormat {
            p2pkh: 0x6f,
            p2sh: 0x3a,
            older_p2sh: Some(0xc4),
            segwit: Some("tltc"),
            cash: None,
        },
    },
    own_address: OwnAddress::P2pkh,
    payload: PayloadFormat::Bitcore,
    has_witness: true,
    has_extension_block: true,
    fee_rules: FeeRules::Rate {
        least: FeeRate::per_thousand(500),
        most: FeeRate::per_thousand(1_500_000),
    },
    tool_paths: &[
        ToolPath::new("m/84'/2'/0'/0/i", "Trust Wallet, Ledger, Trezor and most wallets (ltc1q…)"),
        ToolPath::new("m/49'/2'/0'/0/i", "wallets of 2017 to 2020 (M…)"),
        ToolPath::new("m/84'/1'/0'/0/i", "most wallets on test networks"),
    ],
};

pub(crate) static DOGECOIN: Utxo = Utxo {
    spec: spec(
        "DOGE",
        "Dogecoin",
        "dogecoin",
        key(
            ByNetwork { mainnet: 3, testnet: 1 },
            ByNetwork { mainnet: XPUB, testnet: TPUB },
            SecretEncoding::Wif {
                written: ByNetwork { mainnet: 0x9e, testnet: 0xf1 },
                read: ByNetwork::same(&[0x9e, 0xf1, 0xef]),
                bare_hex: true,
            },
        ),
        thousandths(20_000, 8),
    ),
    addresses: ByNetwork {
        mainnet: AddressFormat {
            p2pkh: 0x1e,
            p2sh: 0x16,
            older_p2sh: None,
            segwit: None,
            cash: None,
        },
        testnet: AddressFormat {
            p2pkh: 0x71,
            p2sh: 0xc4,
            older_p2sh: None,
            segwit: None,
            cash: None,
        },
    },
    own_address: OwnAddress::P2pkh,
    payload: PayloadFormat::Bitcore,
    has_witness: false,
    has_extension_block: false,
    fee_rules: FeeRules::Dogecoin,
    tool_paths: &[],
};

pub(crate) static BITCOIN_CASH: Utxo = Utxo {
    spec: spec(
        "BCH",
        "Bitcoin Cash",
        "bcash",
        KeySpec {
            scheme: Scheme::SchnorrBitcoinCash,
            ..key(
                ByNetwork::same(145),
                ByNetwork { mainnet: XPUB, testnet: TPUB },
                SecretEncoding::Wif {
                    written: ByNetwork { mainnet: 0x80, testnet: 0xef },
                    read: ByNetwork { mainnet: &[0x80], testnet: &[0xef] },
                    bare_hex: false,
                },
            )
        },
        thousandths(20, 8),
    ),
    addresses: ByNetwork {
        mainnet: AddressFormat {
            p2pkh: 0,
            p2sh: 5,
            older_p2sh: None,
            segwit: None,
            cash: Some("bitcoincash"),
        },
        testnet: AddressFormat {
            p2pkh: 0x6f,
            p2sh: 0xc4,
            older_p2sh: None,
            segwit: None,
            cash: Some("bchtest"),
        },
    },
    own_address: OwnAddress::P2pkh,
    payload: PayloadFormat::HexAndAmounts,
    has_witness: false,
    has_extension_block: false,
    fee_rules: FeeRules::Rate {
        least: FeeRate::per_thousand(500),
        most: FeeRate::per_thousand(2_500_000),
    },
    tool_paths: &[
        ToolPath::new("m/44'/0'/0'/0/i", "mainnet-js, and wallets from before the split"),
        ToolPath::new("m/44'/245'/0'/0/i", "minimal-slp-wallet, Electron Cash SLP"),
        ToolPath::new("m/44'/1'/0'/0/i", "most wallets on test networks"),
    ],
};
