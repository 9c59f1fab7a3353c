//! Facts about a chain for people: what is signed, who verifies it in the tests, how it differs
//! from the original, and what became of its network.

/// The facts of one chain, as sentences without an end.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// The chain's code.
    pub code: &'static str,
    /// The transactions that can be signed.
    pub signs: &'static str,
    /// The software that checks signatures in the tests, besides the recordings of the original.
    pub verified: &'static str,
    /// The differences from the original.
    pub differs: &'static str,
}

/// A package that verifies signatures in the tests.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Its name in [`Note::verified`].
    pub name: &'static str,
    /// The name under which it is installed.
    pub package: &'static str,
    /// The version that is installed.
    pub version: &'static str,
}

const fn judge(name: &'static str, package: &'static str, version: &'static str) -> Judge {
    Judge { name, package, version }
}

/// The packages that the tests install; xtask/real pins them.
pub const JUDGES: &[Judge] = &[
    judge("algosdk", "algosdk", "3.8.0"),
    judge("anvil", "@foundry-rs/anvil-linux-amd64", "1.7.1"),
    judge("Cadence parser", "@onflow/cadence-parser", "1.0.0-preview.50"),
    judge("Flow's SDK", "@onflow/sdk", "1.13.7"),
    judge("libauth", "@bitauth/libauth", "3.0.0"),
    judge("litesvm", "litesvm", "1.5.0"),
    judge("scalus", "scalus", "0.17.0"),
    judge("sdk-core", "@multiversx/sdk-core", "15.4.0"),
    judge("stellar-sdk", "@stellar/stellar-sdk", "17.2.0"),
    judge("thor-devkit", "thor-devkit", "2.2.0"),
    judge("tronweb", "tronweb", "6.5.1"),
    judge("viem", "viem", "2.57.20"),
    judge("xrpl.js", "xrpl", "5.3.0"),
];

/// Facts to know about the networks of some chains. Of the others no restriction is known.
const NETWORKS: &[(&str, &str)] = &[
    ("BNB", "stopped on 3 December 2024: no network takes what is signed"),
    (
        "CELO",
        "layer 2 of Ethereum since March 2025: the original's format is not accepted any more",
    ),
    (
        "FLOW",
        "built-in types 4 to 7 cannot work, because Tatum's NFT contract was not migrated to \
         Cadence 1.0",
    ),
    ("KCS", "unknown: not checked"),
    ("KLAY", "called Kaia today"),
    ("ONE", "its nodes know no typed transactions"),
];

/// The state of a chain's network, as far as it was known when this version was made.
pub fn network_state(code: &str) -> &'static str {
    NETWORKS
        .iter()
        .find(|(chain, _)| *chain == code)
        .map_or("no known restriction", |(_, state)| state)
}

/// The note on a chain.
pub fn note(code: &str) -> Option<&'static Note> {
    NOTES.iter().find(|note| note.code == code)
}

const EVM: &str = "transfers of the coin, contract calls and deployments; legacy, EIP-2930 and \
                   EIP-1559 transactions";
const EVM_JUDGES: &str = "viem, and the sandbox's decoder";
const EVM_DIFFERS: &str =
    "a foreign chain id, a `from` that is not the wallet's, too little and absurd gas are refused";
const UTXO: &str = "P2PKH, P2PK, P2WPKH and P2SH-P2WPKH inputs to any output; signature hash ALL";
const UTXO_DIFFERS: &str = "every input must be signed; input amounts are read from the \
                            transactions that are spent; overspending, dust, absurd fees and value \
                            that nobody could spend are refused";

const NOTES: &[Note] = &[
    Note {
        code: "ADA",
        signs: "payments from the enterprise addresses of one or several keys, with native assets, \
                built by the API's Rosetta node and compared with the request",
        verified: "scalus (which implements the ledger's rules), and the sandbox's decoder",
        differs: "addresses are computed locally, without an API key; a transaction from the node that \
                  differs from the request, or contains withdrawals, certificates or mints, is \
                  refused (the original signs blindly)",
    },
    Note {
        code: "ALGO",
        signs: "payments, assets (transfer, opt-in, creation, configuration, destruction, freeze, \
                clawback), application calls, key registrations",
        verified: "algosdk, and the sandbox's decoder",
        differs: "the fee in the JSON is the fee paid (the original multiplies it for assets); a lease \
                  is kept; groups are refused; close-outs and rekeying need \
                  `--allow-account-changes`, rekeyed accounts `--allow-rekeyed`",
    },
    Note {
        code: "BCH",
        signs: "P2PKH inputs to any output; Schnorr signatures over the fork's signature hash",
        verified: "libauth's virtual machine, and the sandbox's decoder",
        differs: "two inputs of the same key are signed (the original fails); every input must be \
                  signed; input amounts are read from the transactions that are spent; \
                  overspending, dust and absurd fees are refused",
    },
    Note {
        code: "BNB",
        signs: "transfers of BNB and BEP-2 tokens, to one or several receivers",
        verified: "the sandbox's decoder",
        differs: "the chain was shut down on 3 December 2024: wallets open and sign, but no network \
                  accepts the result. `msg` and `signMsg` must agree",
    },
    Note {
        code: "BSC",
        signs: EVM,
        verified: EVM_JUDGES,
        differs: "without a gas price the node's is paid, up to the original's 10 gwei; a foreign chain \
                  id, a `from` that is not the wallet's, too little and absurd gas are refused",
    },
    Note {
        code: "BTC",
        signs: UTXO,
        verified: "a real node (Bitcoin Knots on regtest), which mines it, and Bitcoin's consensus code",
        differs: UTXO_DIFFERS,
    },
    Note {
        code: "CELO",
        signs: "transfers, calls and deployments: with `feeCurrency` as CIP-64, without it as legacy \
                (EIP-155), EIP-2930 and EIP-1559 transactions",
        verified: "viem, and the sandbox's decoder",
        differs: "the network has not accepted the original's format since it became a layer 2 of \
                  Ethereum in March 2025. The payloads that the API sends are signed in formats that \
                  it accepts, at the same gas price: in CIP-64 it is both `maxFeePerGas` and \
                  `maxPriorityFeePerGas`. Gateway fees, a foreign chain id, too little and absurd gas \
                  are refused",
    },
    Note {
        code: "DOGE",
        signs: "P2PKH and P2PK inputs to any output; signature hash ALL",
        verified: "Bitcoin's consensus code and node (scripts), and the sandbox's decoder",
        differs: UTXO_DIFFERS,
    },
    Note {
        code: "EGLD",
        signs: "transfers of EGLD and ESDT tokens, contract calls",
        verified: "MultiversX's sdk-core, and the sandbox's decoder",
        differs: "a missing value is zero (the original signs `NaN`); a value that is not a number, a \
                  missing receiver and a foreign sender are refused; gas and gas price are bounded",
    },
    Note {
        code: "ETH",
        signs: EVM,
        verified: "a real node (anvil), which mines it, viem, and the sandbox's decoder",
        differs: EVM_DIFFERS,
    },
    Note {
        code: "FLOW",
        signs: "as authorizer, while the API is proposer and payer: account creation (type 0), account \
                keys (1), transfers of FLOW and FUSD (2) and custom scripts (8 and others), all of which \
                work on today's network; NFTs of Tatum's contract (4 to 7) only with \
                `--allow-flow-nft`, because the contract was not migrated to Cadence 1.0 and the \
                network refuses it",
        verified: "Flow's SDK, the Cadence parser, the recordings' payloads and ids, and the sandbox's \
                   access node, which checks all three signatures",
        differs: "the built-in scripts are in Cadence 1.0 (the network has refused the original's since \
                  2024); NFTs are refused; an amount needs digits on both sides of its point, and \
                  eight behind it at most; the signed transaction is in the journal before it is \
                  sent; the wallet's key is never put into the request",
    },
    Note { code: "KCS", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "KLAY",
        signs: "as `KAIA` too: Klaytn's transaction types, with fee delegation and ratio, as sender or fee payer; \
                Ethereum's types",
        verified: "viem for Ethereum's types, the sandbox's decoder for all",
        differs: "account updates need `--allow-account-changes`; a foreign chain id, a `from` \
                  that is not the wallet's and absurd gas are refused",
    },
    Note {
        code: "LTC",
        signs: UTXO,
        verified: "a real node (Litecoin Core on regtest), which mines it, and Bitcoin's consensus code",
        differs: UTXO_DIFFERS,
    },
    Note { code: "MATIC", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "ONE",
        signs: "transfers of the coin, contract calls and deployments; legacy transactions",
        verified: EVM_JUDGES,
        differs: "EIP-2930 and EIP-1559 transactions are refused, because Harmony's nodes do not know \
                  them; so are a foreign chain id, a `from` that is not the wallet's, too little and \
                  absurd gas",
    },
    Note {
        code: "SOL",
        signs: "legacy messages and those of versions 0 and 1 with any instructions, with several \
                signers and existing signatures",
        verified: "litesvm (Solana's runtime), @solana/kit (version 1), and the sandbox's node",
        differs: "the blockhash is fetched after the four-eye verdict; the header of a version 1 message \
                  without a limit of computing units is signed as it is, and fails on the network; the signed transaction is in the \
                  journal before the node gets it; the same bytes are sent until they can no \
                  longer be executed; a key that is not a signer is refused; changes of authority need `--allow-account-changes`",
    },
    Note {
        code: "TRON",
        signs: "transfers of TRX, TRC-10 and TRC-20, contract calls, freezing and voting, with \
                account permissions",
        verified: "tronweb, and the sandbox's decoder",
        differs: "the JSON, its bytes and its id must agree; a message in a JSON string or one that \
                  is already signed is refused; permission updates need `--allow-account-changes`",
    },
    Note {
        code: "VET",
        signs: "any number of clauses (transfers, calls, deployments), and `dependsOn`",
        verified: "VeChain's thor-devkit, and the sandbox's decoder",
        differs: "every clause is signed (the original drops `clauses`); mnemonic wallets sign (the \
                  original fails); the chain tag must be the network's",
    },
    Note {
        code: "XDC",
        signs: EVM,
        verified: EVM_JUDGES,
        differs: "addresses in payloads may begin with `xdc`; a foreign chain id, a `from` that is not \
                  the wallet's, too little and absurd gas are refused",
    },
    Note {
        code: "XLM",
        signs: "envelopes of version 0 and 1 with any operations; existing signatures are kept",
        verified: "stellar-sdk, and the sandbox's decoder",
        differs: "the source account must be the wallet's; an absurd fee is refused, as are a sequence \
                  of 0 (a login by SEP-10 is one) and bytes behind the envelope; set options and \
                  account merges need `--allow-account-changes`",
    },
    Note {
        code: "XRP",
        signs: "every transaction type of the ledger's binary format",
        verified: "xrpl.js (ripple-binary-codec), and the sandbox's decoder",
        differs: "the account or its `Delegate` must be the wallet's; fee and sequence are required; \
                  what no server takes is refused: a sequence beside a ticket or of 0 without one, \
                  negative amounts, X-addresses of the other network, a `DeliverMax` that is not \
                  `Amount`; regular keys, signer lists, delegates and account deletion need \
                  `--allow-account-changes`",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_judge_is_installed_in_its_version_and_named() {
        let packages = include_str!("../../../xtask/real/judges/package.json");
        let nodes = include_str!("../../../xtask/real/install.sh");
        for Judge { name, package, version } in JUDGES {
            let is_pinned = packages.contains(&format!("\"{package}\": \"{version}\""))
                || nodes.contains(&format!("{package}@{version}"));
            assert!(is_pinned, "{package} {version}");
            assert!(NOTES.iter().any(|note| note.verified.contains(name)), "{name}");
        }
    }

    #[test]
    fn facts_are_told_of_every_chain_and_no_other() {
        let is_chain = |code: &str| crate::CHAINS.iter().any(|one| one.spec().id.as_str() == code);
        for chain in crate::CHAINS {
            assert!(note(chain.spec().id.as_str()).is_some(), "{}", chain.spec().id);
        }
        assert!(NOTES.iter().all(|note| is_chain(note.code)));
        assert!(NETWORKS.iter().all(|(code, _)| is_chain(code)));
    }
}
