import { Keypair, Networks, TransactionBuilder } from '@stellar/stellar-sdk';
import { require } from './verdict.mjs';

export function judge({ raw, network, signer }) {
  const passphrase = network === 'testnet' ? Networks.TESTNET : Networks.PUBLIC;
  const transaction = TransactionBuilder.fromXDR(raw, passphrase);
  require(transaction.toXDR() === raw, 'another encoding of the same envelope');
  const key = Keypair.fromPublicKey(signer);
  const own = transaction.signatures.findLast((one) => isEqual(one.hint.value, key.signatureHint()));
  require(own !== undefined, 'no signature has the hint of the signing account');
  require(key.verify(transaction.hash(), own.signature.value), 'the signature is wrong');
}

function isEqual(one, other) {
  return Buffer.from(one).equals(Buffer.from(other));
}
