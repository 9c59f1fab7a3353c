//! Examples and remarks under the help of each command.

pub(crate) const DAEMON: &str = "\
Examples:
  tatum-kms daemon --testnet
  tatum-kms daemon --externalUrl https://four-eyes.internal/check --externalUrlMethod POST
  tatum-kms daemon --testnet --chain BTC,ETH --runOnce
  tatum-kms daemon --testnet --dry-run
  tatum-kms daemon --testnet --shadow --shadow-for 60 --period 1

Requires TATUM_API_KEY. SIGINT and SIGTERM finish the current step and exit; a second signal exits
at once. SIGHUP reloads the environment files; if the new configuration is invalid, the old one
stays in force.";

pub(crate) const PENDING: &str = "\
Examples:
  tatum-kms pending list
  tatum-kms pending list --state held,parked,waiting --chain ETH --json
  tatum-kms pending show 5e68c66581f2ee32bc354087
  tatum-kms pending retry 5e68c66581f2ee32bc354087
  tatum-kms pending cancel 5e68c66581f2ee32bc354087

These commands use the journal beside the wallet store. They need no password, and the daemon may be
running. docs/daemon.md explains the states.";

pub(crate) const PAUSE: &str = "\
Examples:
  tatum-kms pause
  tatum-kms pause --chain ETH
  tatum-kms pause --wallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c
  tatum-kms pause --to 0x687422eEA2cB73B5d3e242bA5456b782919AFc85

Takes effect at once in every daemon on this store, until `resume`. Does not affect transactions
that were already sent. Prints what is paused: with --to, the account of the address, once for each
kind of chain on which it is one.";

pub(crate) const RESUME: &str = "\
Examples:
  tatum-kms resume
  tatum-kms resume --chain ETH
  tatum-kms resume --all

Without a flag, ends the pause of everything; pauses of a chain, wallet or address remain. Prints
what is still paused.";

pub(crate) const GENERATE_WALLET: &str = "\
Examples:
  tatum-kms generatewallet ETH
  tatum-kms generatewallet BTC --testnet";

pub(crate) const GENERATE_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms generatemanagedwallet ETH
  tatum-kms generatemanagedwallet BTC --testnet --path /secure/wallet.dat

Prints the signature id and the extended public key, from which addresses can be derived.";

pub(crate) const STORE_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms storemanagedwallet ETH
  tatum-kms storemanagedwallet BTC --testnet < phrase.txt
  tatum-kms storemanagedwallet SOL --expect HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk

Checks the words and the checksum of the phrase, and shows its first address and that address's
derivation path before it stores anything. Other tools use other paths for some chains: --expect
also tries those, and --single-key stores the key on such a path alone.";

pub(crate) const STORE_MANAGED_PRIVATE_KEY: &str = "\
Examples:
  tatum-kms storemanagedprivatekey ETH
  tatum-kms storemanagedprivatekey BTC --testnet < key.txt

Checks that the key is valid for the chain and shows its address before it stores anything.";

pub(crate) const GENERATE_BATCH: &str = "\
Examples:
  tatum-kms generatemanagedprivatekeybatch ETH 1000 > addresses.jsonl

Prints {\"signatureId\", \"address\"}, one line per key. Every printed key is stored. With --mnemonic,
each key is at index 1 of a new recovery phrase, which is stored with it.";

pub(crate) const GET_PRIVATE_KEY: &str = "\
Examples:
  tatum-kms getprivatekey 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 0

An imported key is printed as it was stored; its only index is 0. On a terminal the command asks for
confirmation, unless --yes is given. Every access is recorded in access.log beside the store.";

pub(crate) const GET_ADDRESS: &str = "\
Examples:
  tatum-kms getaddress 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 0";

pub(crate) const GET_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms getmanagedwallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

On a terminal the command asks for confirmation, unless --yes is given. Every access is recorded in
access.log beside the store.";

pub(crate) const REMOVE_WALLET: &str = "\
Examples:
  tatum-kms removewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c
  tatum-kms removewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c --grace 30

Prints nothing. An unknown id is an error. On a terminal the command asks for confirmation, unless
--yes is given. Every removal is recorded in access.log beside the store.

With --grace the wallet is disabled, and `restorewallet` can restore it until the days have passed.
The first removewallet after that deletes it for good.";

pub(crate) const RESTORE_WALLET: &str = "\
Examples:
  tatum-kms list --removed
  tatum-kms restorewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

Prints nothing.";

pub(crate) const LABEL: &str = "\
Examples:
  tatum-kms label 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 'hot wallet, Vienna'
  tatum-kms label 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

Without a text, clears the label. Labels are encrypted with the wallet; `list --label` finds them.";

pub(crate) const EXPORT: &str = "\
Examples:
  tatum-kms export > /secure/wallets.json
  tatum-kms export --encrypted /secure/wallets.dat

Prints every secret in the store; protect the output as you protect the store. On a terminal the
command asks for confirmation, unless --yes is given. Every export is recorded in access.log beside
the store.

With --encrypted nothing is printed: the wallets are written to a new store with a new key, under a
password from TATUM_KMS_NEW_PASSWORD_FILE, a hidden prompt, or one line of stdin. `import` reads it.";

pub(crate) const IMPORT: &str = "\
Examples:
  tatum-kms import wallets.json                     # the output of export (Tatum KMS or tatum-kms)
  tatum-kms import old/wallet.dat                   # of Tatum KMS or tatum-kms
  tatum-kms import UTC--2026-11-26.json --chain ETH # a keystore file, version 3
  tatum-kms import id.json                          # Solana; docs/import.md lists all formats
  tatum-kms import keys.txt --chain BTC --dry-run   # one private key per line; stores nothing

Prints {\"signatureId\"} for each wallet, with its address if it has one. Wallets of stores and
exports keep their ids; a wallet that is already stored with the same content is skipped, one with
other content is an error. A key that is already stored for the same chain and network is skipped.
Either all wallets are stored, or none. The password of a store or keystore file comes from the file
that TATUM_KMS_IMPORT_PASSWORD_FILE names, a hidden prompt, or one line of stdin.";

pub(crate) const REPORT: &str = "\
Examples:
  tatum-kms report
  tatum-kms report --testnet --forecast 5
  tatum-kms report 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c,0c0d9d0e-5b1f-4c43-9d43-0f8c1e4b5a6d";

pub(crate) const LIST: &str = "\
Examples:
  tatum-kms list
  tatum-kms list --chain ETH,BTC
  tatum-kms list --label 'hot wallet, Vienna'
  tatum-kms list --removed

Prints no secrets. The newest wallet comes first.";

pub(crate) const FIND: &str = "\
Examples:
  tatum-kms find 0x9858effd232b4033e47d90003d41ec34ecaeda94
  tatum-kms find bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu --chain BTC --indexes 1000

Searches the addresses of single keys and the first addresses of wallets with a phrase.";

pub(crate) const BACKUP: &str = "\
Examples:
  tatum-kms backup create /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup verify /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup restore /mnt/safe/wallet-2026-11-26.dat --path /secure/wallet.dat

A backup is one encrypted file; it opens with the password that the store had at that time. The
daemon may be running. No file is ever overwritten. Back up journal.db as well.";

pub(crate) const CHANGE_PASSWORD: &str = "\
Examples:
  tatum-kms changepassword
  TATUM_KMS_NEW_PASSWORD_FILE=/run/secrets/new tatum-kms changepassword

The old password comes from the configured source; the new one from the file that
TATUM_KMS_NEW_PASSWORD_FILE names, a hidden prompt, or one line of stdin. A running daemon is not
affected; it needs the new password at its next start. Earlier copies and backups of the store still
open with the old password: destroy them if somebody else knows it.";

pub(crate) const SHARES: &str = "\
Examples:
  tatum-kms shares create --threshold 3 --count 5
  tatum-kms shares recover

`create` prints shares of the store's key, each as 33 words (SLIP-39). --threshold shares together
open the store and every copy of it, whatever the password; fewer do not. Give each share to another
person. Creating new shares does not invalidate the old ones.

`recover` reads shares from hidden prompts, or one per line from stdin, and sets a new password,
from TATUM_KMS_NEW_PASSWORD_FILE, a hidden prompt, or the next line of stdin.";

pub(crate) const KDF: &str = "\
Examples:
  tatum-kms kdf upgrade

Encrypts the store's key again under the same password, with the hashing cost of new stores. Does
nothing if the cost is already as high.";

pub(crate) const CHECK_CONFIG: &str = "\
Examples:
  tatum-kms checkconfig
  tatum-kms checkconfig --path /secure/wallet.dat --aws
  tatum-kms checkconfig --password-source vault --try

Prints one line per setting. Of a secret it shows only whether it is set. With --try it also fetches
the password and opens the store with it.";

pub(crate) const CHAINS: &str = "\
Examples:
  tatum-kms chains
  tatum-kms chains DOGE
  tatum-kms chains --json

Needs no wallet store and no password. Limits are those that a daemon with this environment applies;
those set by TATUM_KMS_FEE_MOST or TATUM_KMS_LIMITS_<CHAIN> are marked.";

pub(crate) const DOCTOR: &str = "\
Examples:
  tatum-kms doctor
  tatum-kms doctor --try --externalUrl https://four-eyes.internal/check --json

Checks files, clock, disk, memory, API key and four-eye endpoint. Exits 1 if a check fails. Asks the
API (one credit) and the four-eye endpoint once about a transaction that does not exist: an endpoint
that approves it approves everything.";

pub(crate) const HEALTH: &str = "\
Examples:
  tatum-kms health
  tatum-kms health --path /secure/wallet.dat

For HEALTHCHECK and exec probes. Needs no password and no API key, and writes nothing. Exits 0 if a
daemon that signs for this store runs on this machine and has renewed its claim on the store within
the last three minutes. A daemon with --dry-run or --shadow makes no claim. In a container, without
--path, the store is that of the daemon that runs there.";

pub(crate) const MIGRATE: &str = "\
Examples:
  tatum-kms migrate --check --path ./copy/wallet.dat --envFile ./copy/.env
  tatum-kms migrate --path ~/.tatumrc/wallet.dat

Keeps the old file beside the new one as wallet.dat.legacy. Reads every wallet back and compares it
before the new file replaces the old one. With --check it opens the store, derives the first address
of every wallet, lists what will behave differently for these wallets and settings, and changes
nothing. See docs/migration.md.";

pub(crate) const SANDBOX: &str = "\
Examples:
  tatum-kms sandbox --port 8888
  TATUM_API_URL=http://127.0.0.1:8888 TATUM_API_KEY=any tatum-kms daemon --testnet
  curl http://127.0.0.1:8888/";

pub(crate) const DEMO: &str = "\
Examples:
  tatum-kms demo
  tatum-kms demo --chain BTC,ETH

Uses only loopback and a temporary directory. Exits 0 only if every transaction was verified.";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  tatum-kms completions bash > ~/.local/share/bash-completion/completions/tatum-kms
  tatum-kms completions zsh > ~/.zfunc/_tatum-kms # a directory of fpath
  tatum-kms completions fish > ~/.config/fish/completions/tatum-kms.fish

Start a new shell afterwards.";
