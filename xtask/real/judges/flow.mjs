// Flow's own SDK says what is signed, its parser reads the script. What is judged is what the
// journal keeps: the payload with the authorizer's signature. The signer is the wallet's key.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { CadenceParser } from '@onflow/cadence-parser';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { require as must } from './verdict.mjs';

const load = createRequire(import.meta.url);
const { encodeTransactionPayload } = load('@onflow/sdk');
const wasm = load.resolve('@onflow/cadence-parser').replace(/dist.*/, 'dist/cadence-parser.wasm');
const parser = await CadenceParser.create(readFileSync(wasm));

export function judge({ raw, signer }) {
  const { payload, signature } = JSON.parse(raw);
  const { error } = parser.parse(payload.script);
  must(!error, 'the script is not Cadence');
  const encoded = encodeTransactionPayload({
    cadence: payload.script,
    arguments: payload.arguments.map((argument) => JSON.parse(argument)),
    refBlock: payload.reference_block,
    computeLimit: payload.gas_limit,
    proposalKey: {
      address: payload.proposer.account,
      keyId: payload.proposer.key,
      sequenceNum: payload.sequence,
    },
    payer: payload.payer.account,
    authorizers: [payload.authorizer],
  });
  const hash = sha3_256(Buffer.from(encoded, 'hex'));
  const key = Buffer.from(`04${signer}`, 'hex');
  const bytes = Buffer.from(signature, 'hex');
  const holds = secp256k1.verify(bytes, hash, key, { prehash: false, lowS: false });
  must(holds, 'the signature is wrong');
}
