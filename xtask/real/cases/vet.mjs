import { createHash } from 'node:crypto';
import { Address, HexUInt, Secp256k1, Transaction } from '@vechain/sdk-core';

const seed = (name) => createHash('sha256').update(`kms vechain fixture ${name}`).digest();
const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
const to = (name) => hex(seed(name).subarray(0, 20));
const TOKEN = '0x0000000000000000000000000000456e65726779';
const word = (text) => text.replace(/^0x/, '').padStart(64, '0');
const transfer = `0xa9059cbb${word(to('token receiver'))}${word('0de0b6b3a7640000')}`;

const one = { to: to('receiver'), value: '1000000000000000000' };
const payloads = {
  'dynamic-fee': { ...one, maxFeePerGas: '0x9184e72a000', maxPriorityFeePerGas: '0x38d7ea4c68000'.slice(0, 12) },
  'dynamic-fee-decimal-text': { ...one, maxFeePerGas: '20000000000000', maxPriorityFeePerGas: '1000000000000' },
  'dynamic-fee-numbers': { ...one, maxFeePerGas: 10000000000000, maxPriorityFeePerGas: 1 },
  'dynamic-fee-without-tip': { ...one, maxFeePerGas: 10000000000000, maxPriorityFeePerGas: 0 },
  'dynamic-fee-from-node': { ...one, blockRef: undefined, chainTag: undefined, maxFeePerGas: '0x9184e72a000', maxPriorityFeePerGas: '0x1' },
  'dynamic-fee-clauses': {
    clauses: [{ ...one, data: '0x' }, { to: TOKEN, value: 0, data: transfer }, { to: null, value: 0, data: '0x6080' }],
    maxFeePerGas: '0x12309ce54000', maxPriorityFeePerGas: '0x12309ce54000', expiration: 32,
    dependsOn: hex(seed('depends on')),
  },
  'sponsored': { ...one, reserved: { features: 1 } },
  'sponsored-without-unused': { ...one, gasPriceCoef: 128, reserved: { features: 1, unused: [] } },
  'sponsored-dynamic-fee': { ...one, maxFeePerGas: '0x9184e72a000', maxPriorityFeePerGas: '0x1', reserved: { features: 1 } },
  'reserved-empty': { ...one, reserved: {} },
  'reserved-without-features': { ...one, reserved: { features: 0, unused: [] } },
  'reserved-empty-dynamic-fee': { ...one, maxFeePerGas: '0x9184e72a000', maxPriorityFeePerGas: '0x1', reserved: { features: 0 } },
};
const big = (value) => (value === undefined || value === '' ? 0n : BigInt(value));
const NODE = { true: 'https://sync-testnet.vechain.org', false: 'https://sync-mainnet.vechain.org' };
const TAG = { true: 0x27, false: 0x4a };
const BLOCK = `0x${seed('block').toString('hex')}`;

function make(name, fields, testnet) {
  const key = seed(`key ${name}`);
  const sender = Address.ofPrivateKey(key).toString().toLowerCase();
  const nonce = `0x${seed(`nonce ${name}`).subarray(0, 8).toString('hex')}`;
  const asked = { from: 0, nonce, chainTag: TAG[testnet], blockRef: BLOCK.slice(0, 18), ...fields };
  const clauses = (asked.clauses ?? [asked]).map(({ to, value, data }) => ({
    to: to ?? null, value: big(value) === 0n ? '0x0' : `0x${big(value).toString(16)}`, data: data ?? '0x',
  }));
  const given = asked.clauses ?? [asked];
  const body = {
    chainTag: TAG[testnet], blockRef: BLOCK.slice(0, 18), expiration: asked.expiration ?? 720, clauses,
    gas: Number(Transaction.intrinsicGas(clauses).wei), dependsOn: asked.dependsOn ?? null, nonce,
  };
  if (asked.maxFeePerGas === undefined) body.gasPriceCoef = asked.gasPriceCoef ?? 0;
  else {
    body.maxFeePerGas = `0x${big(asked.maxFeePerGas).toString(16)}`;
    body.maxPriorityFeePerGas = `0x${big(asked.maxPriorityFeePerGas).toString(16)}`;
  }
  if (asked.reserved) body.reserved = asked.reserved;
  const unsigned = Transaction.of(body);
  // The SDK keeps the sender's signature of a sponsored transaction, but encodes it only together
  // with the sponsor's: here its own encoder writes it as that of any other transaction.
  const signed = unsigned.isDelegated ? unsigned.signAsSender(key) : unsigned.sign(key);
  const raw = hex(signed.encode(true));
  const txHash = hex(signed.getTransactionHash(signed.origin).bytes);
  const rpc = [{
    method: 'POST', url: `${NODE[testnet]}/accounts/*?revision=best`,
    body: {
      clauses: clauses.map((clause, place) => ({ ...clause, value: given[place].value === undefined || given[place].value === 0 ? '' : clause.value })),
      caller: sender,
    },
    response: clauses.map(() => ({ data: '0x', events: [], transfers: [], gasUsed: 0, reverted: false, vmError: '' })),
  }];
  if (asked.chainTag === undefined) rpc.push({ method: 'GET', url: `${NODE[testnet]}/blocks/0`, response: { number: 0, id: `0x${'00'.repeat(31)}${TAG[testnet].toString(16)}` } });
  if (asked.blockRef === undefined) rpc.push({ method: 'GET', url: `${NODE[testnet]}/blocks/best`, response: { number: 1, id: BLOCK } });
  const id = seed(`id ${name}`).toString('hex').slice(0, 24);
  const wallet = 'd6d6bd24-6803-4817-8dcb-20ec135a10d9';
  return {
    name: `vet-sdk-${name}`, chain: 'VET', testnet,
    pending: { id, chain: 'VET', serializedTransaction: JSON.stringify(asked), hashes: [wallet] },
    wallets: { [wallet]: { address: sender, privateKey: hex(key), chain: 'VET', testnet } },
    rpc,
    signed: { txData: raw, broadcast: { method: 'POST', path: '/v3/vet/broadcast', body: { txData: raw, signatureId: id } }, txHash },
  };
}
const cases = Object.entries(payloads).map(([name, fields], place) => make(name, fields, place % 2 === 0));
const source = '@vechain/sdk-core 2.1.0, as xtask/real/cases/vet.mjs has it: fees of type 0x51 and sponsored transactions, signed as the sender';
console.log(`{\n"source": ${JSON.stringify(source)},\n"cases": [\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n}`);
