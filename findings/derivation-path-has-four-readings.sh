#!/usr/bin/env bash
# Version: bip32 5.0.1 (with tiny-secp256k1 2.2.4), @scure/bip32 2.4.0, ethers 6.17.0, bitcore-lib 11.5.1 (npm).
# Guess: Four libraries that derive keys by BIP-32 read the same paths: h as ', as Bitcoin Core writes it, m as the key
#   itself, and no index above 2^31-1.
# Behaviour: None of them knows h. bip32 refuses a bare m, ethers and bip32 take a path without m, bitcore and
#   @scure/bip32 one with M. An index of 2^31 and more without a mark is the hardened key in bip32 and bitcore, an
#   error in the others. bitcore takes any text that JavaScript makes a number of, and cuts it: 1.5 and 0x1 are the key
#   1.
# Seen:
#   m/0': bip32 0', scure 0', ethers 0', bitcore 0'
#   m/0h: bip32 refuses, scure refuses, ethers refuses, bitcore refuses
#   m: bip32 refuses, scure m, ethers m, bitcore m
#   0': bip32 0', scure refuses, ethers 0', bitcore refuses
#   M/0': bip32 refuses, scure 0', ethers refuses, bitcore 0'
#   m/2147483648: bip32 0', scure refuses, ethers refuses, bitcore 0'
#   m/1.5: bip32 refuses, scure refuses, ethers refuses, bitcore 1
#   m/0x1: bip32 refuses, scure refuses, ethers refuses, bitcore 1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent bip32@5.0.1 tiny-secp256k1@2.2.4 @scure/bip32@2.4.0 ethers@6.17.0 \
    bitcore-lib@11.5.1
cat >see.mjs <<'JS'
import { HDKey } from '@scure/bip32';
import { BIP32Factory } from 'bip32';
import bitcore from 'bitcore-lib';
import { HDNodeWallet } from 'ethers';
import * as ecc from 'tiny-secp256k1';

const seed = Buffer.alloc(32, 1);
const root = BIP32Factory(ecc).fromSeed(seed);
const known = {
  [root.toBase58()]: 'm', [root.derivePath("m/0'").toBase58()]: "0'", [root.derivePath('m/1').toBase58()]: '1',
};
const readers = {
  bip32: (path) => root.derivePath(path).toBase58(),
  scure: (path) => HDKey.fromMasterSeed(seed).derive(path).privateExtendedKey,
  ethers: (path) => HDNodeWallet.fromSeed(seed).derivePath(path).extendedKey,
  bitcore: (path) => new bitcore.HDPrivateKey(root.toBase58()).deriveChild(path).toString(),
};
const seen = ["m/0'", 'm/0h', 'm', "0'", "M/0'", 'm/2147483648', 'm/1.5', 'm/0x1'].map((path) => {
  const answers = Object.entries(readers).map(([name, read]) => {
    try { return `${name} ${known[read(path)] ?? 'another key'}`; } catch { return `${name} refuses`; }
  });
  return `${path}: ${answers.join(', ')}`;
});
console.log(seen.join('\n'));
const expected = `m/0': bip32 0', scure 0', ethers 0', bitcore 0'
m/0h: bip32 refuses, scure refuses, ethers refuses, bitcore refuses
m: bip32 refuses, scure m, ethers m, bitcore m
0': bip32 0', scure refuses, ethers 0', bitcore refuses
M/0': bip32 refuses, scure 0', ethers refuses, bitcore 0'
m/2147483648: bip32 0', scure refuses, ethers refuses, bitcore 0'
m/1.5: bip32 refuses, scure refuses, ethers refuses, bitcore 1
m/0x1: bip32 refuses, scure refuses, ethers refuses, bitcore 1`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.mjs
