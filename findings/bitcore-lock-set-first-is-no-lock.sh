#!/usr/bin/env bash
# Version: bitcore-lib 11.5.1, bitcoinjs-lib 7.0.0 (npm).
# Guess: The calls that build a transaction can be made in any order, and lockUntilBlockHeight() gives one that no
#   block below that height can hold.
# Behaviour: It marks the inputs that are there already. Called before from(), it sets the lock time but leaves every
#   input final, so the network ignores the lock and the transaction can be mined at once; getLockTime() gives the
#   height all the same, and serialize() has nothing against it. A Psbt of bitcoinjs-lib leaves the inputs final in
#   either order. A date with a fraction of a second stays one, nLockTime 1600000000.5, until it is written.
# Seen:
#   bitcore from, lock: lock time 499999, input final: false
#   bitcore lock, from: lock time 499999, input final: true
#   bitcoinjs from, lock: lock time 499999, input final: true
#   bitcoinjs lock, from: lock time 499999, input final: true
#   bitcore date: nLockTime 1600000000.5, written 1600000000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent bitcore-lib@11.5.1 bitcoinjs-lib@7.0.0
cat >see.cjs <<'JS'
const { PrivateKey, Script, Transaction } = require('bitcore-lib');
const bitcoin = require('bitcoinjs-lib');

const key = new PrivateKey('11'.repeat(32));
const address = key.toAddress();
const coin = {
  txId: 'ab'.repeat(32), outputIndex: 0, script: Script.fromAddress(address).toHex(), satoshis: 100000,
  address: address.toString(),
};
const from = (tx) => tx.from(coin).to(address, 90000);
const lock = (tx) => tx.lockUntilBlockHeight(499999);
const written = (tx) => bitcoin.Transaction.fromHex(tx.sign(key).serialize());
const input = { hash: 'ab'.repeat(32), index: 0 };
const [early, late] = [new bitcoin.Psbt(), new bitcoin.Psbt()];
early.addInput(input).setLocktime(499999);
late.setLocktime(499999).addInput(input);
const describe = (locktime, { sequence }) => `lock time ${locktime}, input final: ${sequence === 0xffffffff}`;
const made = {
  'bitcore from, lock': written(lock(from(new Transaction()))),
  'bitcore lock, from': written(from(lock(new Transaction()))),
};
const seen = Object.entries(made).map(([name, tx]) => `${name}: ${describe(tx.locktime, tx.ins[0])}`);
seen.push(`bitcoinjs from, lock: ${describe(early.locktime, early.txInputs[0])}`);
seen.push(`bitcoinjs lock, from: ${describe(late.locktime, late.txInputs[0])}`);
const dated = from(new Transaction()).lockUntilDate(new Date(1600000000500));
seen.push(`bitcore date: nLockTime ${dated.nLockTime}, written ${written(dated).locktime}`);
console.log(seen.join('\n'));
const expected = `bitcore from, lock: lock time 499999, input final: false
bitcore lock, from: lock time 499999, input final: true
bitcoinjs from, lock: lock time 499999, input final: true
bitcoinjs lock, from: lock time 499999, input final: true
bitcore date: nLockTime 1600000000.5, written 1600000000`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
