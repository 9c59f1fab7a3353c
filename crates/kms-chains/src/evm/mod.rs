//! Ethereum and its descendants: one implementation, one row of [`networks`] a chain.

mod address;
pub(crate) mod answers;
mod bundles;
pub(crate) mod calls;
mod celo;
mod draft;
mod fate;
mod finish;
mod gas;
pub(crate) mod klaytn;
pub(crate) mod networks;
pub(crate) mod payload;
mod payment;
mod transaction;
mod txid;

use alloy_primitives::{Address as EvmAddress, keccak256};
use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainOptions, ChainSpec, DecodeError,
    DecodeInput, Draft, Effects, Inquiry, Network, NodeCall, PublicKey, RawTransaction,
    SentTransaction, ToolPath, TxidError,
};

use serde_json::Value;

use self::{draft::EvmDraft, fate::EvmInquiry, gas::GasRules};
use crate::codec::hex;

/// A chain of the family: what it has in common with the others is code, the rest is this data.
#[derive(Debug)]
pub(crate) struct Evm {
    spec: ChainSpec,
    /// EIP-155 chain ids that a transaction of the network may carry.
    chain_ids: ByNetwork<&'static [u64]>,
    /// The remote API's node proxy of this chain.
    rpc_path: &'static str,
    /// The prefix before the 40 digits of an address in the chain's notation.
    address_prefix: &'static str,
    dialect: Dialect,
    estimate: Estimate,
    nonce: NonceSource,
    gas_price: GasPriceSource,
    /// A gas limit above this is treated as a mistake or an attack.
    gas_limit_max: u64,
    gas_rules: GasRules,
    /// True if the network knows transactions of Ethereum's types (EIP-2718).
    has_types: bool,
    /// Blocks on top of one after which nothing in it changes any more: at least the chain's own
    /// rule of finality, or where it has none, more than its deepest known reorganisation.
    depth: u64,
}

/// The form of payloads, and the transaction types besides Ethereum's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dialect {
    Web3,
    Klaytn,
    Celo,
}

/// The conditions under which the node is asked for a gas limit, and the request.
#[derive(Clone, Copy, Debug)]
struct Estimate {
    /// The RPC method.
    method: &'static str,
    call: EstimateCall,
    /// True if the node is asked although a gas limit is given: a transaction that would revert is
    /// not signed then.
    always: bool,
    /// True if the node's answer replaces a gas limit that is given.
    replaces: bool,
    /// True if the two above hold for off-chain withdrawals.
    whole_for_withdrawals: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum EstimateCall {
    /// Every field given. Nonce zero counts as given then.
    Whole,
    /// Receiver and data only.
    ToAndData,
}

#[derive(Clone, Copy, Debug)]
enum NonceSource {
    /// A resource of the remote API, followed by the address. Nonce zero counts as missing.
    Api {
        path: &'static str,
    },
    Node {
        method: &'static str,
        block: &'static str,
    },
}

#[derive(Clone, Copy, Debug)]
enum GasPriceSource {
    /// Member `medium` of the remote API's fee recommendation.
    Api { path: &'static str },
    /// In wei.
    Fixed(u64),
    /// Polygon's gas station: the maximum of member `fast.maxFee`, rounded up, and 30 gwei.
    GasStation,
    Node {
        method: &'static str,
        /// True if a price of zero is a price and not a gap.
        keeps_zero: bool,
        /// The most that is paid, whatever the node says: in wei.
        most: Option<u64>,
    },
}

impl Evm {
    fn rpc(&self, method: &'static str, params: serde_json::Value) -> NodeCall {
        NodeCall::Rpc { path: self.rpc_path, method, params }
    }

    /// Accepts a chain id that belongs to the chain and network.
    fn check_chain_id(
        &self,
        network: Network,
        options: &ChainOptions,
        found: u64,
    ) -> Result<u64, DecodeError> {
        let known = self.chain_ids.on(network);
        if known.contains(&found) || options.extra_chain_ids.contains(&found) {
            Ok(found)
        } else {
            Err(DecodeError::WrongChainId {
                chain: self.spec.id,
                network,
                found,
                known: known.to_vec(),
            })
        }
    }
}

/// Words of geth and its forks (BSC, Bor, Celo, KCC, XDC, Kaia, Harmony), Erigon, Nethermind, Besu, Reth
/// and OpenEthereum. `nonce too low` stands in the second list, because nodes also say it when
/// another transaction has used the nonce.
const NODE_WORDS: kms_core::NodeWords = kms_core::NodeWords {
    already_known: &[
        "already known",              // geth, Erigon
        "alreadyknown",               // Nethermind
        "already imported",           // OpenEthereum, Reth
        "known transaction",          // geth before 1.9, Besu, XDC, Kaia, Harmony
        "existing tx with same hash", // Erigon
    ],
    may_be_included: &[
        "nonce",   // too low, already used
        "replace", // the number is in the pool already, perhaps by these bytes
    ],
    not_now: &[
        "underpriced", // below the node's own least price
        "fee too low",
        "feetoolow", // Nethermind: FeeTooLow, FeeTooLowToCompete
        "base fee",  // EIP-1559: max fee per gas less than block base fee
        "pool is full",
        "header not found", // geth behind a balancer
        "trie node",        // the same
    ],
};

/// The wallets of the family look for every chain's accounts on Ethereum's path.
const TOOL_PATHS: &[ToolPath] = &[
    ToolPath::new("m/44'/60'/0'/0/i", "MetaMask, Trust Wallet, ethers, Kaia's SDK"),
    ToolPath::new("m/44'/60'/i'/0/0", "Ledger Live"),
    ToolPath::new("m/44'/60'/0'/i", "MyEtherWallet and Ledger's older applications"),
];

/// Members of transactions of the chain's family that are not signed here, and some that are.
const FORMAT: &[&str] = &[
    "accessList",
    "authorizationList",
    "blobVersionedHashes",
    "blobs",
    "calls",
    "chainId",
    "commitments",
    "customData",
    "data",
    "feeCurrency",
    "feePayer",
    "feePayerSignatures",
    "feeRatio",
    "feeToken",
    "from",
    "gas",
    "gasLimit",
    "gasPrice",
    "gatewayFee",
    "gatewayFeeRecipient",
    "input",
    "key",
    "kzgCommitments",
    "maxFeeInFeeCurrency",
    "maxFeePerBlobGas",
    "maxFeePerGas",
    "maxPriorityFeePerGas",
    "nonce",
    "nonceKey",
    "proofs",
    "sidecars",
    "to",
    "toShard",
    "shardID",
    "toShardID",
    "type",
    "validAfter",
    "validBefore",
    "value",
];

impl Chain for Evm {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    /// 40 hexadecimal digits with `0x`, the chain's own prefix or none, ICAP, and Harmony's `one1…`.
    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        let account = address::read_any(text, self.address_prefix)?;
        Some(AccountId::from_canonical(calls::text(account)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        EvmDraft::new(self, input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn inquiry(&self, sent: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        Some(Box::new(EvmInquiry::new(self, sent)?))
    }

    fn payment_call(&self, _: Network, txid: &str) -> Option<NodeCall> {
        Some(payment::call(self.spec.api_path, txid))
    }

    fn read_payment(&self, network: Network, txid: &str, answer: &Value) -> Option<Effects> {
        payment::read(self, network, txid, answer)
    }

    /// The last 20 bytes of the key's Keccak-256 hash, in lower case, as the original prints them.
    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let address = address_of(key)?;
        let digits = hex::encode(address.as_slice());
        Ok(Address::from_canonical(format!("{}{digits}", self.address_prefix)))
    }

    fn tool_paths(&self) -> &'static [ToolPath] {
        TOOL_PATHS
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(self.dialect, raw)
    }
}

/// Reads an account in the spellings of the family.
pub(crate) fn read_address(text: &str) -> Option<EvmAddress> {
    address::read(text).ok()
}

pub(crate) fn address_of(key: &PublicKey) -> Result<EvmAddress, AddressError> {
    match key.as_bytes() {
        [0x04, point @ ..] if point.len() == 64 => {
            let hash = keccak256(point);
            Ok(EvmAddress::from_word(hash))
        }
        _ => Err(AddressError),
    }
}
