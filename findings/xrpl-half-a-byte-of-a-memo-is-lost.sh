#!/usr/bin/env bash
# Version: xrpl 5.3.0 (npm), xrpl-py 5.2.0 (PyPI).
# Guess: A memo whose hexadecimal has an odd number of digits is refused, as one that is no hexadecimal is.
# Behaviour: xrpl.js signs it without the last digit: MemoData abc is sent as AB, and the check before signing, which
#   refuses other letters than hexadecimal ones, lets it through. The URI of a token and the Condition of an escrow are
#   cut as well. xrpl-py refuses it.
# Seen:
#   MemoData abc: js signs AB, py ValueError
#   MemoData abcd: js signs ABCD, py ABCD
#   MemoData xyz: js refuses, py ValueError
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent xrpl@5.3.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check xrpl-py==5.2.0
cat >see.cjs <<'JS'
const { Wallet, decode } = require('xrpl');

const wallet = Wallet.fromEntropy(Buffer.alloc(16, 1));
try {
  const { tx_blob } = wallet.sign({
    TransactionType: 'AccountSet', Account: wallet.address, Fee: '10', Sequence: 1,
    Memos: [{ Memo: { MemoData: process.argv[2] } }],
  });
  console.log(`signs ${decode(tx_blob).Memos[0].Memo.MemoData}`);
} catch { console.log('refuses'); }
JS
cat >see.py <<'PY'
import sys

from xrpl.core.binarycodec import decode, encode_for_signing
from xrpl.models import AccountSet, Memo
from xrpl.transaction import sign
from xrpl.wallet import Wallet

wallet = Wallet.from_entropy("01" * 16)
try:
    memo = Memo(memo_data=sys.argv[1])
    signed = sign(AccountSet(account=wallet.address, fee="10", sequence=1, memos=[memo]), wallet)
    print(decode(signed.blob())["Memos"][0]["Memo"]["MemoData"])
except Exception as error:
    print(type(error).__name__)
PY
for data in abc abcd xyz; do
    echo "MemoData $data: js $(node see.cjs $data), py $(venv/bin/python see.py $data)"
done | tee seen.txt
[ "$(cat seen.txt)" = 'MemoData abc: js signs AB, py ValueError
MemoData abcd: js signs ABCD, py ABCD
MemoData xyz: js refuses, py ValueError' ] || { echo 'The behaviour has changed.'; exit 1; }
