#!/usr/bin/env bash
# Version: @stellar/stellar-sdk 17.2.0 (npm), stellar-sdk 16.1.1 (PyPI).
# Guess: A price that the ledger's fraction of two 31-bit numbers cannot hold is refused, in both SDKs of the network.
# Behaviour: The JavaScript SDK moves it to the end of the range, without a word: an offer at 0.00000000012 is made at
#   nearly four times that price, one at 4294967296 at half of it. The Python SDK refuses both ("Couldn't find
#   approximation"). Within the range they write the same fractions.
# Seen:
#   0.00000000012: js 1/2147483647 (3.88 times the price), py NoApproximationError
#   4294967296: js 2147483647/1 (0.50 times the price), py NoApproximationError
#   3.14159265358979: js 1434877259/456735617 (1.00 times the price), py 1434877259/456735617
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @stellar/stellar-sdk@17.2.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check stellar-sdk==16.1.1
cat >see.cjs <<'JS'
const { Asset, Keypair, Operation } = require('@stellar/stellar-sdk');

const price = process.argv[2];
const buying = new Asset('USD', Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1)).publicKey());
const { n, d } = Operation.manageSellOffer({ selling: Asset.native(), buying, amount: '1', price }).body.value.price;
console.log(`${n}/${d} (${(Number(n) / Number(d) / Number(price)).toFixed(2)} times the price)`);
JS
cat >see.py <<'PY'
import sys

from stellar_sdk import Price

try:
    price = Price.from_raw_price(sys.argv[1])
    print(f"{price.n}/{price.d}")
except Exception as error:
    print(type(error).__name__)
PY
for price in 0.00000000012 4294967296 3.14159265358979; do
    echo "$price: js $(node see.cjs $price), py $(venv/bin/python see.py $price)"
done | tee seen.txt
[ "$(cat seen.txt)" = '0.00000000012: js 1/2147483647 (3.88 times the price), py NoApproximationError
4294967296: js 2147483647/1 (0.50 times the price), py NoApproximationError
3.14159265358979: js 1434877259/456735617 (1.00 times the price), py 1434877259/456735617' ] ||
    { echo 'The behaviour has changed.'; exit 1; }
