#!/usr/bin/env bash
# Version: ethers 6.17.0, viem 2.57.20 and @metamask/eth-sig-util 9.0.0 (npm), eth-account 0.14.0 (PyPI).
# Guess: Typed data (EIP-712) that several libraries sign without an error has one hash, so it does not matter which of
#   them made the signature.
# Behaviour: ethers reads the text "false" in a bool as true, eth-sig-util and eth-account as false. ethers hashes a
#   type uint as uint256, the other two as the word uint. A list of one in a uint256[2] is refused by ethers only, a
#   bytes that is no hexadecimal is hashed as text by all but ethers. So each library signs something that another one
#   verifies as a stranger's. viem refuses the first two.
# Seen:
#   bool "false": ethers as true, viem refuses, eth-sig-util as false, eth-account as false
#   uint: ethers as uint256, viem refuses, eth-sig-util another, eth-account another, both the same
#   uint256[2] of one: ethers refuses, viem hashes, eth-sig-util hashes, eth-account hashes, all the same
#   bytes "hello": ethers refuses, viem hashes, eth-sig-util hashes, eth-account hashes, all the same
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent ethers@6.17.0 viem@2.57.20 @metamask/eth-sig-util@9.0.0
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check eth-account==0.14.0
cat >hash.py <<'PY'
import json
import sys

from eth_account.messages import _hash_eip191_message, encode_typed_data

data = json.loads(sys.argv[1])
message = encode_typed_data(data["domain"], {"M": data["types"]["M"]}, data["message"])
print("0x" + _hash_eip191_message(message).hex())
PY
cat >see.cjs <<'JS'
const { execFileSync } = require('node:child_process');
const { TypedDataUtils } = require('@metamask/eth-sig-util');
const { TypedDataEncoder } = require('ethers');
const { hashTypedData } = require('viem');

const hashers = {
  ethers: ({ domain, types: { M }, message }) => TypedDataEncoder.hash(domain, { M }, message),
  viem: hashTypedData,
  'eth-sig-util': (data) => `0x${TypedDataUtils.eip712Hash(data, 'V4').toString('hex')}`,
  'eth-account': (data) => {
    const run = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('venv/bin/python', ['hash.py', JSON.stringify(data)], run).trim();
  },
};
const data = (type, value) => ({
  domain: { name: 'made' }, primaryType: 'M', message: { value },
  types: { EIP712Domain: [{ name: 'name', type: 'string' }], M: [{ name: 'value', type }] },
});
const hashes = (type, value) => Object.entries(hashers).map(([name, hash]) => {
  try { return [name, hash(data(type, value))]; } catch { return [name, 'refuses']; }
});
const known = [['bool', true], ['bool', false], ['uint256', '10']];
const [yes, no, ten] = known.map((pair) => hashers.ethers(data(...pair)));
const called = { refuses: 'refuses', [yes]: 'as true', [no]: 'as false', [ten]: 'as uint256' };
const list = (found, other) => found.map(([name, hash]) => `${name} ${called[hash] ?? other}`).join(', ');
const alike = (found, apart) => {
  const rest = new Set(found.map(([, hash]) => hash).filter((hash) => !apart.includes(hash)));
  return rest.size === 1 ? 'the same' : 'different';
};
const uint = hashes('uint', '10');
const short = hashes('uint256[2]', ['1']);
const text = hashes('bytes', 'hello');
const seen = [
  `bool "false": ${list(hashes('bool', 'false'), 'another')}`,
  `uint: ${list(uint, 'another')}, both ${alike(uint, ['refuses', ten])}`,
  `uint256[2] of one: ${list(short, 'hashes')}, all ${alike(short, ['refuses'])}`,
  `bytes "hello": ${list(text, 'hashes')}, all ${alike(text, ['refuses'])}`,
];
console.log(seen.join('\n'));
const expected = `bool "false": ethers as true, viem refuses, eth-sig-util as false, eth-account as false
uint: ethers as uint256, viem refuses, eth-sig-util another, eth-account another, both the same
uint256[2] of one: ethers refuses, viem hashes, eth-sig-util hashes, eth-account hashes, all the same
bytes "hello": ethers refuses, viem hashes, eth-sig-util hashes, eth-account hashes, all the same`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
