//! Examples and remarks under the help of each command.

pub(crate) const DAEMON: &str = "\
Examples:
  tatum-kms daemon --testnet
  tatum-kms daemon --externalUrl https://four-eyes.internal/check --externalUrlMethod POST
  tatum-kms daemon --testnet --chain BTC,ETH --runOnce
  tatum-kms daemon --testnet --dry-run
  tatum-kms daemon --testnet --shadow --shadow-for 60 --period 1

Needs TATUM_API_KEY. SIGINT and SIGTERM finish the step in hand, a second one ends at once. SIGHUP
reads the environment files again; a configuration that is wrong leaves the old one in force.";

pub(crate) const PENDING: &str = "\
Examples:
  tatum-kms pending list
  tatum-kms pending list --state held,parked,waiting --chain ETH --json
  tatum-kms pending show 5e68c66581f2ee32bc354087
  tatum-kms pending retry 5e68c66581f2ee32bc354087
  tatum-kms pending cancel 5e68c66581f2ee32bc354087

Reads and writes the journal beside the wallet store; no password is needed, and the daemon may be
running.";

pub(crate) const PAUSE: &str = "\
Examples:
  tatum-kms pause
  tatum-kms pause --chain ETH
  tatum-kms pause --wallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c
  tatum-kms pause --to 0x687422eEA2cB73B5d3e242bA5456b782919AFc85

Works at once in every daemon on this store, and until it is resumed. What was sent stays sent.
Prints what is paused.";

pub(crate) const RESUME: &str = "\
Examples:
  tatum-kms resume
  tatum-kms resume --chain ETH
  tatum-kms resume --all

Without a flag, ends the pause of everything; the narrower ones stay. Prints what is still paused.";

pub(crate) const GENERATE_WALLET: &str = "\
Examples:
  tatum-kms generatewallet ETH
  tatum-kms generatewallet BTC --testnet";

pub(crate) const GENERATE_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms generatemanagedwallet ETH
  tatum-kms generatemanagedwallet BTC --testnet --path /secure/wallet.dat

Prints the signature id and the extended public key, from which addresses are made.";

pub(crate) const STORE_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms storemanagedwallet ETH
  tatum-kms storemanagedwallet BTC --testnet < phrase.txt
  tatum-kms storemanagedwallet SOL --expect HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk

The phrase is checked before it is stored: its words, and their checksum. Its first address and the
path to it are shown. Other tools take other paths for some chains: with --expect the address is
looked for on those too, and where it is on another one, its key can be stored alone.";

pub(crate) const STORE_MANAGED_PRIVATE_KEY: &str = "\
Examples:
  tatum-kms storemanagedprivatekey ETH
  tatum-kms storemanagedprivatekey BTC --testnet < key.txt

The key is read as one of the chain, and its address is shown, before it is stored.";

pub(crate) const GENERATE_BATCH: &str = "\
Examples:
  tatum-kms generatemanagedprivatekeybatch ETH 1000 > addresses.jsonl

Prints {\"signatureId\", \"address\"}, one line a key. What was printed is stored. With --mnemonic
each key is that at index 1 of a recovery phrase of its own, and the phrase is stored with it.";

pub(crate) const GET_PRIVATE_KEY: &str = "\
Examples:
  tatum-kms getprivatekey 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 0

The key of an imported wallet is printed as it was stored; the only index it has is 0. On a
terminal it asks first, unless --yes is given; every access is written to access.log beside the
store.";

pub(crate) const GET_ADDRESS: &str = "\
Examples:
  tatum-kms getaddress 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 0";

pub(crate) const GET_MANAGED_WALLET: &str = "\
Examples:
  tatum-kms getmanagedwallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

On a terminal it asks first, unless --yes is given; every access is written to access.log beside
the store.";

pub(crate) const REMOVE_WALLET: &str = "\
Examples:
  tatum-kms removewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c
  tatum-kms removewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c --grace 30

Prints nothing. An id that is not in the store is an error. On a terminal it asks first, unless
--yes is given. Every removal is written to access.log beside the store.

With --grace the wallet is used for nothing any more, and restorewallet brings it back until the
days are over. The first removewallet after that takes it out for good.";

pub(crate) const RESTORE_WALLET: &str = "\
Examples:
  tatum-kms list --removed
  tatum-kms restorewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

Prints nothing.";

pub(crate) const LABEL: &str = "\
Examples:
  tatum-kms label 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c 'hot wallet, Vienna'
  tatum-kms label 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

Without a text the label is taken away. Labels are sealed with the wallet; list --label finds them.";

pub(crate) const EXPORT: &str = "\
Examples:
  tatum-kms export > /secure/wallets.json
  tatum-kms export --encrypted /secure/wallets.dat

Prints every secret of the store. Keep what it prints as you keep the store. On a terminal it
asks first, unless --yes is given; every export is written to access.log beside the store.

With --encrypted nothing is shown: the wallets go into a new store with a key of its own, under a
password from TATUM_KMS_NEW_PASSWORD_FILE, a hidden prompt, or one line of stdin. `import` reads it.";

pub(crate) const IMPORT: &str = "\
Examples:
  tatum-kms import wallets.json                     # what the original's export printed
  tatum-kms import old/wallet.dat                   # of the original, or of tatum-kms
  tatum-kms import UTC--2026-11-26.json --chain ETH # a keystore file, version 3
  tatum-kms import id.json                          # Solana's; docs/import.md lists all kinds
  tatum-kms import keys.txt --chain BTC --dry-run   # one private key a line; stores nothing

Prints {\"signatureId\"} a wallet, with its address where it has one. Wallets of stores and exports
keep their ids; one that is there already with the same content is passed over, one with other
content is an error. A key that a wallet of the chain and network holds already is passed over. All
wallets are stored, or none. The password of a store or keystore file comes from the file
TATUM_KMS_IMPORT_PASSWORD_FILE names, a hidden prompt, or one line of stdin.";

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

Prints no secret. The newest wallet comes first.";

pub(crate) const FIND: &str = "\
Examples:
  tatum-kms find 0x9858effd232b4033e47d90003d41ec34ecaeda94
  tatum-kms find bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu --chain BTC --indexes 1000

Looks at the addresses of single keys, and at the first addresses of wallets with a phrase.";

pub(crate) const BACKUP: &str = "\
Examples:
  tatum-kms backup create /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup verify /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup restore /mnt/safe/wallet-2026-11-26.dat --path /secure/wallet.dat

A backup is one sealed file that opens with the password the store has when it is made. It is
made while a daemon runs. No file is ever overwritten. Keep journal.db as well.";

pub(crate) const CHANGE_PASSWORD: &str = "\
Examples:
  tatum-kms changepassword
  TATUM_KMS_NEW_PASSWORD_FILE=/run/secrets/new tatum-kms changepassword

The old password comes from where it always does; the new one from that file, from a hidden prompt,
or from one line of stdin. A daemon that has the store open goes on; it needs the new password when
it starts again. Copies and backups of the file still open with the old password: destroy them if
somebody knows it.";

pub(crate) const SHARES: &str = "\
Examples:
  tatum-kms shares create --threshold 3 --count 5
  tatum-kms shares recover

create prints shares of the key that the store is sealed under, each as 33 words (SLIP-39). As many
as the threshold says open the store and every copy of it, whatever its password; fewer do not. Give
each to another person. Making shares again does not make the old ones worthless.

recover takes shares from hidden prompts, or one a line from stdin, and gives the store a new
password, from TATUM_KMS_NEW_PASSWORD_FILE, a hidden prompt, or the next line of stdin.";

pub(crate) const KDF: &str = "\
Examples:
  tatum-kms kdf upgrade

Seals the store's key again under the same password, at the cost that new stores have. Does nothing
where the cost is as high already.";

pub(crate) const CHECK_CONFIG: &str = "\
Examples:
  tatum-kms checkconfig
  tatum-kms checkconfig --path /secure/wallet.dat --aws
  tatum-kms checkconfig --password-source vault --try

Prints one line a setting. A secret is said to be set or not; nothing of it is shown. With --try
the password is fetched and the store opened with it.";

pub(crate) const DOCTOR: &str = "\
Examples:
  tatum-kms doctor
  tatum-kms doctor --try --externalUrl https://four-eyes.internal/check --json

Looks at files, clock, disk, memory, API key and four-eye endpoint. Exits 1 if anything is wrong.
The API is asked once, for a transaction that does not exist (one credit), and so is the four-eye
endpoint: one that says yes to it allows everything.";

pub(crate) const MIGRATE: &str = "\
Examples:
  tatum-kms migrate --check --path ./copy/wallet.dat --envFile ./copy/.env
  tatum-kms migrate --path ~/.tatumrc/wallet.dat

The old file is kept beside the new one as wallet.dat.legacy. Every wallet is read back and
compared before the new file takes the old one's place. --check opens everything, derives the first
address of every wallet, says what behaves otherwise for these wallets and settings, and changes
nothing: docs/migration.md.";

pub(crate) const SANDBOX: &str = "\
Examples:
  tatum-kms sandbox --port 8888
  TATUM_API_URL=http://127.0.0.1:8888 TATUM_API_KEY=any tatum-kms daemon --testnet
  curl http://127.0.0.1:8888/";

pub(crate) const DEMO: &str = "\
Examples:
  tatum-kms demo
  tatum-kms demo --chain BTC,ETH

Everything happens on loopback and in a temporary directory. Exits 0 only if every transaction
was verified.";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  tatum-kms completions bash > ~/.local/share/bash-completion/completions/tatum-kms
  tatum-kms completions zsh > ~/.zfunc/_tatum-kms # a directory of fpath
  tatum-kms completions fish > ~/.config/fish/completions/tatum-kms.fish

A shell that is started afterwards has them.";
