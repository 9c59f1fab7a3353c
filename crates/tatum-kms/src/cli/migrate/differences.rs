//! Differences from the original, and whom they concern. The table of `docs/migration.md` is this
//! list.

use kms_cli::env_vars;
use kms_core::SignatureId;
use kms_keystore::WalletKind;

use super::addresses::Look;
use crate::config::Environment;

/// One line of the table.
#[derive(Debug)]
pub(super) struct Point {
    /// For programs.
    pub(super) code: &'static str,
    /// The use of the original that changes.
    pub(super) did: &'static str,
    pub(super) now: &'static str,
    when: When,
}

/// Whom a point concerns.
#[derive(Clone, Copy, Debug)]
enum When {
    Always,
    /// Wallets of these chains.
    Chains(&'static [&'static str]),
    /// Wallets of these chains that have a phrase.
    Phrases(&'static [&'static str]),
    /// All wallets that have a phrase.
    AnyPhrase,
    /// Single keys that were imported or made in a batch.
    SingleKeys,
    /// Wallets under the code of a token.
    Tokens,
    /// Wallets of more than one chain or network.
    Mixed,
    /// Mainnet wallets, for which this flag of the daemon is needed.
    Mainnet(&'static str),
    /// Testnet wallets whose secret a mainnet wallet holds too, for which this flag is needed.
    Twins(&'static str),
    /// Variables of the environment.
    Settings(&'static [&'static str]),
}

/// A point with those whom it concerns.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    pub(super) point: &'static Point,
    pub(super) wallets: Vec<&'a SignatureId>,
    pub(super) settings: Vec<&'static str>,
}

/// The points that apply to these wallets and settings.
pub(super) fn of<'a>(looks: &'a [Look], environment: &Environment) -> Vec<Difference<'a>> {
    POINTS.iter().filter_map(|point| point.concerns(looks, environment)).collect()
}

impl Point {
    fn concerns<'a>(&'static self, looks: &'a [Look], set: &Environment) -> Option<Difference<'a>> {
        let mut settings = Vec::new();
        let applies: Box<dyn Fn(&Look) -> bool> = match self.when {
            When::Always => {
                return Some(Difference { point: self, wallets: Vec::new(), settings });
            }
            When::Settings(names) => {
                settings.extend(names.iter().filter(|name| set.get_named(name).is_some()));
                let found = Difference { point: self, wallets: Vec::new(), settings };
                return (!found.settings.is_empty()).then_some(found);
            }
            When::Mainnet(flag) => {
                settings.push(flag);
                Box::new(|look| !look.network.is_testnet())
            }
            When::Twins(flag) => {
                settings.push(flag);
                Box::new(|look| look.is_twin)
            }
            When::Mixed => {
                let first = looks.first().map(|look| (look.chain, look.network));
                let is_mixed = looks.iter().any(|look| Some((look.chain, look.network)) != first);
                Box::new(move |_| is_mixed)
            }
            When::Chains(codes) => Box::new(move |look| look.is_of(codes)),
            When::Phrases(codes) => Box::new(move |look| look.is_of(codes) && look.has_phrase()),
            When::AnyPhrase => Box::new(Look::has_phrase),
            When::SingleKeys => {
                Box::new(|look| look.kind == WalletKind::PrivateKey && !look.is_of(NO_KEYS_SHOWN))
            }
            When::Tokens => Box::new(|look| look.chain.is_some_and(|id| id.as_str() != look.code)),
        };
        let wallets: Vec<_> =
            looks.iter().filter(|look| applies(look)).map(|look| &look.id).collect();
        (!wallets.is_empty()).then_some(Difference { point: self, wallets, settings })
    }
}

impl Look {
    fn is_of(&self, codes: &[&str]) -> bool {
        self.chain.is_some_and(|chain| codes.contains(&chain.as_str()))
    }

    fn has_phrase(&self) -> bool {
        self.kind == WalletKind::Mnemonic
    }
}

const EVM: &[&str] = &["ETH", "BSC", "MATIC", "CELO", "KLAY", "ONE", "XDC", "KCS"];
const OWN_ACCOUNTS: &[&str] =
    &["ETH", "BSC", "MATIC", "CELO", "KLAY", "ONE", "XDC", "KCS", "TRON", "VET"];

/// Chains whose private keys the original does not show at all.
const NO_KEYS_SHOWN: &[&str] = &["ADA", "ALGO", "BNB", "KCS", "SOL", "XLM", "XRP"];

const fn point(code: &'static str, when: When, did: &'static str, now: &'static str) -> Point {
    Point { code, did, now, when }
}

#[rustfmt::skip]
pub(super) const POINTS: &[Point] = &[
    point("exit-codes", When::Always,
        "relied on exit code 0",
        "failures exit non-zero; see [commands.md](commands.md)"),
    point("daemon-log", When::Always,
        "parsed the daemon's stdout",
        "the log is on stderr, one line per event, without payloads"),
    point("checked-secrets", When::Always,
        "stored any text as phrase or key",
        "phrases and keys are validated; `--allow-nonstandard-mnemonic` accepts non-BIP-39 phrases"),
    point("empty-phrase-prompt", When::Always,
        "typed an empty phrase to get a random wallet",
        "use `generatemanagedwallet`"),
    point("private-key-of-imported", When::SingleKeys,
        "used `getprivatekey` on an imported key",
        "it prints that key, not a key derived from the empty phrase"),
    point("index-text", When::AnyPhrase,
        "passed `1.5` or `abc` as index",
        "refused"),
    point("foreign-wallet", When::Mixed,
        "let the API name a wallet of another chain or network",
        "refused and reported"),
    point("unknown-members", When::Always,
        "sent members in a payload that the original drops, such as a misspelt tag",
        "held, and the log names the member; `TATUM_KMS_HARMLESS_MEMBERS_<CHAIN>` allows members that have no meaning"),
    point("foreign-chain-id", When::Chains(EVM),
        "sent a `chainId` of a network that is not the daemon's",
        "refused; `TATUM_KMS_CHAIN_IDS_<CHAIN>` adds private networks"),
    point("foreign-sender", When::Chains(OWN_ACCOUNTS),
        "sent `from` of another account",
        "refused"),
    point("gas-price-and-eip-1559", When::Chains(EVM),
        "sent `gasPrice` together with EIP-1559 fields",
        "refused; EIP-1559 fields alone work on every chain that supports them"),
    point("utxo-checks", When::Chains(&["BTC", "LTC"]),
        "sent Bitcoin or Litecoin transactions with dust, absurd fees, or inputs that no key fits",
        "refused, naming the input or output; `--skip-fee-checks` skips the checks on dust and fees"),
    point("input-amounts", When::Chains(&["BTC", "LTC", "DOGE", "BCH"]),
        "trusted the API on the amounts of Bitcoin, Litecoin, Dogecoin and Bitcoin Cash inputs",
        "each input's transaction is fetched (one call of `POST /v3/{chain}/node`) and compared; `--trust-input-amounts` trusts the API"),
    point("doge-withdrawal-fees", When::Chains(&["DOGE"]),
        "made off-chain withdrawals of Dogecoin with any fee",
        "the fee must be within the bounds of all transactions: from what nodes relay (0.001 DOGE per kB) to about 15 DOGE per kB"),
    point("doge-dust", When::Chains(&["DOGE"]),
        "paid outputs below one dogecoin",
        "signed, down to 0.001 DOGE; an output below 0.01 adds 0.01 to the required fee, as nodes demand"),
    point("bch-repeated-wallet", When::Chains(&["BCH"]),
        "repeated one wallet in `hashes` for two Bitcoin Cash inputs",
        "works"),
    point("foreign-account", When::Chains(&["XRP", "XLM", "ALGO", "EGLD", "BNB"]),
        "signed for an account that is not the wallet's (XRP, XLM, ALGO, EGLD, BNB)",
        "refused"),
    point("algo-fee", When::Chains(&["ALGO"]),
        "relied on the original's fee for an Algorand asset transfer",
        "the fee in the JSON is the fee paid"),
    point("account-changes", When::Chains(&["ALGO", "XLM", "XRP", "TRON", "KLAY", "FLOW"]),
        "closed out, rekeyed, merged or deleted accounts, or changed their keys (ALGO, XLM, XRP, TRON, KLAY, FLOW)",
        "needs `--allow-account-changes`"),
    point("flow-decimals", When::Chains(&["FLOW"]),
        "sent Flow amounts with more than eight decimals",
        "refused instead of rounded"),
    point("flow-nfts", When::Chains(&["FLOW"]),
        "minted, sent or burned NFTs of Tatum's contract on Flow (types 4 to 7)",
        "refused, as the network has refused them since Cadence 1.0; `--allow-flow-nft` signs them"),
    point("flow-new-accounts", When::Chains(&["FLOW"]),
        "created Flow accounts with an FUSD vault and a collection",
        "only the account and its key are created"),
    point("ada-generatewallet", When::Chains(&["ADA"]),
        "printed a new Cardano wallet with `generatewallet ADA`",
        "the extended key has the same form as in stored wallets; no API key is needed"),
    point("four-eye-redirect", When::Mainnet("--externalUrl"),
        "had a four-eye endpoint behind a redirect",
        "a redirect does not approve; use the final URL"),
    point("four-eye-yes-to-all", When::Mainnet("--externalUrl"),
        "had a mainnet four-eye endpoint that answers 2xx to every id",
        "the daemon does not start; `--four-eyes-yes-to-all` accepts it in test set-ups"),
    point("four-eye-method", When::Mainnet("--externalUrlMethod"),
        "wrote `--externalUrlMethod post`",
        "means POST (the original treated it as GET)"),
    point("empty-chains", When::Always,
        "polled chains without wallets",
        "only chains with wallets are polled"),
    point("several-daemons", When::Always,
        "ran several daemons on one file",
        "works; the daemons share the journal, and each id is signed once"),
    point("egld-address", When::Phrases(&["EGLD"]),
        "gave out the addresses that `getaddress` printed for EGLD",
        "it prints the wallet's address; the original printed the address of the empty phrase, the same for every wallet"),
    point("vet-phrases", When::Phrases(&["VET"]),
        "had VET wallets with a phrase",
        "they sign; the original could not derive their keys by an index"),
    point("celo-form", When::Chains(&["CELO"]),
        "sent Celo transactions without EIP-1559 fields",
        "signed in forms that the network accepts, at the same gas price: see below"),
    point("bnb-gone", When::Chains(&["BNB"]),
        "had BNB wallets",
        "wallets open and sign, but the BNB Beacon Chain stopped on 3 December 2024"),
    point("token-codes", When::Tokens,
        "polled by a token's code (`--chain USDT`)",
        "refused; such wallets keep their code, and no poll includes them"),
    point("testnet-twins", When::Twins("--externalUrl"),
        "kept one phrase or key on both networks",
        "the testnet wallet signs only with a four-eye endpoint"),
    point("api-url", When::Settings(&[env_vars::TATUM_API_URL.name]),
        "set `TATUM_API_URL` in a `.env` file",
        "it applies to every call; the original polled `api.tatum.io` all the same"),
    point("aws-settings", When::Settings(&[env_vars::TATUM_KMS_AWS_REGION.name, env_vars::TATUM_KMS_AWS_ACCESS_KEY_ID.name]),
        "set `TATUM_KMS_AWS_REGION` or keys",
        "they are used; the original used the SDK's default settings"),
    point("azure-settings", When::Settings(&[env_vars::TATUM_KMS_AZURE_VAULTURL.name]),
        "set `TATUM_KMS_AZURE_VAULTURL`",
        "needs a login, see `TATUM_KMS_AZURE_LOGIN`; the original sent no credentials"),
    point("debug-mode", When::Settings(&["TATUM_KMS_DEBUG_MODE"]),
        "set `TATUM_KMS_DEBUG_MODE`",
        "ignored; the log never contains a signed transaction"),
    point("sdk-retries", When::Settings(&["TATUM_RETRIES", "TATUM_RETRY_DELAY"]),
        "set `TATUM_RETRIES` or `TATUM_RETRY_DELAY`",
        "ignored; [daemon.md](daemon.md) describes retries"),
    point("store-format", When::Always,
        "read `wallet.dat` with other programs",
        "a converted store has a new format: [wallet-format.md](wallet-format.md)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_every_difference() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/migration.md");
        let page = std::fs::read_to_string(path).unwrap();
        let mut table = String::from("| you did | now |\n|---|---|\n");
        for Point { did, now, .. } in POINTS {
            table.push_str(&format!("| {did} | {now} |\n"));
        }
        assert!(page.contains(&table), "docs/migration.md should contain:\n{table}");
    }

    #[test]
    fn every_point_has_a_code_of_its_own_and_names_chains_that_exist() {
        let mut codes = std::collections::HashSet::new();
        for point in POINTS {
            assert!(codes.insert(point.code), "{}", point.code);
            if let When::Chains(chains) | When::Phrases(chains) = point.when {
                assert!(chains.iter().all(|code| kms_chains::find(code).is_some()), "{point:?}");
            }
        }
    }
}
