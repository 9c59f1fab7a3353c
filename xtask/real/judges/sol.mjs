// The official SDK decodes, another library checks each signature, and Agave's own virtual machine
// (litesvm) takes the transaction. It knows neither the tokens nor some of the programs of test
// transactions; a transfer of SOL has to succeed.
import { createRequire } from 'node:module';
import path from 'node:path';
import { SystemProgram, VersionedTransaction } from '@solana/web3.js';
import nacl from 'tweetnacl';
import { require as must } from './verdict.mjs';

const load = createRequire(import.meta.url);
const { LiteSvm, FailedTransactionMetadata } = load(
  path.join(path.dirname(load.resolve('litesvm')), 'internal.js'),
);
const LAMPORTS = 1_000_000_000_000_000n;
const BALANCE = 1_000_000_000_000n;
const UNKNOWN_TO_IT = /err: (InstructionError|InvalidProgramForExecution)/;

export function judge({ raw }) {
  const bytes = Buffer.from(raw, 'base64');
  must(bytes.toString('base64') === raw, 'not the one spelling in base64');
  const transaction = VersionedTransaction.deserialize(bytes);
  must(Buffer.from(transaction.serialize()).equals(bytes), 'another encoding of the same transaction');
  const { message, signatures } = transaction;
  const keys = message.staticAccountKeys;
  must(signatures.length === message.header.numRequiredSignatures, 'not one signature a signer');
  signatures.forEach((signature, place) => {
    const holds = nacl.sign.detached.verify(message.serialize(), signature, keys[place].toBytes());
    must(holds, `signature ${place} is wrong`);
  });
  const svm = machine();
  keys.forEach((key, place) => {
    if (message.isAccountWritable(place)) svm.airdrop(key.toBytes(), BALANCE);
  });
  const result = message.version === 0 ? svm.sendVersionedTransaction(bytes) : svm.sendLegacyTransaction(bytes);
  if (!(result instanceof FailedTransactionMetadata)) return;
  const onlyTransfers = message.compiledInstructions.every((instruction) =>
    keys[instruction.programIdIndex]?.equals(SystemProgram.programId));
  must(!onlyTransfers && UNKNOWN_TO_IT.test(result.toString()), result.toString().slice(0, 200));
}

// What the original signs is not of the last minutes: the age of the blockhash is not judged.
function machine() {
  const svm = new LiteSvm();
  svm.setSysvars();
  svm.setBuiltins();
  svm.setPrecompiles();
  svm.setDefaultPrograms();
  svm.setLamports(LAMPORTS);
  svm.setSigverify(true);
  svm.setBlockhashCheck(false);
  return svm;
}
