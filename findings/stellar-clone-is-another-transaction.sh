#!/usr/bin/env bash
# Version: @stellar/stellar-sdk 17.2.0 (npm).
# Guess: TransactionBuilder.cloneFrom(tx).build() gives a transaction like tx, of the same fee and so the same hash.
# Behaviour: The fee is divided by the number of operations and rounded down, so 1000 stroops for three operations become
#   999 and the hash is another. Of a Soroban transaction the clone has neither the resources (footprint, resource fee)
#   nor their part of the fee: what remains asks for 100 stroops and cannot run. Neither says a word.
# Seen:
#   three operations: fee 1000 -> 999, same hash: false
#   Soroban: fee 50100 -> 100, resources true -> false
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @stellar/stellar-sdk@17.2.0
cat >see.cjs <<'JS'
const { Account, Keypair, Networks, Operation, SorobanDataBuilder, TransactionBuilder } = require('@stellar/stellar-sdk');

const source = Keypair.fromRawEd25519Seed(Buffer.alloc(32, 1)).publicKey();
const start = () => new TransactionBuilder(new Account(source, '1'), { fee: '100', networkPassphrase: Networks.TESTNET });
const hash = (tx) => Buffer.from(tx.hash()).toString('hex');
const hasResources = (tx) => tx.toEnvelope().value.tx.ext.type === 'sorobanData';

const bumps = ['9', '10', '11'].reduce((b, bumpTo) => b.addOperation(Operation.bumpSequence({ bumpTo })), start());
// The builder knows whole fees per operation only; on the ledger the fee is one number: 300 is made 1000.
const bytes = Buffer.from(bumps.setTimeout(0).build().toXDR(), 'base64').toString('hex').replace('0000012c', '000003e8');
const classic = TransactionBuilder.fromXDR(Buffer.from(bytes, 'hex').toString('base64'), Networks.TESTNET);
const classicClone = TransactionBuilder.cloneFrom(classic).build();
const same = hash(classic) === hash(classicClone);
console.log(`three operations: fee ${classic.fee} -> ${classicClone.fee}, same hash: ${same}`);

const data = new SorobanDataBuilder().setResourceFee('50000').setResources(1, 2, 3).build();
const soroban = start().addOperation(Operation.extendFootprintTtl({ extendTo: 5 })).setSorobanData(data).setTimeout(0).build();
const sorobanClone = TransactionBuilder.cloneFrom(soroban).build();
const [had, has] = [hasResources(soroban), hasResources(sorobanClone)];
console.log(`Soroban: fee ${soroban.fee} -> ${sorobanClone.fee}, resources ${had} -> ${has}`);

const seen = [classic.fee, classicClone.fee, same, soroban.fee, sorobanClone.fee, had, has].join();
if (seen !== '1000,999,false,50100,100,true,false') {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
