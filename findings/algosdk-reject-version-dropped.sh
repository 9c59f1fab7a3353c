#!/usr/bin/env bash
# Version: algosdk 3.8.0 (npm), typescript 5.9.3 for the types.
# Guess: rejectVersion (fail if the application has been updated to this version) is signed by every maker of an
#   application call that takes it.
# Behaviour: makeApplicationCallTxnFromObject carries it into the transaction. Those named after what the call does (the
#   five below) take it by their types and drop it, so the transaction has no check of the version, and its id is that of
#   the call without one.
# Seen:
#   Call 3 | NoOp 0, OptIn 0, CloseOut 0, ClearState 0, Delete 0
#   NoOp: same id as without: true
#   types accept it: true
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent algosdk@3.8.0 typescript@5.9.3
cat >typed.ts <<'TS'
import { Address, makeApplicationNoOpTxnFromObject, type SuggestedParams } from 'algosdk';
export const call = (sender: Address, suggestedParams: SuggestedParams) =>
  makeApplicationNoOpTxnFromObject({ sender, suggestedParams, appIndex: 7, rejectVersion: 3 });
TS
cat >see.cjs <<'JS'
const { execFileSync } = require('node:child_process');
const algosdk = require('algosdk');

const sender = new algosdk.Address(new Uint8Array(32).fill(1));
const suggestedParams = {
  fee: 0, minFee: 1000, firstValid: 1, lastValid: 1001, genesisHash: new Uint8Array(32).fill(3), genesisID: 'made-v1',
};
const call = { sender, suggestedParams, appIndex: 7 };
const make = (what, more) => algosdk[`makeApplication${what}TxnFromObject`]({ ...call, ...more });

const seen = [];
const say = (line) => { seen.push(line); console.log(line); };
const named = ['NoOp', 'OptIn', 'CloseOut', 'ClearState', 'Delete'];
const version = (what, more) => `${what} ${make(what, { rejectVersion: 3, ...more }).applicationCall.rejectVersion}`;
say(`${version('Call', { onComplete: 0 })} | ${named.map((what) => version(what)).join(', ')}`);
say(`NoOp: same id as without: ${make('NoOp', { rejectVersion: 3 }).txID() === make('NoOp').txID()}`);
let typed = true;
try {
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', 'typed.ts'];
  execFileSync('node_modules/.bin/tsc', flags, { stdio: 'inherit' });
} catch { typed = false; }
say(`types accept it: ${typed}`);

if (seen.join('\n') !== `Call 3 | ${named.map((what) => `${what} 0`).join(', ')}
NoOp: same id as without: true
types accept it: true`) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
