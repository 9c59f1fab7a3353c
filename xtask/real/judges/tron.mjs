import { TronWeb, utils } from 'tronweb';
import { require } from './verdict.mjs';

const tron = new TronWeb({ fullHost: 'http://127.0.0.1:1' });

export function judge({ raw, signer }) {
  const transaction = JSON.parse(raw);
  require(utils.transaction.txCheck(transaction), 'JSON, bytes and id are not one transaction');
  require(transaction.signature.length === 1, 'there is more than one signature');
  const recovered = tron.address.fromHex(utils.crypto.ecRecover(transaction.txID, transaction.signature[0]));
  require(recovered === signer, `signed by ${recovered}`);
}
