#!/usr/bin/env bash
# Version: xrpl 5.3.0 (npm), xrpl-py 5.2.0 (PyPI).
# Guess: Both SDKs sign a payment to an X-address for the network that its first letter names, and a tag that stands
#   beside the address is taken where it is the address's own.
# Behaviour: Both read an address of the test network, T..., as the ordinary one with its tag, whatever the payment is
#   for, so the mark that sets it apart from X... is gone once it is signed. Beside an address with tag 5 a
#   DestinationTag of 5 is refused by xrpl.js and signed by xrpl-py; beside an address without a tag any is signed by
#   both.
# Seen:
#   T... with tag 5: js signs 5, py signs 5
#   X... with tag 5, DestinationTag 5: js refuses, py signs 5
#   X... with tag 5, DestinationTag 6: js refuses, py refuses
#   X... without a tag, DestinationTag 6: js signs 6, py refuses
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent xrpl@5.3.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check xrpl-py==5.2.0
cat >see.cjs <<'JS'
const { Wallet, classicAddressToXAddress, decode } = require('xrpl');

const [first, second] = [1, 2].map((byte) => Wallet.fromEntropy(Buffer.alloc(16, byte)));
const tag = (name) => (process.argv[name] === '-' ? undefined : Number(process.argv[name]));
const to = classicAddressToXAddress(second.address, tag(3) ?? false, process.argv[2] === 'T');
const payment = {
  TransactionType: 'Payment', Account: first.address, Destination: to, Amount: '1', Fee: '10', Sequence: 1,
};
if (tag(4) !== undefined) payment.DestinationTag = tag(4);
try {
  const signed = decode(first.sign(payment).tx_blob);
  console.log(signed.Destination === second.address ? `signs ${signed.DestinationTag}` : 'another address');
} catch { console.log('refuses'); }
JS
cat >see.py <<'PY'
import sys

from xrpl.core.addresscodec import classic_address_to_xaddress
from xrpl.core.binarycodec import decode
from xrpl.models import Payment
from xrpl.transaction import sign
from xrpl.wallet import Wallet

first, second = (Wallet.from_entropy(byte * 16) for byte in ("01", "02"))
in_address, beside = (None if text == "-" else int(text) for text in sys.argv[2:])
to = classic_address_to_xaddress(second.address, in_address, sys.argv[1] == "T")
try:
    payment = Payment(account=first.address, destination=to, destination_tag=beside, amount="1", fee="10", sequence=1)
    signed = decode(sign(payment, first).blob())
    print(f"signs {signed['DestinationTag']}" if signed["Destination"] == second.address else "another address")
except Exception:
    print("refuses")
PY
look() { # the name of the case, then the network's letter, the tag in the address and the one beside it
    echo "$1: js $(node see.cjs "$2" "$3" "$4"), py $(venv/bin/python see.py "$2" "$3" "$4")"
}
{
    look 'T... with tag 5' T 5 -
    look 'X... with tag 5, DestinationTag 5' X 5 5
    look 'X... with tag 5, DestinationTag 6' X 5 6
    look 'X... without a tag, DestinationTag 6' X - 6
} | tee seen.txt
[ "$(cat seen.txt)" = 'T... with tag 5: js signs 5, py signs 5
X... with tag 5, DestinationTag 5: js refuses, py signs 5
X... with tag 5, DestinationTag 6: js refuses, py refuses
X... without a tag, DestinationTag 6: js signs 6, py refuses' ] || { echo 'The behaviour has changed.'; exit 1; }
