#!/usr/bin/env bash
# Version: @emurgo/cardano-serialization-lib-nodejs 15.0.3 (npm), pycardano 0.19.2 (PyPI, with cbor2 5.9.0).
# Guess: The prefix of a Cardano address says what it is, addr1 or addr_test1 or stake1, and a reader compares it with
#   the network and the kind in the bytes.
# Behaviour: Both libraries take any prefix, even none of Cardano's, and go by the bytes alone: an addr_test1 text
#   whose bytes name the main network is an address of the main network, and is written back as addr1. One address has
#   as many texts as there are prefixes, so two that differ as texts can be one.
# Seen:
#   addr: js mainnet addr, py mainnet addr
#   addr_test: js mainnet addr, py mainnet addr
#   stake: js mainnet addr, py mainnet addr
#   pool: js mainnet addr, py mainnet addr
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @emurgo/cardano-serialization-lib-nodejs@15.0.3 @scure/base@2.4.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pycardano==0.19.2 cbor2==5.9.0
cat >text.mjs <<'JS'
import { bech32 } from '@scure/base';

// A base address of the main network: its header, and the hashes of two keys.
const bytes = Uint8Array.from([0x01, ...Array(28).fill(1), ...Array(28).fill(2)]);
console.log(bech32.encode(process.argv[2], bech32.toWords(bytes), 200));
JS
cat >see.cjs <<'JS'
const { Address } = require('@emurgo/cardano-serialization-lib-nodejs');

const address = Address.from_bech32(process.argv[2]);
console.log(`${address.network_id() === 1 ? 'mainnet' : 'testnet'} ${address.to_bech32().split('1')[0]}`);
JS
cat >see.py <<'PY'
import sys

from pycardano import Address

address = Address.decode(sys.argv[1])
print(address.network.name.lower(), str(address).split("1")[0])
PY
for prefix in addr addr_test stake pool; do
    text=$(node text.mjs $prefix)
    echo "$prefix: js $(node see.cjs "$text" || true), py $(venv/bin/python see.py "$text" || true)"
done | tee seen.txt
[ "$(cat seen.txt)" = 'addr: js mainnet addr, py mainnet addr
addr_test: js mainnet addr, py mainnet addr
stake: js mainnet addr, py mainnet addr
pool: js mainnet addr, py mainnet addr' ] || { echo 'The behaviour has changed.'; exit 1; }
