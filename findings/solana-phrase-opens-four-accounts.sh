#!/usr/bin/env bash
# Version: solders 0.29.0, bip-utils 2.12.3, hdwallet 3.6.1 (PyPI), @trustwallet/wallet-core 4.8.2 (npm).
# Guess: A phrase has one first account on Solana, whichever library opens it; path m/44'/501'/0'/0'.
# Behaviour: None of these four opens that path unless it is named. solders, Solana's own, takes the first half of
#   BIP-39's seed for the key, as solana-keygen does, with no path at all. bip-utils and wallet-core go by
#   m/44'/501'/0'. hdwallet takes five steps, the last two without the mark, which SLIP-10 does not have for Ed25519
#   (solders reads the same text as five marked steps): it derives them all the same, with an index that is not a
#   hardened one, so no other finds that account.
# Seen:
#   solders, phrase: EHqmfkN8 (32 bytes of the seed)
#   bip-utils: GjJyeC1r (m/44'/501'/0')
#   wallet-core: GjJyeC1r (m/44'/501'/0')
#   hdwallet: 3EJBvTB2 (m/44'/501'/0'/0/0)
#   solders, path named: HAgk14Jp (m/44'/501'/0'/0')
#   solders, hdwallet's path: B9sVeu4r (m/44'/501'/0'/0'/0')
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @trustwallet/wallet-core@4.8.2
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check solders==0.29.0 bip-utils==2.12.3 hdwallet==3.6.1
cat >see.cjs <<'JS'
const { initWasm } = require('@trustwallet/wallet-core');

initWasm().then(({ CoinType, HDWallet }) => {
  console.log(HDWallet.createWithMnemonic(process.argv[2], '').getAddressForCoin(CoinType.solana));
});
JS
cat >see.py <<'PY'
import hashlib
import hmac
import subprocess
import sys

from bip_utils import Bip39SeedGenerator, Bip44, Bip44Coins
from hdwallet import HDWallet
from hdwallet.cryptocurrencies import Solana
from hdwallet.hds import BIP44HD
from hdwallet.mnemonics import BIP39Mnemonic
from solders.keypair import Keypair

phrase = "abandon " * 11 + "about"
seed = Bip39SeedGenerator(phrase).Generate()


def derive(path):
    """SLIP-10 for Ed25519, which also takes the steps that it does not have, those without a mark."""
    node = hmac.digest(b"ed25519 seed", seed, hashlib.sha512)
    for step in path.split("/")[1:]:
        index = int(step.rstrip("'")) + (2**31 if step.endswith("'") else 0)
        node = hmac.digest(node[32:], b"\0" + node[:32] + index.to_bytes(4, "big"), hashlib.sha512)
    return str(Keypair.from_seed(node[:32]).pubkey())


paths = ("m/44'/501'/0'", "m/44'/501'/0'/0'", "m/44'/501'/0'/0'/0'", "m/44'/501'/0'/0/0")
known = {derive(path): path for path in paths}
known[str(Keypair.from_seed(seed[:32]).pubkey())] = "32 bytes of the seed"
addresses = {
    "solders, phrase": str(Keypair.from_seed_phrase_and_passphrase(phrase, "").pubkey()),
    "bip-utils": Bip44.FromSeed(seed, Bip44Coins.SOLANA).DeriveDefaultPath().PublicKey().ToAddress(),
    "wallet-core": subprocess.run(["node", "see.cjs", phrase], capture_output=True, text=True).stdout.strip(),
    "hdwallet": HDWallet(Solana, hd=BIP44HD).from_mnemonic(BIP39Mnemonic(phrase)).address(),
    "solders, path named": str(Keypair.from_seed_and_derivation_path(seed, "m/44'/501'/0'/0'").pubkey()),
    "solders, hdwallet's path": str(Keypair.from_seed_and_derivation_path(seed, "m/44'/501'/0'/0/0").pubkey()),
}
seen = [f"{name}: {address[:8]} ({known.get(address, 'another')})" for name, address in addresses.items()]
print("\n".join(seen))
if seen != [
    "solders, phrase: EHqmfkN8 (32 bytes of the seed)",
    "bip-utils: GjJyeC1r (m/44'/501'/0')",
    "wallet-core: GjJyeC1r (m/44'/501'/0')",
    "hdwallet: 3EJBvTB2 (m/44'/501'/0'/0/0)",
    "solders, path named: HAgk14Jp (m/44'/501'/0'/0')",
    "solders, hdwallet's path: B9sVeu4r (m/44'/501'/0'/0'/0')",
]:
    sys.exit("The behaviour has changed.")
PY
venv/bin/python see.py
