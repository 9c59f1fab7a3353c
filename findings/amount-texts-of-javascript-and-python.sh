#!/usr/bin/env bash
# Version: xrpl 5.3.0 and @stellar/stellar-sdk 17.2.0 (npm), xrpl-py 5.2.0 and stellar-sdk 16.1.1 (PyPI).
# Guess: The two SDKs of one network agree on which text is an amount, for the network is one.
# Behaviour: They take what their language, or a library, takes for a number. 0x10 is 16 drops and 16 XLM in JavaScript
#   and an error in Python; 1_0 is ten drops in Python only, ten XLM in both. A zero too many behind the point is an
#   error in Stellar's Python only, an amount of no XLM in its JavaScript only, and what is too small for a token of
#   the XRP Ledger (1e-82) is an error in JavaScript and 0 in Python.
# Seen:
#   XRP 0x10: js 16, py refuses
#   XRP 1_0: js refuses, py 10
#   token 1e-82: js refuses, py 0
#   XLM 0x10: js 16, py refuses
#   XLM 1_0: js 10, py 10
#   XLM 1.00000000: js 1, py refuses
#   XLM 0: js refuses, py 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent xrpl@5.3.0 @stellar/stellar-sdk@17.2.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check xrpl-py==5.2.0 stellar-sdk==16.1.1
cat >see.cjs <<'JS'
const stellar = require('@stellar/stellar-sdk');
const { Wallet, decode } = require('xrpl');

const [kind, text] = process.argv.slice(2);
const [first, second] = [1, 2].map((byte) => Wallet.fromEntropy(Buffer.alloc(16, byte)));
const pay = (Amount) => {
  const payment = { TransactionType: 'Payment', Account: first.address, Destination: second.address, Amount };
  return decode(first.sign({ ...payment, Fee: '10', Sequence: 1 }).tx_blob).Amount;
};
const makers = {
  XRP: () => pay(text),
  token: () => pay({ currency: 'USD', issuer: second.address, value: text }).value,
  XLM: () => {
    const destination = stellar.Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1)).publicKey();
    const payment = stellar.Operation.payment({ destination, asset: stellar.Asset.native(), amount: text });
    return Number(stellar.Operation.fromXDRObject(payment).amount);
  },
};
try { console.log(String(makers[kind]())); } catch { console.log('refuses'); }
JS
cat >see.py <<'PY'
import sys

from stellar_sdk import Asset, Keypair, Payment as StellarPayment
from xrpl.core.binarycodec import decode
from xrpl.models import IssuedCurrencyAmount, Payment
from xrpl.transaction import sign
from xrpl.wallet import Wallet

kind, text = sys.argv[1:]
first, second = (Wallet.from_entropy(byte * 16) for byte in ("01", "02"))


def pay(amount):
    payment = Payment(account=first.address, destination=second.address, amount=amount, fee="10", sequence=1)
    return decode(sign(payment, first).blob())["Amount"]


def lumens():
    destination = Keypair.from_raw_ed25519_seed(bytes([1] * 32)).public_key
    payment = StellarPayment(destination, Asset.native(), text).to_xdr_object()
    return float(StellarPayment.from_xdr_object(payment).amount)


makers = {
    "XRP": lambda: pay(text),
    "token": lambda: pay(IssuedCurrencyAmount(currency="USD", issuer=second.address, value=text))["value"],
    "XLM": lambda: f"{lumens():g}",
}
try:
    print(makers[kind]())
except Exception:
    print("refuses")
PY
for case in 'XRP 0x10' 'XRP 1_0' 'token 1e-82' 'XLM 0x10' 'XLM 1_0' 'XLM 1.00000000' 'XLM 0'; do
    kind=${case% *} text=${case#* }
    echo "$case: js $(node see.cjs "$kind" "$text"), py $(venv/bin/python see.py "$kind" "$text")"
done | tee seen.txt
[ "$(cat seen.txt)" = 'XRP 0x10: js 16, py refuses
XRP 1_0: js refuses, py 10
token 1e-82: js refuses, py 0
XLM 0x10: js 16, py refuses
XLM 1_0: js 10, py 10
XLM 1.00000000: js 1, py refuses
XLM 0: js refuses, py 0' ] || { echo 'The behaviour has changed.'; exit 1; }
