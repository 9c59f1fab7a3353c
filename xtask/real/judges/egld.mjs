import { Transaction, TransactionComputer, UserVerifier } from '@multiversx/sdk-core';
import { require } from './verdict.mjs';

const FIELDS = [
  'nonce', 'value', 'receiver', 'sender', 'gasPrice', 'gasLimit', 'data', 'chainID', 'version',
  'signature',
];

export async function judge({ raw }) {
  const plain = JSON.parse(raw);
  const unknown = Object.keys(plain).filter((name) => !FIELDS.includes(name));
  require(unknown.length === 0, `unknown fields ${unknown}`);
  const transaction = Transaction.newFromPlainObject(plain);
  const message = new TransactionComputer().computeBytesForVerifying(transaction);
  const verifier = UserVerifier.fromAddress(transaction.sender);
  const holds = await verifier.verify(message, transaction.signature);
  require(holds, 'the signature is wrong');
}
