//! The nodes of the family: one row a chain.

use kms_core::{ByNetwork, ChainId, Network};

/// The node of one chain, as the remote API proxies it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) chain: ChainId,
    /// The path of its JSON-RPC; the API key follows.
    pub(crate) path: &'static str,
    /// EIP-155 chain ids; the first is what the node says, the others may be signed for too.
    chain_ids: ByNetwork<&'static [u64]>,
    /// In base units.
    pub(crate) gas_price: u64,
    /// True if the node's estimate replaces a gas limit that is given.
    pub(crate) replaces_gas: bool,
    /// The path of accounts' nonces, if they have a separate resource; the address follows.
    pub(crate) count_path: Option<&'static str>,
}

const GWEI: u64 = 1_000_000_000;

/// The base fee of a new block, in wei.
pub(crate) const BASE_FEE: u64 = 10 * GWEI;

pub(crate) static NODES: &[Node] = &[
    Node {
        chain_ids: ByNetwork { mainnet: &[1], testnet: &[11_155_111, 17_000, 560_048, 3, 4, 5] },
        count_path: Some("/v3/ethereum/transaction/count"),
        ..node("ETH", "/v3/ethereum/web3", 20)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[56], testnet: &[97] },
        count_path: Some("/v3/bsc/transaction/count"),
        ..node("BSC", "/v3/bsc/web3", 10)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[137], testnet: &[80_002, 80_001] },
        ..node("MATIC", "/v3/polygon/web3", 35)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[8217], testnet: &[1001] },
        ..node("KLAY", "/v3/blockchain/node/KLAY", 25)
    },
    Node {
        chain_ids: ByNetwork {
            mainnet: &[1_666_600_000, 1_666_600_001, 1_666_600_002, 1_666_600_003],
            testnet: &[1_666_700_000, 1_666_700_001, 1_666_700_002, 1_666_700_003],
        },
        ..node("ONE", "/v3/one/web3", 100)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[50], testnet: &[51] },
        replaces_gas: true,
        count_path: Some("/v3/xdc/transaction/count"),
        ..node("XDC", "/v3/xdc/web3", 12)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[321], testnet: &[322] },
        ..node("KCS", "/v3/kcs/web3", 1)
    },
    Node {
        chain_ids: ByNetwork { mainnet: &[42_220], testnet: &[44_787, 62_320, 11_142_220] },
        ..node("CELO", "/v3/blockchain/node/CELO", 25)
    },
];

const fn node(code: &'static str, path: &'static str, gwei: u64) -> Node {
    Node {
        chain: ChainId::new(code),
        path,
        chain_ids: ByNetwork::same(&[]),
        gas_price: gwei * GWEI,
        replaces_gas: false,
        count_path: None,
    }
}

pub(crate) fn find(chain: ChainId) -> Option<&'static Node> {
    NODES.iter().find(|node| node.chain == chain)
}

impl Node {
    /// The chain id that the node reports.
    pub(crate) fn chain_id(&self, network: Network) -> u64 {
        self.chain_ids.on(network).first().copied().unwrap_or(0)
    }

    pub(crate) fn is_own(&self, network: Network, chain_id: u64) -> bool {
        self.chain_ids.on(network).contains(&chain_id)
    }
}
