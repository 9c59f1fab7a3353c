// Any chain of Ethereum's family, in the types that Ethereum has.
import { keccak256, parseTransaction, recoverAddress, serializeTransaction } from 'viem';
import { require } from './verdict.mjs';

const HALF_OF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export async function judge({ raw, signer }) {
  const { r, s, v, yParity, ...body } = parseTransaction(raw);
  require(serializeTransaction(body, { r, s, v, yParity }) === raw, 'another encoding of the same transaction');
  require(BigInt(s) <= HALF_OF_ORDER, 'the signature is not in its low form');
  const hash = keccak256(serializeTransaction(body));
  const recovered = await recoverAddress({ hash, signature: { r, s, v, yParity } });
  require(recovered.toLowerCase() === signer.replace(/^xdc/, '0x').toLowerCase(), `signed by ${recovered}`);
}
