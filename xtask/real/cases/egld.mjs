import { createHash } from 'node:crypto';
import { Address, Transaction, TransactionComputer, UserSecretKey } from '@multiversx/sdk-core';

const seed = (name) => createHash('sha256').update(`kms multiversx fixture ${name}`).digest();
const secret = (name) => new UserSecretKey(seed(name));
const address = (name) => secret(name).generatePublicKey().toAddress();
const computer = new TransactionComputer();
const [TO, RELAYER, GUARDIAN] = ['receiver', 'relayer', 'guardian'].map((name) => address(name).toBech32());
const base64 = (text) => Buffer.from(text).toString('base64');
const API = 'https://api.tatum.io/v3/egld/node/test-api-key';

// What the payload has beside receiver and value; the signatures of others are made below.
const payloads = {
  'relayer': { relayer: RELAYER },
  'relayer-with-data': { relayer: RELAYER, data: 'ESDTTransfer@544f4b454e2d313233343536@0a' },
  'guardian': { guardian: GUARDIAN, options: 2 },
  'guardian-with-version': { guardian: GUARDIAN, options: 2, version: 2 },
  'guardian-and-relayer': { guardian: GUARDIAN, relayer: RELAYER, options: 2 },
  'signed-by-hash': { options: 1 },
  'guardian-signed-by-hash': { guardian: GUARDIAN, options: 3 },
  'options-zero': { options: 0 },
  'version-one': { version: 1 },
  'version-two': { version: 2 },
  'receiver-name': { receiverUsername: base64('alice.elrond') },
  'sender-name': { senderUsername: base64('bob.elrond') },
  'all-of-it': {
    senderUsername: base64('bob.elrond'), receiverUsername: base64('alice.elrond'), data: 'for lunch', options: 3, version: 2,
    guardian: GUARDIAN, relayer: RELAYER,
  },
  'guardian-has-signed': { guardian: GUARDIAN, options: 2, signs: ['guardian'] },
  'relayer-has-signed': { relayer: RELAYER, signs: ['relayer'] },
  'both-have-signed-by-hash': { guardian: GUARDIAN, relayer: RELAYER, options: 3, signs: ['guardian', 'relayer'] },
};

async function make(name, { signs = [], ...fields }, testnet, place) {
  const key = secret(`key ${name}`);
  const sender = key.generatePublicKey().toAddress();
  const nonce = place * 129;
  const units = place % 3 === 0 ? 0n : 1500000000000000000n;
  const least = place % 2 + 1;
  const transaction = new Transaction({
    nonce: BigInt(nonce), value: units, sender, receiver: Address.newFromBech32(TO),
    gasPrice: 1000000000n, gasLimit: 150000n, chainID: testnet ? 'D' : '1',
    data: Buffer.from(fields.data ?? ''), options: fields.options,
    version: fields.version ?? (fields.options ? Math.max(2, least) : least),
    senderUsername: Buffer.from(fields.senderUsername ?? '', 'base64').toString(),
    receiverUsername: Buffer.from(fields.receiverUsername ?? '', 'base64').toString(),
    guardian: fields.guardian && Address.newFromBech32(fields.guardian),
    relayer: fields.relayer && Address.newFromBech32(fields.relayer),
  });
  const { gasLimit, ...asked } = transaction.toPlainObject();
  const message = computer.computeBytesForVerifying(transaction);
  transaction.signature = key.sign(message);
  const payload = { from: sender.toBech32(), to: TO, value: units === 0n ? '0' : '1.5', gasPrice: 1000000000, gasLimit: 50000, ...fields };
  for (const who of signs) {
    transaction[`${who}Signature`] = secret(who).sign(message);
    payload[`${who}Signature`] = Buffer.from(transaction[`${who}Signature`]).toString('hex');
  }
  const raw = JSON.stringify(transaction.toSendable());
  const others = ['guardian', 'relayer'].filter((who) => fields[who] && !signs.includes(who));
  const txHash = others.length === 0 ? computer.computeTransactionHash(transaction) : null;
  const id = seed(`id ${name}`).toString('hex').slice(0, 24);
  const wallet = 'd6d6bd24-6803-4817-8dcb-20ec135a10d9';
  const config = { erd_chain_id: testnet ? 'D' : '1', erd_min_gas_price: 1000000000, erd_min_transaction_version: fields.version === 1 ? 1 : least };
  return {
    name: `egld-sdk-${name}`, chain: 'EGLD', testnet,
    pending: { id, chain: 'EGLD', serializedTransaction: JSON.stringify(payload), hashes: [wallet] },
    wallets: { [wallet]: { address: sender.toBech32(), privateKey: key.hex(), chain: 'EGLD', testnet } },
    rpc: [
      { method: 'GET', url: `${API}/network/config`, response: { data: { config }, code: 'successful' } },
      { method: 'GET', url: `${API}/address/${sender.toBech32()}/nonce`, response: { data: { nonce }, code: 'successful' } },
      { method: 'POST', url: `${API}/transaction/cost`, body: { ...asked, gasLimit: 0 }, response: { data: { txGasUnits: 150000, returnMessage: '' }, code: 'successful' } },
    ],
    signed: { txData: raw, broadcast: { method: 'POST', path: '/v3/egld/broadcast', body: { txData: raw, signatureId: id } }, txHash },
  };
}
const cases = await Promise.all(Object.entries(payloads).map(([name, fields], place) => make(name, fields, place % 2 === 0, place)));
const source = '@multiversx/sdk-core 15.4.0, as xtask/real/cases/egld.mjs has it: relayers, guardians, options and names of users; signed as the sender, and as the others where the payload has their signatures';
console.log(`{\n"source": ${JSON.stringify(source)},\n"cases": [\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n}`);
