//! Facts about a chain that the registry does not have: what is signed, who verifies it in the
//! tests, and how it differs from the original.

pub(super) struct Note {
    pub(super) code: &'static str,
    /// The transactions that can be signed.
    pub(super) signs: &'static str,
    /// The software that checks signatures in the tests, besides the recordings of the original.
    pub(super) verified: &'static str,
    /// The differences from the original.
    pub(super) differs: &'static str,
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

pub(super) const NOTES: &[Note] = &[
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
        signs: "account creation, account keys, transfers of FLOW and FUSD, NFTs and custom scripts, \
                as authorizer; the API is proposer and payer",
        verified: "Flow's SDK, the Cadence parser, the recordings' payloads and ids, and the sandbox's \
                   access node, which checks all three signatures",
        differs: "the built-in scripts are in Cadence 1.0 (the network has refused the original's since \
                  2024); the signed transaction is in the journal before it is sent; the \
                  wallet's key is never put into the request",
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
        signs: "legacy and version 0 messages with any instructions, with several signers and \
                existing signatures",
        verified: "litesvm (Solana's runtime), and the sandbox's node",
        differs: "the signed transaction is in the journal before the node gets it; the same bytes \
                  are sent until they can no longer be executed; a key that is not a signer is \
                  refused; changes of authority need `--allow-account-changes`",
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
