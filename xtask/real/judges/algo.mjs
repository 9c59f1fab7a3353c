import algosdk from 'algosdk';
import nacl from 'tweetnacl';
import { require } from './verdict.mjs';

export function judge({ raw }) {
  const bytes = Buffer.from(raw, 'hex');
  const signed = algosdk.decodeSignedTransaction(bytes);
  const again = Buffer.from(algosdk.encodeMsgpack(signed));
  require(again.equals(bytes), 'another encoding of the same transaction');
  const signer = signed.sgnr ?? signed.txn.sender;
  const message = signed.txn.bytesToSign();
  const holds = nacl.sign.detached.verify(message, signed.sig, signer.publicKey);
  require(holds, 'the signature is wrong');
}
