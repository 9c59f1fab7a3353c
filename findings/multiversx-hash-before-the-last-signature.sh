#!/usr/bin/env bash
# Version: @multiversx/sdk-core 15.4.0 (npm, with its peers protobufjs 7.5.4 and bignumber.js 9.3.1), multiversx-sdk 3.0.1 (PyPI).
# Guess: The two SDKs of one maker give one hash for one transaction, in every state of its signing.
# Behaviour: They agree only once every signature is there. While the guardian's or the relayer's (or the sender's) is
#   still missing, the hashes differ, so a transaction that waits for a co-signer is known by two; neither is the one
#   that it will have, and neither SDK refuses.
# Seen (the first 8 digits):
#   complete: js 0a9de882 py 0a9de882
#   guardian signed: js 96714962 py 96714962
#   guardian to sign: js 8f4d89dc py 1d10f990 (differ)
#   relayer signed: js ae1cc4a0 py ae1cc4a0
#   relayer to sign: js 7c55a3f7 py 2eec22cb (differ)
#   sender to sign: js 3e4787e1 py 41d70887 (differ)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @multiversx/sdk-core@15.4.0 protobufjs@7.5.4 bignumber.js@9.3.1
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check multiversx-sdk==3.0.1
cat >see.cjs <<'JS'
const { Address, Transaction, TransactionComputer } = require('@multiversx/sdk-core');

const [sender, receiver, other] = ['01', '02', '03'].map((byte) => Address.newFromHex(byte.repeat(32)));
const signed = new Uint8Array(64).fill(5);
const states = {
  complete: { signature: signed },
  'guardian to sign': { signature: signed, guardian: other, options: 2 },
  'guardian signed': { signature: signed, guardian: other, options: 2, guardianSignature: signed },
  'relayer to sign': { signature: signed, relayer: other },
  'relayer signed': { signature: signed, relayer: other, relayerSignature: signed },
  'sender to sign': {},
};
for (const [name, state] of Object.entries(states)) {
  const tx = new Transaction({
    nonce: 7n, value: 1n, sender, receiver, gasLimit: 50000n, gasPrice: 1000000000n, chainID: '1', version: 2, ...state,
  });
  console.log(`${name}:${new TransactionComputer().computeTransactionHash(tx).slice(0, 8)}`);
}
JS
cat >see.py <<'PY'
from multiversx_sdk import Address, Transaction, TransactionComputer

sender, receiver, other = (Address.new_from_hex(byte * 32) for byte in ("01", "02", "03"))
signed = bytes([5]) * 64
states = {
    "complete": dict(signature=signed),
    "guardian to sign": dict(signature=signed, guardian=other, options=2),
    "guardian signed": dict(signature=signed, guardian=other, options=2, guardian_signature=signed),
    "relayer to sign": dict(signature=signed, relayer=other),
    "relayer signed": dict(signature=signed, relayer=other, relayer_signature=signed),
    "sender to sign": {},
}
for name, state in states.items():
    tx = Transaction(nonce=7, value=1, sender=sender, receiver=receiver, gas_limit=50000, gas_price=1000000000,
                     chain_id="1", version=2, **state)
    digest = TransactionComputer().compute_transaction_hash(tx)
    print(f"{name}:{digest.hex()[:8] if isinstance(digest, bytes) else digest[:8]}")
PY
node see.cjs >js.txt
venv/bin/python see.py >py.txt
join -t: -a1 -a2 <(sort -t: -k1,1 js.txt) <(sort -t: -k1,1 py.txt) | awk -F: '{ print $1 ": js " $2 " py " $3 ($2 == $3 ? "" : " (differ)") }' | tee seen.txt
differ=$(grep 'differ' seen.txt | cut -d: -f1 | paste -sd,)
[ "$differ" = 'guardian to sign,relayer to sign,sender to sign' ] || { echo 'The behaviour has changed.'; exit 1; }
