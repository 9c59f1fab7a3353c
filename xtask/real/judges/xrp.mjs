import { deriveAddress, verify } from 'ripple-keypairs';
import { decode, encode, encodeForSigning } from 'xrpl';
import { require } from './verdict.mjs';

export function judge({ raw }) {
  const transaction = decode(raw);
  require(encode(transaction) === raw, 'another encoding of the same transaction');
  const { TxnSignature: signature, ...body } = transaction;
  require(deriveAddress(body.SigningPubKey) === (body.Delegate ?? body.Account), 'the key is not the account');
  require(verify(encodeForSigning(body), signature, body.SigningPubKey), 'the signature is wrong');
}
