#!/usr/bin/env bash
# Version: @onflow/sdk 1.13.7 and @onflow/types 1.5.0 (npm), flow-py-sdk 2.0.2 (PyPI).
# Guess: An argument of a Flow transaction is a value of Cadence, so one value gives one transaction, whichever way it
#   was written down, and t.UFix64 and t.UInt8 take numbers that fit.
# Behaviour: What is signed is the JSON text of the argument. The members in the other order, or an address with other
#   zeros in front, are another transaction, and the two SDKs write the zeros differently: JavaScript as they came,
#   Python all sixteen. (The payer's address is padded by both.) The types of JavaScript count decimals and look at
#   nothing else: abc.def is filled up to eight decimals, 256 is a UInt8.
# Seen:
#   type and value in the other order: another transaction
#   Address 0x1: js 0x1, py 0x0000000000000001
#   UFix64 1.5: js 1.50000000, py 1.50000000
#   js only: UFix64 abc.def is abc.def00000, UFix64 1 throws, UInt8 256 is 256
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @onflow/sdk@1.13.7 @onflow/types@1.5.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check flow-py-sdk==2.0.2
cat >see.py <<'PY'
import json

from flow_py_sdk.cadence import Address, UFix64, encode_arguments

print(json.dumps([json.loads(text)["value"] for text in encode_arguments([Address.from_hex("01"), UFix64(150000000)])]))
PY
cat >see.cjs <<'JS'
const { execFileSync } = require('node:child_process');
const { encodeTransactionPayload } = require('@onflow/sdk');
const types = require('@onflow/types');

const payload = (argument) => encodeTransactionPayload({
  cadence: 'transaction(a: Int) {}', refBlock: 'ab'.repeat(32), computeLimit: 9999, arguments: [argument],
  proposalKey: { address: '01', keyId: 0, sequenceNum: 5 }, payer: '01', authorizers: ['01'],
  payloadSigs: [], envelopeSigs: [],
});
const same = payload({ type: 'Int', value: '1' }) === payload({ value: '1', type: 'Int' });
const valueOf = (type, text) => types[type].asArgument(text).value;
const only = [['UFix64', 'abc.def'], ['UFix64', '1'], ['UInt8', '256']].map(([type, text]) => {
  try { return `${type} ${text} is ${valueOf(type, text)}`; } catch { return `${type} ${text} throws`; }
});
const [address, fixed] = JSON.parse(execFileSync('venv/bin/python', ['see.py'], { encoding: 'utf8' }));
const seen = [
  `type and value in the other order: ${same ? 'the same' : 'another'} transaction`,
  `Address 0x1: js ${valueOf('Address', '0x1')}, py ${address}`,
  `UFix64 1.5: js ${valueOf('UFix64', '1.5')}, py ${fixed}`,
  `js only: ${only.join(', ')}`,
];
console.log(seen.join('\n'));
const expected = `type and value in the other order: another transaction
Address 0x1: js 0x1, py 0x0000000000000001
UFix64 1.5: js 1.50000000, py 1.50000000
js only: UFix64 abc.def is abc.def00000, UFix64 1 throws, UInt8 256 is 256`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
