#!/usr/bin/env bash
# Version: @vechain/sdk-core 2.1.0, ethers 6.17.0 (npm).
# Guess: Hex.of(255) is 0xff, and Address.of() takes texts of 20 bytes only.
# Behaviour: Hex.of gives a number's IEEE 754 bytes, filled up to sixteen, and 0xff for the bigint 255n;
#   HexUInt.of(255) is 0xff. Handed on as a clause's value the first is 8.5e37 wei and a valid transaction. Address.of
#   fills up at the front, so an address that lost its last byte on the way is another one, and a whole number is one
#   too; Address.isValid says no to the same text. Of 21 bytes it keeps the last twenty.
# Seen:
#   Hex.of(255): 0x406fe000000000000000000000000000
#   Hex.of(255n): 0xff, HexUInt.of(255): 0xff
#   as the value of a clause: 85651479941283199706785501134773551104
#   19 bytes: isValid false, Address.of fills up at the front, ethers refuses
#   the number 5: Address.of 0x0000000000000000000000000000000000000005
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @vechain/sdk-core@2.1.0 ethers@6.17.0
cat >see.cjs <<'JS'
const { Address, Hex, HexUInt, Transaction } = require('@vechain/sdk-core');
const { getAddress } = require('ethers');

const clause = { to: `0x${'35'.repeat(20)}`, value: Hex.of(255).toString(), data: '0x' };
const { encoded } = Transaction.of({
  chainTag: 39, blockRef: '0x00000000aabbccdd', expiration: 32, clauses: [clause], gasPriceCoef: 0, gas: 21000,
  dependsOn: null, nonce: 1,
});
const value = BigInt(Transaction.decode(encoded, false).body.clauses[0].value);
const short = `0x${'ab'.repeat(19)}`;
const filled = Address.of(short).toString().toLowerCase() === `0x00${'ab'.repeat(19)}`;
let other = 'takes it';
try { getAddress(short); } catch { other = 'refuses'; }
const seen = [
  `Hex.of(255): ${Hex.of(255)}`,
  `Hex.of(255n): ${Hex.of(255n)}, HexUInt.of(255): ${HexUInt.of(255)}`,
  `as the value of a clause: ${value}`,
  `19 bytes: isValid ${Address.isValid(short)}, `
    + `Address.of ${filled ? 'fills up at the front' : 'gives another'}, ethers ${other}`,
  `the number 5: Address.of ${Address.of(5)}`,
];
console.log(seen.join('\n'));
const expected = `Hex.of(255): 0x406fe000000000000000000000000000
Hex.of(255n): 0xff, HexUInt.of(255): 0xff
as the value of a clause: 85651479941283199706785501134773551104
19 bytes: isValid false, Address.of fills up at the front, ethers refuses
the number 5: Address.of 0x0000000000000000000000000000000000000005`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
