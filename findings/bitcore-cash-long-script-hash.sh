#!/usr/bin/env bash
# Version: bitcore-lib-cash 11.5.1, bchaddrjs 0.5.2 and @bitauth/libauth 3.0.0 (npm).
# Guess: A library that reads a cash address of a script with a hash of 32 bytes (P2SH32, of the network since May
#   2023) either knows that form or refuses it.
# Behaviour: bitcore-lib-cash reads it as an ordinary script address and pays to OP_HASH160 with 32 bytes, which no
#   script can match, for that hash has 20: what is sent there stays there. bchaddrjs turns it into a legacy address of
#   50 characters, a form that no network has. libauth writes OP_HASH256. The addresses of 20 bytes, and only those,
#   come out alike.
# Seen:
#   20 bytes: bitcore a914..87, libauth a914..87, bchaddrjs 34 characters
#   32 bytes: bitcore a920..87, libauth aa20..87, bchaddrjs 50 characters
#   bitcore calls the script of 32 bytes: Unknown
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent bitcore-lib-cash@11.5.1 bchaddrjs@0.5.2 @bitauth/libauth@3.0.0
cat >see.mjs <<'JS'
import { cashAddressToLockingBytecode, encodeCashAddress } from '@bitauth/libauth';
import bchaddr from 'bchaddrjs';
import bitcore from 'bitcore-lib-cash';

const outline = (hex) => `${hex.slice(0, 4)}..${hex.slice(-2)}`;
const addressOf = (bytes) => {
  const payload = new Uint8Array(bytes).fill(1);
  return encodeCashAddress({ payload, prefix: 'bitcoincash', type: 'p2sh' }).address;
};
const output = (address) => new bitcore.Transaction().to(address, 1000).outputs[0].script;
const seen = [20, 32].map((bytes) => {
  const address = addressOf(bytes);
  const libauth = Buffer.from(cashAddressToLockingBytecode(address).bytecode).toString('hex');
  const legacy = bchaddr.toLegacyAddress(address);
  const both = `bitcore ${outline(output(address).toHex())}, libauth ${outline(libauth)}`;
  return `${bytes} bytes: ${both}, bchaddrjs ${legacy.length} characters`;
});
seen.push(`bitcore calls the script of 32 bytes: ${output(addressOf(32)).classify()}`);
console.log(seen.join('\n'));
const expected = `20 bytes: bitcore a914..87, libauth a914..87, bchaddrjs 34 characters
32 bytes: bitcore a920..87, libauth aa20..87, bchaddrjs 50 characters
bitcore calls the script of 32 bytes: Unknown`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.mjs
