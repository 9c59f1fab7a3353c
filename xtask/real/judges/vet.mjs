import { Transaction } from 'thor-devkit';
import { require } from './verdict.mjs';

export function judge({ raw, signer }) {
  const bytes = Buffer.from(raw.slice(2), 'hex');
  const transaction = Transaction.decode(bytes, false);
  require(transaction.encode().equals(bytes), 'another encoding of the same transaction');
  require(transaction.origin === signer, `signed by ${transaction.origin}`);
}
