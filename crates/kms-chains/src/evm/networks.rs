//! One row per chain. Chain ids: <https://chainlist.org>, <https://docs.klaytn.foundation>,
//! <https://docs.harmony.one>, <https://docs.celo.org>; test networks that were shut down stay,
//! since the remote API still names them.
//!
//! Rules of gas, from the sources of the networks' nodes: Prague on ETH and CELO (go-ethereum;
//! celo-org/op-geth, Isthmus), BSC (bnb-chain/bsc, Pascal), MATIC (0xPolygon/bor, Bhilai) and KLAY
//! (KIP-223); on XDC EIP-3860 alone (XDPoSChain, with its EIP-1559). Nothing newer than Berlin is
//! known of KCS and ONE.

use kms_core::{
    Amount, ByNetwork, ChainId, ChainSpec, Derivation, KeySpec, Scheme, SecretEncoding,
    WalletLayout, XPUB,
};

use super::{
    Dialect, Estimate, EstimateCall, Evm, GasPriceSource, NODE_WORDS, NonceSource, gas::GasRules,
};
use crate::ceiling::thousandths;

/// Since Fusaka no Ethereum transaction may ask for more (EIP-7825).
const ETHEREUM_GAS_MAX: u64 = 1 << 24;
/// More than any other chain here lets into a block, by an order of magnitude.
const GAS_MAX: u64 = 1_000_000_000;

const WHEN_MISSING: Estimate = Estimate {
    method: "eth_estimateGas",
    call: EstimateCall::ToAndData,
    always: false,
    replaces: false,
    whole_for_withdrawals: false,
};

/// Half a dollar, half a euro: cUSD and cEUR of mainnet and of Alfajores, in wei of the token.
const CELO_FEES_MOST: &[(&str, Amount)] = &[
    ("0x765de816845861e75a25fca122bb6898b8b1282a", thousandths(500, 18)),
    ("0xd8763cba276a3738e6de85b4b3bf5fded6d6ca73", thousandths(500, 18)),
    ("0x874069fa1eb16d44d622f2e0ca25eea172369bc1", thousandths(500, 18)),
    ("0x10c892a6ec43a53e45d0b916b4b7d383b1b78c0f", thousandths(500, 18)),
];

const NODE_COUNT: NonceSource =
    NonceSource::Node { method: "eth_getTransactionCount", block: "latest" };

const fn key(coin_type: u32, encoding: SecretEncoding) -> KeySpec {
    KeySpec {
        scheme: Scheme::EcdsaSecp256k1,
        derivation: Derivation::Bip44 {
            coin_type: ByNetwork { mainnet: coin_type, testnet: 1 },
            version: ByNetwork::same(XPUB),
        },
        encoding,
        layout: WalletLayout::XpubMnemonic,
    }
}

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
        withdrawals: false,
        testnet_type_header: true,
        decimals: 18,
        fee_most,
        token_fees_most: &[],
        harmless_members: &[],
        node_words: NODE_WORDS,
        secret_members: &[],
        testnet_query: None,
        key,
    }
}

pub(crate) static ETHEREUM: Evm = Evm {
    spec: ChainSpec {
        withdrawals: true,
        token_codes: ETHEREUM_TOKENS,
        testnet_query: Some(("testnetType", "ethereum-rinkeby")),
        ..spec(
            "ETH",
            "Ethereum",
            "ethereum",
            key(60, SecretEncoding::PrefixedHex),
            thousandths(200, 18),
        )
    },
    chain_ids: ByNetwork {
        mainnet: &[1],
        testnet: &[11_155_111, 17_000, 560_048, 3, 4, 5], // Sepolia, Holesky, Hoodi, and the retired
    },
    rpc_path: "/v3/ethereum/web3",
    address_prefix: "0x",
    dialect: Dialect::Web3,
    estimate: Estimate { call: EstimateCall::Whole, whole_for_withdrawals: true, ..WHEN_MISSING },
    nonce: NonceSource::Api { path: "/v3/ethereum/transaction/count/" },
    gas_price: GasPriceSource::Api { path: "/v3/blockchain/fee/ETH" },
    gas_limit_max: ETHEREUM_GAS_MAX,
    gas_rules: GasRules::Prague,
    has_types: true,
    depth: 64,
};

pub(crate) static BSC: Evm = Evm {
    spec: ChainSpec {
        token_codes: BSC_TOKENS,
        ..spec(
            "BSC",
            "BNB Smart Chain",
            "bsc",
            key(60, SecretEncoding::PrefixedHex),
            thousandths(150, 18),
        )
    },
    chain_ids: ByNetwork { mainnet: &[56], testnet: &[97] },
    rpc_path: "/v3/bsc/web3",
    address_prefix: "0x",
    dialect: Dialect::Web3,
    estimate: Estimate { call: EstimateCall::Whole, always: true, ..WHEN_MISSING },
    nonce: NonceSource::Api { path: "/v3/bsc/transaction/count/" },
    gas_price: GasPriceSource::Node {
        method: "eth_gasPrice",
        keeps_zero: false,
        most: Some(10_000_000_000),
    },
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Prague,
    has_types: true,
    depth: 16,
};

pub(crate) static POLYGON: Evm = Evm {
    spec: ChainSpec {
        token_codes: &["USDC_MATIC", "USDC_MATIC_NATIVE", "USDT_MATIC"],
        ..spec(
            "MATIC",
            "Polygon",
            "polygon",
            key(966, SecretEncoding::PrefixedHex),
            thousandths(2_000, 18),
        )
    },
    chain_ids: ByNetwork { mainnet: &[137], testnet: &[80_002, 80_001] }, // Amoy, Mumbai
    rpc_path: "/v3/polygon/web3",
    address_prefix: "0x",
    dialect: Dialect::Web3,
    estimate: WHEN_MISSING,
    nonce: NODE_COUNT,
    gas_price: GasPriceSource::GasStation,
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Prague,
    has_types: true,
    depth: 256,
};

pub(crate) static KLAYTN: Evm = Evm {
    spec: ChainSpec {
        other_codes: &["KAIA"],
        ..spec(
            "KLAY",
            "Klaytn",
            "klaytn",
            key(8217, SecretEncoding::KlaytnWalletKey),
            thousandths(2_000, 18),
        )
    },
    chain_ids: ByNetwork { mainnet: &[8217], testnet: &[1001] },
    rpc_path: "/v3/blockchain/node/KLAY",
    address_prefix: "0x",
    dialect: Dialect::Klaytn,
    estimate: Estimate { method: "klay_estimateGas", ..WHEN_MISSING },
    nonce: NonceSource::Node { method: "klay_getTransactionCount", block: "pending" },
    gas_price: GasPriceSource::Node { method: "klay_gasPrice", keeps_zero: false, most: None },
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Prague,
    has_types: true,
    depth: 16,
};

pub(crate) static HARMONY: Evm = Evm {
    spec: ChainSpec {
        withdrawals: true,
        ..spec(
            "ONE",
            "Harmony",
            "one",
            key(1023, SecretEncoding::PrefixedHex),
            thousandths(10_000, 18),
        )
    },
    chain_ids: ByNetwork {
        mainnet: &[1_666_600_000, 1_666_600_001, 1_666_600_002, 1_666_600_003],
        testnet: &[1_666_700_000, 1_666_700_001, 1_666_700_002, 1_666_700_003],
    },
    rpc_path: "/v3/one/web3",
    address_prefix: "0x",
    dialect: Dialect::Web3,
    estimate: WHEN_MISSING,
    nonce: NODE_COUNT,
    gas_price: GasPriceSource::Node { method: "eth_gasPrice", keeps_zero: false, most: None },
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Berlin,
    has_types: false,
    depth: 32,
};

pub(crate) static XDC: Evm = Evm {
    spec: spec(
        "XDC",
        "XDC Network",
        "xdc",
        key(550, SecretEncoding::PrefixedHex),
        thousandths(10_000, 18),
    ),
    chain_ids: ByNetwork { mainnet: &[50], testnet: &[51] },
    rpc_path: "/v3/xdc/web3",
    address_prefix: "xdc",
    dialect: Dialect::Web3,
    estimate: Estimate { call: EstimateCall::Whole, always: true, replaces: true, ..WHEN_MISSING },
    nonce: NonceSource::Api { path: "/v3/xdc/transaction/count/" },
    gas_price: GasPriceSource::Node { method: "eth_gasPrice", keeps_zero: true, most: None },
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Shanghai,
    has_types: true,
    depth: 32,
};

pub(crate) static KUCOIN: Evm = Evm {
    spec: spec(
        "KCS",
        "KuCoin Community Chain",
        "kcs",
        key(60, SecretEncoding::PrefixedHex),
        thousandths(200, 18),
    ),
    chain_ids: ByNetwork { mainnet: &[321], testnet: &[322] },
    rpc_path: "/v3/kcs/web3",
    address_prefix: "0x",
    dialect: Dialect::Web3,
    estimate: WHEN_MISSING,
    nonce: NODE_COUNT,
    gas_price: GasPriceSource::Fixed(1_000_000_000),
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Berlin,
    has_types: true,
    depth: 32,
};

pub(crate) static CELO: Evm = Evm {
    spec: ChainSpec {
        testnet_type_header: false,
        token_codes: &["CUSD", "CEUR"],
        token_fees_most: CELO_FEES_MOST,
        harmless_members: &[],
        ..spec(
            "CELO",
            "Celo",
            "celo",
            key(52_752, SecretEncoding::PrefixedHex),
            thousandths(1_000, 18),
        )
    },
    chain_ids: ByNetwork {
        mainnet: &[42_220],
        testnet: &[44_787, 62_320, 11_142_220], // Alfajores, Baklava, Sepolia
    },
    rpc_path: "/v3/blockchain/node/CELO",
    address_prefix: "0x",
    dialect: Dialect::Celo,
    estimate: WHEN_MISSING,
    nonce: NODE_COUNT,
    gas_price: GasPriceSource::Node { method: "eth_gasPrice", keeps_zero: false, most: None },
    gas_limit_max: GAS_MAX,
    gas_rules: GasRules::Prague,
    has_types: true,
    depth: 64,
};

const ETHEREUM_TOKENS: &[&str] = &[
    "USDT",
    "LEO",
    "LINK",
    "UNI",
    "FREE",
    "GMC",
    "GMC_BSC",
    "MKR",
    "USDC",
    "BAT",
    "TUSD",
    "BUSD",
    "PAX",
    "PAXG",
    "MMY",
    "WBTC",
    "PLTC",
    "XCON",
    "REVV",
    "SAND",
    "INTENT",
    "EURTENT",
    "GOLDAX",
    "MATIC_ETH",
    "POL_ETH",
    "HAG",
    "LATOKEN",
    "ETH_ARB",
    "ETH_OP",
    "ETH_BASE",
    "USDC_ARB",
    "USDC_OP",
    "USDC_BASE",
    "USDT_ARB",
    "USDT_OP",
    "USDT_BASE",
];

const BSC_TOKENS: &[&str] = &[
    "CAKE",
    "BUSD_BSC",
    "BETH",
    "GAMEE",
    "BBTC",
    "BADA",
    "WBNB",
    "BDOT",
    "BXRP",
    "BLTC",
    "BBCH",
    "USDC_BSC",
    "COIIN",
    "COIIN_BSC",
];
