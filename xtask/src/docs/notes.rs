//! What the registry cannot know of a chain: what is signed, who judges it, what differs.

pub(super) struct Note {
    pub(super) code: &'static str,
    /// What can be signed.
    pub(super) signs: &'static str,
    /// By whom signatures are checked in the tests, besides the recordings of the original.
    pub(super) verified: &'static str,
    /// Than the original.
    pub(super) differs: &'static str,
}

const EVM: &str = "transfers of the coin, calls and deployments of contracts; legacy, EIP-2930 and \
                   EIP-1559 transactions";
const EVM_JUDGES: &str = "viem, and the sandbox's own decoder";
const EVM_DIFFERS: &str =
    "a foreign chain id, a `from` that is not ours and absurd gas are refused";
const UTXO: &str = "P2PKH, P2PK, P2WPKH and P2SH-P2WPKH inputs, to any output; signature hash ALL";
const UTXO_DIFFERS: &str = "every input must end signed; what inputs are worth is read from the transactions that paid \
     them; overspending, dust and absurd fees are refused";

pub(super) const NOTES: &[Note] = &[
    Note {
        code: "ADA",
        signs: "payments from the enterprise addresses of several keys, with native assets, built \
                by the API's Rosetta node and compared with what was asked for",
        verified: "scalus (a ledger's rules), and the sandbox's own decoder",
        differs: "addresses are computed here and no API key is needed for them; a body that the \
                  node made other than asked, and withdrawals, certificates or mints in it, are \
                  refused (the original signs blindly)",
    },
    Note {
        code: "ALGO",
        signs: "payments, assets (transfer, opt-in, creation, configuration, destruction, freeze, \
                clawback), application calls, key registrations",
        verified: "algosdk, and the sandbox's own decoder",
        differs: "the fee of the JSON is the fee (the original multiplies that of assets); a lease \
                  is kept; groups are refused; close-outs and rekeyings need \
                  `--allow-account-changes`, rekeyed accounts `--allow-rekeyed`",
    },
    Note {
        code: "BCH",
        signs: "P2PKH inputs, to any output; Schnorr signatures over the fork's hash",
        verified: "libauth (its virtual machine), and the sandbox's own decoder",
        differs: "two inputs of one key are signed (the original fails); every input must end \
                  signed; what inputs are worth is read from the transactions that paid them; \
                  overspending, dust and absurd fees are refused",
    },
    Note {
        code: "BNB",
        signs: "transfers of BNB and BEP-2 tokens, to one or several receivers",
        verified: "the sandbox's own decoder",
        differs: "the chain was shut down in November 2024: wallets open and sign, nothing takes \
                  what they sign any more. `msg` and `signMsg` must say the same",
    },
    Note { code: "BSC", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "BTC",
        signs: UTXO,
        verified: "a real node (Bitcoin Knots on regtest) that mines it, and Bitcoin's consensus code",
        differs: UTXO_DIFFERS,
    },
    Note {
        code: "CELO",
        signs: "transfers and calls in Celo's old form with a fee currency, CIP-64, EIP-2930 and \
                EIP-1559 transactions",
        verified: "the sandbox's own decoder",
        differs: "the old form is kept byte for byte, but the network has not taken it since it \
                  became a layer 2 of Ethereum in March 2025: send `maxFeePerGas` to get CIP-64 \
                  or EIP-1559. A foreign chain id and absurd gas are refused",
    },
    Note {
        code: "DOGE",
        signs: "P2PKH and P2PK inputs, to any output; signature hash ALL",
        verified: "Bitcoin's consensus code and node (scripts), and the sandbox's own decoder",
        differs: UTXO_DIFFERS,
    },
    Note {
        code: "EGLD",
        signs: "transfers of EGLD and ESDT tokens, calls of contracts",
        verified: "MultiversX's sdk-core, and the sandbox's own decoder",
        differs: "a missing value is zero (the original signs `NaN`); a value that is no number, a \
                  missing receiver and a foreign sender are refused; gas and price are bounded",
    },
    Note {
        code: "ETH",
        signs: EVM,
        verified: "a real node (anvil) that mines it, viem, and the sandbox's own decoder",
        differs: EVM_DIFFERS,
    },
    Note {
        code: "FLOW",
        signs: "account creation, keys, transfers of FLOW and FUSD, NFTs, and scripts of the user's \
                own, as authorizer; proposer and payer are the API's",
        verified: "Flow's own SDK and the parser of Cadence, the recordings' payloads and ids, and \
                   the sandbox's access node, which checks all three signatures",
        differs: "the built-in scripts are in today's Cadence (those of the original are refused \
                  by the network since 2024); the signed transaction is in the journal before it \
                  is sent; the wallet's key is never put into the request",
    },
    Note { code: "KCS", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "KLAY",
        signs: "Klaytn's own types, with fee delegation and ratio, as sender or fee payer, and \
                Ethereum's types",
        verified: "viem for the types of Ethereum, the sandbox's own decoder for all",
        differs: "account updates need `--allow-account-changes`; a foreign chain id, a `from` \
                  that is not ours and absurd gas are refused",
    },
    Note {
        code: "LTC",
        signs: UTXO,
        verified: "a real node (Litecoin Core on regtest) that mines it, and Bitcoin's consensus code",
        differs: UTXO_DIFFERS,
    },
    Note { code: "MATIC", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note { code: "ONE", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "SOL",
        signs: "legacy messages and those of version 0, of any instructions, with several signers \
                and signatures that are there already",
        verified: "litesvm (Solana's runtime), and the sandbox's node",
        differs: "the signed transaction is in the journal before the node gets it; the same bytes \
                  are sent until they can no longer land; a key that is no signer is refused; \
                  changes of authority need `--allow-account-changes`",
    },
    Note {
        code: "TRON",
        signs: "transfers of TRX, TRC-10 and TRC-20, calls of contracts, freezing and voting, with \
                account permissions",
        verified: "tronweb, and the sandbox's own decoder",
        differs: "the JSON, its bytes and its id must agree; a message in a JSON string or one that \
                  is signed already is refused; permission updates need `--allow-account-changes`",
    },
    Note {
        code: "VET",
        signs: "any number of clauses: transfers, calls, deployments; `dependsOn`",
        verified: "VeChain's thor-devkit, and the sandbox's own decoder",
        differs: "every clause is signed (the original drops `clauses`); mnemonic wallets sign (the \
                  original fails); the chain tag must be the network's",
    },
    Note { code: "XDC", signs: EVM, verified: EVM_JUDGES, differs: EVM_DIFFERS },
    Note {
        code: "XLM",
        signs: "envelopes of version 0 and 1 with any operations; signatures that are there stay",
        verified: "stellar-sdk, and the sandbox's own decoder",
        differs: "the source account must be ours; an absurd fee is refused; options and merges of \
                  the account need `--allow-account-changes`",
    },
    Note {
        code: "XRP",
        signs: "every type of transaction that the ledger's binary codec knows",
        verified: "xrpl.js (ripple-binary-codec), and the sandbox's own decoder",
        differs: "the account must be ours; fee and sequence must be there; regular keys, signer \
                  lists, delegates and deletions of the account need `--allow-account-changes`",
    },
];
