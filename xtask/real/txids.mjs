// Computes the ids in crates/kms-chains/vectors/txids.json anew with other makers' SDKs, from the
// bytes beside them, and says which differ. By hand, in a folder with a copy of this file:
//
// npm install --ignore-scripts ethers@6.17.0 @kaiachain/js-ext-core@2.1.0 bitcoinjs-lib@7.0.5 \
//   @bitauth/libauth@3.0.0 @solana/web3.js@1.99.0 bs58 xrpl@5.3.0 @stellar/stellar-sdk@15.1.0 \
//   algosdk@3.8.0 @emurgo/cardano-serialization-lib-nodejs@15.0.3 tronweb@6.5.1 \
//   thor-devkit@2.2.0 @vechain/sdk-core@2.1.0 @multiversx/sdk-core@15.4.0 \
//   @cosmjs/tendermint-rpc@0.32.4
// node txids.mjs …/crates/kms-chains/vectors/txids.json
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Transaction as Ethers, keccak256 } from 'ethers';
import { KlaytnTxFactory } from '@kaiachain/js-ext-core';
import * as bitcoin from 'bitcoinjs-lib';
import { hashTransaction, hexToBin } from '@bitauth/libauth';
import { VersionedTransaction } from '@solana/web3.js';
import { hashes } from 'xrpl';
import { Networks, TransactionBuilder } from '@stellar/stellar-sdk';
import algosdk from 'algosdk';
import cardano from '@emurgo/cardano-serialization-lib-nodejs';
import { utils } from 'tronweb';
import { Transaction as Thor } from 'thor-devkit';
import { Transaction as Vechain } from '@vechain/sdk-core';
import { Transaction as Egld, TransactionComputer } from '@multiversx/sdk-core';
const load = createRequire(import.meta.url);
const bs58 = load('bs58');
const { hashTx } = load('@cosmjs/tendermint-rpc/build/tendermint34/hasher.js');
// Some SDKs print what they then throw or answer.
const log = console.log;
for (const name of ['debug', 'error', 'info', 'log', 'warn']) console[name] = () => {};

const evm = ({ raw }) => Ethers.from(raw).hash;
const utxo = ({ raw }) => bitcoin.Transaction.fromHex(raw).getId();
const unwrap = (bytes) => {
  const [head, size] = bytes[1] === 0x78 ? [3, bytes[2]] : [4, bytes.readUInt16BE(2)];
  return bytes.subarray(head, head + size).toString();
};
const ids = {
  ETH: evm, BSC: evm, MATIC: evm, ONE: evm, XDC: evm, KCS: evm,
  CELO: ({ raw }) => {
    try { return evm({ raw }); } catch { return keccak256(raw); }
  },
  KLAY: ({ raw }) => {
    const first = parseInt(raw.slice(2, 4), 16);
    if (first >= 0xc0) return evm({ raw });
    if (first === 0x78) {
      return Ethers.from(`0x${raw.slice(4)}`).hash;
    }
    if (first & 7) return null;
    return keccak256(KlaytnTxFactory.fromRLP(raw).txHashRLP());
  },
  BTC: utxo, LTC: utxo, DOGE: utxo,
  BCH: ({ raw }) => hashTransaction(hexToBin(raw)),
  SOL: ({ raw }) => {
    const { signatures } = VersionedTransaction.deserialize(Buffer.from(raw, 'base64'));
    return (bs58.default ?? bs58).encode(signatures[0]);
  },
  XRP: ({ raw }) => hashes.hashSignedTx(raw),
  XLM: ({ raw, testnet }) =>
    TransactionBuilder.fromXDR(raw, testnet ? Networks.TESTNET : Networks.PUBLIC).hash().toString('hex'),
  ALGO: ({ raw }) => algosdk.decodeSignedTransaction(Buffer.from(raw, 'hex')).txn.txID(),
  ADA: ({ raw }) =>
    cardano.FixedTransaction.from_hex(unwrap(Buffer.from(raw, 'hex'))).transaction_hash().to_hex(),
  TRON: ({ raw }) =>
    utils.transaction.txPbToTxID(utils.transaction.txJsonToPb(JSON.parse(raw))).replace(/^0x/, ''),
  VET: ({ raw }) => {
    const bytes = Buffer.from(raw.slice(2), 'hex');
    const id = Thor.decode(bytes, false).id;
    const other = Vechain.decode(bytes, true).id.toString();
    if (id !== other) throw new Error(`${id} ${other}`);
    return id;
  },
  EGLD: ({ raw }) => {
    const hash = new TransactionComputer().computeTransactionHash(Egld.newFromPlainObject(JSON.parse(raw)));
    return typeof hash === 'string' ? hash : Buffer.from(hash).toString('hex');
  },
  BNB: ({ raw }) => Buffer.from(hashTx(Buffer.from(raw, 'hex'))).toString('hex').toUpperCase(),
  // The API's keys sign with each sending.
  FLOW: () => null,
};

const { cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const faults = cases.filter((one) => ids[one.chain](one) !== one.txid);
faults.forEach((one) => log(`${one.chain} ${one.case}: ${ids[one.chain](one)}`));
log(`${cases.length} ids, ${faults.length} of them others`);
process.exitCode = faults.length === 0 ? 0 : 1;
