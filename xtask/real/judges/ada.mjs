// Cardano's ledger rules as the Scalus emulator has them, witnesses included.
import { createRequire } from 'node:module';
import cardano from '@emurgo/cardano-serialization-lib-nodejs';
import { require as must } from './verdict.mjs';

const scalus = createRequire(import.meta.url)('scalus');
const MAP_OF_UP_TO_23 = 0xa0;
const SLOT = 1000;
// {operations: []}
const NO_OPERATIONS = 'a16a6f7065726174696f6e7380';

export function judge({ raw, payload, network }) {
  const bytes = unwrap(Buffer.from(raw, 'hex'));
  const slots = network === 'testnet' ? scalus.SlotConfig.preprod : scalus.SlotConfig.mainnet;
  const emulator = new scalus.Emulator(spent(JSON.parse(payload)), slots);
  emulator.setSlot(SLOT);
  const result = emulator.submitTx(bytes);
  must(result.isSuccess, result.error);
}

// What the API's node wraps: a list of the transaction in hexadecimal, as a text in CBOR, and
// what else the node wants to know.
function unwrap(bytes) {
  must(bytes[0] === 0x82, 'not a list of two');
  const [head, size] = bytes[1] === 0x78 ? [3, bytes[2]] : [4, bytes.readUInt16BE(2)];
  must(bytes[1] === 0x78 || bytes[1] === 0x79, 'the first member is no text');
  const rest = bytes.subarray(head + size).toString('hex');
  must(rest === NO_OPERATIONS, 'the second member is another one');
  return Buffer.from(bytes.subarray(head, head + size).toString(), 'hex');
}

// The outputs that the payload spends, as a map in CBOR.
function spent(operations) {
  const inputs = operations.filter((operation) => operation.type === 'input');
  const entries = inputs.flatMap((operation) => {
    const [id, index] = operation.coin_change.coin_identifier.identifier.split(':');
    const input = cardano.TransactionInput.new(cardano.TransactionHash.from_hex(id), Number(index));
    const address = cardano.Address.from_bech32(operation.account.address);
    const amount = operation.amount.value.replace('-', '');
    const value = cardano.Value.new(cardano.BigNum.from_str(amount));
    const output = cardano.TransactionOutput.new(address, value);
    return [Buffer.from(input.to_bytes()), Buffer.from(output.to_bytes())];
  });
  return Buffer.concat([Buffer.from([MAP_OF_UP_TO_23 + inputs.length]), ...entries]);
}
