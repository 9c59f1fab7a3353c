import { FeeBumpTransaction, Keypair, MuxedAccount, Networks, TransactionBuilder } from '@stellar/stellar-sdk';
import { require } from './verdict.mjs';

export function judge({ raw, network }) {
  const passphrase = network === 'testnet' ? Networks.TESTNET : Networks.PUBLIC;
  const transaction = TransactionBuilder.fromXDR(raw, passphrase);
  require(transaction.toXDR() === raw, 'another encoding of the same envelope');
  const isFeeBump = transaction instanceof FeeBumpTransaction;
  const source = isFeeBump ? transaction.feeSource : transaction.source;
  const key = Keypair.fromPublicKey(source.startsWith('M') ? base(source) : source);
  const own = transaction.signatures.find((one) => one.hint().equals(key.signatureHint()));
  require(own !== undefined, 'no signature has the hint of the source account');
  require(key.verify(transaction.hash(), own.signature()), 'the signature is wrong');
}

function base(muxed) {
  return MuxedAccount.fromAddress(muxed, '0').baseAccount().accountId();
}
