#!/usr/bin/env bash
# Version: viem 2.57.20 with ethers 6.17.0 (npm).
# Guess: Both read a blob transaction in either form in which it is sent: with one proof per blob, and with the 128 cell
#   proofs and the version byte 1 that EIP-7594 (the Fusaka fork) asks for.
# Behaviour: ethers writes and reads both. viem's parseTransaction takes the new form for a broken transaction, for it
#   looks for four members and finds five; what it writes is the old form, cell proofs or not. The id is of the body
#   and the same in both forms, so the id does not tell that the text that is sent is of the form of before the fork.
# Seen:
#   version 0: ethers ok, viem ok
#   version 1: ethers ok, viem InvalidSerializedTransactionError
#   same id: true
#   viem, given cell proofs, writes 4 members
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent viem@2.57.20 ethers@6.17.0
cat >see.cjs <<'JS'
const { Transaction, Wallet, decodeRlp } = require('ethers');
const { parseTransaction, serializeTransaction } = require('viem');

// The blob of zeros is the polynomial 0: its commitment and all its proofs are the point at infinity.
const infinity = `0x${'c0'.padEnd(96, '0')}`;
const data = `0x${'00'.repeat(131072)}`;
const cells = `0x${infinity.slice(2).repeat(128)}`;
const key = new Wallet(`0x${'11'.repeat(32)}`).signingKey;
const make = (version) => {
  const tx = Transaction.from({
    type: 3, chainId: 1, nonce: 1, to: `0x${'35'.repeat(20)}`, gasLimit: 21000,
    maxFeePerGas: 10, maxPriorityFeePerGas: 1, maxFeePerBlobGas: 5, blobWrapperVersion: version || undefined,
    blobs: [{ data, commitment: infinity, proof: version ? cells : infinity }],
  });
  tx.signature = key.sign(tx.unsignedHash);
  return tx;
};
const attempt = (read) => { try { read(); return 'ok'; } catch (e) { return e.name; } };

const seen = [];
const say = (line) => { seen.push(line); console.log(line); };
const [old, now] = [make(0), make(1)];
for (const [version, tx] of [old, now].entries()) {
  say(`version ${version}: ethers ${attempt(() => Transaction.from(tx.serialized))}, viem ${attempt(() => parseTransaction(tx.serialized))}`);
}
say(`same id: ${old.hash === now.hash}`);
const { r, s, yParity, v, sidecars, ...body } = parseTransaction(old.serialized);
const written = serializeTransaction({ ...body, sidecars: [{ blob: data, commitment: infinity, proof: cells }] }, { r, s, yParity });
say(`viem, given cell proofs, writes ${decodeRlp(`0x${written.slice(4)}`).length} members`);

const expected = ['version 0: ethers ok, viem ok', 'version 1: ethers ok, viem InvalidSerializedTransactionError',
  'same id: true', 'viem, given cell proofs, writes 4 members'];
if (seen.join('\n') !== expected.join('\n')) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
