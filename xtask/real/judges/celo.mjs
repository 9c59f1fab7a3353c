// Celo: CIP-64, whose fee is paid in a token, and Ethereum's types.
import { fromRlp, keccak256, pad, recoverAddress } from 'viem';
import { parseTransaction, serializeTransaction } from 'viem/celo';
import { judge as judgeEthereum } from './evm.mjs';
import { require } from './verdict.mjs';

const CIP64 = '0x7b';
const HALF_OF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export async function judge({ raw, signer }) {
  if (!raw.startsWith(CIP64)) return judgeEthereum({ raw, signer });
  // The library reads all but the signature of this type.
  const [parity, r, s] = fromRlp(`0x${raw.slice(CIP64.length)}`).slice(-3);
  const signature = { r: pad(r), s: pad(s), yParity: parity === '0x' ? 0 : Number(parity) };
  const body = parseTransaction(raw);
  require(serializeTransaction(body, signature) === raw, 'another encoding of the same transaction');
  require(BigInt(s) <= HALF_OF_ORDER, 'the signature is not in its low form');
  const recovered = await recoverAddress({ hash: keccak256(serializeTransaction(body)), signature });
  require(recovered.toLowerCase() === signer.toLowerCase(), `signed by ${recovered}`);
}
