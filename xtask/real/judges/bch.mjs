// Bitcoin Cash's rules as libauth's virtual machine has them.
import {
  createVirtualMachineBCH, decodeTransactionBCH, encodeTransactionBCH, hash160, hexToBin,
} from '@bitauth/libauth';
import { require } from './verdict.mjs';

const machine = createVirtualMachineBCH(true);

export function judge({ raw, payload }) {
  const bytes = hexToBin(raw);
  const transaction = decodeTransactionBCH(bytes);
  require(typeof transaction !== 'string', transaction);
  require(Buffer.from(encodeTransactionBCH(transaction)).equals(Buffer.from(bytes)), 'another encoding');
  const amounts = JSON.parse(payload.slice(payload.indexOf(':') + 1));
  const sourceOutputs = transaction.inputs.map((input, place) => ({
    lockingBytecode: scriptOf(input.unlockingBytecode),
    valueSatoshis: BigInt(amounts[place]),
  }));
  const verdict = machine.verify({ sourceOutputs, transaction });
  require(verdict === true, verdict);
}

// The payload tells amounts only: what is spent pays the key that is shown.
function scriptOf(unlocking) {
  const key = unlocking.slice(unlocking[0] + 2);
  return Uint8Array.from([0x76, 0xa9, 0x14, ...hash160(key), 0x88, 0xac]);
}
