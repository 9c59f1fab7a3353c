import { createHash } from 'node:crypto';
import algosdk1 from 'algosdk1';
import algosdk from 'algosdk';
import nacl from 'tweetnacl';

const seed = (name) => createHash('sha256').update(`kms algorand fixture ${name}`).digest();
const account = (name) => nacl.sign.keyPair.fromSeed(seed(name));
const address = (name) => algosdk.encodeAddress(account(name).publicKey);
const [A, B, C] = ['one', 'two', 'three'].map(address);
const bytes = (text) => new Uint8Array(Buffer.from(text));
const GENESIS = {
  true: ['testnet-v1.0', 'SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI='],
  false: ['mainnet-v1.0', 'wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8='],
};
const BIG = '18446744073709551615';

// Calls of applications: what the newest SDK signs, and the members that the payload adds to those
// of the old SDK, in whose form the API sends them.
const calls = {
  'boxes': { appIndex: 7, foreignApps: [9, 11], boxes: [{ appIndex: 9, name: bytes('a') }, { appIndex: 11, name: bytes('b') }] },
  'boxes-of-its-own': { appIndex: 7, boxes: [{ appIndex: 0, name: bytes('own') }, { appIndex: 7, name: bytes('too') }] },
  'boxes-without-a-name': { appIndex: 7, foreignApps: [9], boxes: [{ appIndex: 0, name: bytes('') }, { appIndex: 9, name: bytes('') }] },
  'box-of-itself-among-the-others': { appIndex: 7, foreignApps: [9, 7], boxes: [{ appIndex: 7, name: bytes('x') }] },
  'box-with-all-else': { appIndex: 7, appArgs: [bytes('m'), bytes('')], accounts: [B], foreignApps: [9], foreignAssets: [3], boxes: [{ appIndex: 9, name: new Uint8Array(seed('name')) }] },
  'reject-version': { appIndex: 7, rejectVersion: 3 },
  'reject-version-zero': { appIndex: 7, rejectVersion: 0 },
  'boxes-empty': { appIndex: 7, boxes: [] },
  'access-address': { appIndex: 7, access: [{ address: B }] },
  'access-asset-and-application': { appIndex: 7, access: [{ assetIndex: 3 }, { appIndex: 9 }] },
  'access-holding': { appIndex: 7, access: [{ holding: { address: B, assetIndex: 3 } }] },
  'access-holding-of-the-sender': { appIndex: 7, access: [{ holding: { address: 'zero', assetIndex: 3 } }] },
  'access-locals': { appIndex: 7, access: [{ locals: { address: B, appIndex: 9 } }] },
  'access-locals-of-its-own': { appIndex: 7, access: [{ locals: { address: B, appIndex: 7 } }, { locals: { address: 'zero', appIndex: 0 } }] },
  'access-box': { appIndex: 7, access: [{ box: { appIndex: 9, name: bytes('a') } }] },
  'access-box-of-its-own': { appIndex: 7, access: [{ box: { appIndex: 0, name: bytes('a') } }, { box: { appIndex: 7, name: bytes('') } }] },
  'access-empty-reference': { appIndex: 7, access: [{}, { address: C }, {}] },
  'access-shared': {
    appIndex: 7, rejectVersion: 12,
    access: [
      { address: B }, { assetIndex: 3 }, { holding: { address: B, assetIndex: 3 } }, { holding: { address: C, assetIndex: 5 } },
      { locals: { address: C, appIndex: 9 } }, { box: { appIndex: 9, name: bytes('z') } }, { appIndex: 9 }, { address: B },
    ],
  },
  'access-empty': { appIndex: 7, access: [], appArgs: [bytes('x')] },
  'created-with-a-box': {
    appIndex: 0, onComplete: 0, approvalProgram: bytes('\x06\x81\x01'), clearProgram: bytes('\x06\x81\x01'), numGlobalInts: 1,
    numGlobalByteSlices: 2, numLocalInts: 3, numLocalByteSlices: 4, extraPages: 1, boxes: [{ appIndex: 0, name: bytes('new') }],
  },
};
const zero = algosdk.Address.zeroAddress();
const real = (one) => (one === 'zero' ? zero : one);
const nest = (one, key) => (one[key]?.address === undefined ? one : { ...one, [key]: { ...one[key], address: real(one[key].address) } });
// As `JSON.stringify` writes the SDK's own objects.
const written = (one) => {
  if (one instanceof Uint8Array) return Object.fromEntries([...one].map((byte, place) => [place, byte]));
  if (Array.isArray(one)) return one.map(written);
  if (typeof one === 'string') return algosdk1.decodeAddress(real(one) === zero ? zero.toString() : one);
  if (typeof one === 'object') return Object.fromEntries(Object.entries(one).map(([name, value]) => [name, written(value)]));
  return one;
};

function make(name, fields, testnet) {
  const [genesisID, hash] = GENESIS[testnet];
  const keys = account(`key ${name}`);
  const sender = algosdk.encodeAddress(keys.publicKey);
  const { appIndex, onComplete = 0, access, rejectVersion, boxes, ...rest } = fields;
  const old = algosdk1.makeApplicationCallTxnFromObject({
    from: sender, appIndex, onComplete, ...rest, boxes,
    suggestedParams: { fee: 1000, flatFee: true, firstRound: 1, lastRound: 1001, genesisID, genesisHash: hash },
  });
  const payload = JSON.parse(JSON.stringify(old));
  if (access) {
    payload.access = written(access);
    for (const name of ['appAccounts', 'appForeignApps', 'appForeignAssets', 'boxes']) delete payload[name];
  }
  if (rejectVersion !== undefined) payload.rejectVersion = rejectVersion;
  const list = access?.map((one) => nest(nest(one, 'holding'), 'locals'));
  const transaction = algosdk.makeApplicationCallTxnFromObject({
    sender, appIndex, onComplete, ...rest, boxes, access: list, rejectVersion,
    suggestedParams: { fee: 1000, minFee: 1000, flatFee: true, firstValid: 1, lastValid: 1001, genesisID, genesisHash: Buffer.from(hash, 'base64') },
  });
  const raw = Buffer.from(transaction.signTxn(keys.secretKey)).toString('hex');
  return { payload, raw, txHash: transaction.txID(), keys };
}

function one(name, { payload, raw, txHash, keys }, testnet, accountChange) {
  const id = seed(`id ${name}`).toString('hex').slice(0, 24);
  const wallet = 'd6d6bd24-6803-4817-8dcb-20ec135a10d9';
  const base32 = algosdk1.encodeAddress(keys.publicKey) && toBase32(keys.secretKey);
  return {
    name: `algo-sdk-${name}`, chain: 'ALGO', testnet, ...(accountChange ? { accountChange } : {}),
    pending: { id, chain: 'ALGO', serializedTransaction: JSON.stringify(payload), hashes: [wallet] },
    wallets: { [wallet]: { address: algosdk.encodeAddress(keys.publicKey), secret: base32, chain: 'ALGO', testnet } },
    rpc: [],
    signed: { txData: raw, broadcast: { method: 'POST', path: '/v3/algorand/broadcast', body: { txData: raw, signatureId: id } }, txHash },
  };
}
function toBase32(data) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = 0; let value = 0; let out = '';
  for (const byte of data) {
    value = (value << 8) | byte; bits += 8;
    while (bits >= 5) { out += letters[(value >>> (bits - 5)) & 31]; bits -= 5; value &= (1 << bits) - 1; }
  }
  return bits > 0 ? out + letters[(value << (5 - bits)) & 31] : out;
}
// Everything else: what the old SDK writes, and what the newest one signs for the same.
const ZERO = zero.toString();
const others = {
  'pay-to-nobody': { old: ['makePaymentTxnWithSuggestedParamsFromObject', { to: ZERO, amount: 5 }], type: 'pay', paymentParams: { receiver: ZERO, amount: 5 } },
  'pay-all': { old: ['makePaymentTxnWithSuggestedParamsFromObject', { to: B, amount: 5, note: bytes('n') }], lease: new Uint8Array(seed('lease')), type: 'pay', note: bytes('n'), paymentParams: { receiver: B, amount: 5 } },
  'close': { change: true, old: ['makePaymentTxnWithSuggestedParamsFromObject', { to: B, amount: 5, closeRemainderTo: C }], type: 'pay', paymentParams: { receiver: B, amount: 5, closeRemainderTo: C } },
  'rekey': { change: true, old: ['makePaymentTxnWithSuggestedParamsFromObject', { to: B, amount: 5, rekeyTo: C }], type: 'pay', rekeyTo: C, paymentParams: { receiver: B, amount: 5 } },
  'asset-to-nobody': { old: ['makeAssetTransferTxnWithSuggestedParamsFromObject', { to: ZERO, amount: 5, assetIndex: 7 }], type: 'axfer', assetTransferParams: { receiver: ZERO, amount: 5, assetIndex: 7 } },
  'clawback': { old: ['makeAssetTransferTxnWithSuggestedParamsFromObject', { to: B, amount: 5, assetIndex: 7, revocationTarget: C }], type: 'axfer', assetTransferParams: { receiver: B, amount: 5, assetIndex: 7, assetSender: C } },
  'asset-close': { change: true, old: ['makeAssetTransferTxnWithSuggestedParamsFromObject', { to: B, amount: 5, assetIndex: 7, closeRemainderTo: C }], type: 'axfer', assetTransferParams: { receiver: B, amount: 5, assetIndex: 7, closeRemainderTo: C } },
  'asset-created': {
    old: ['makeAssetCreateTxnWithSuggestedParamsFromObject', { total: 100, decimals: 2, defaultFrozen: true, manager: A, reserve: B, freeze: C, clawback: B, unitName: 'U', assetName: 'N', assetURL: 'https://x', assetMetadataHash: new Uint8Array(seed('hash')) }],
    type: 'acfg', assetConfigParams: { total: 100, decimals: 2, defaultFrozen: true, manager: A, reserve: B, freeze: C, clawback: B, unitName: 'U', assetName: 'N', assetURL: 'https://x', assetMetadataHash: new Uint8Array(seed('hash')) },
  },
  'asset-configured': { old: ['makeAssetConfigTxnWithSuggestedParamsFromObject', { assetIndex: 7, manager: A, clawback: B, strictEmptyAddressChecking: false }], type: 'acfg', assetConfigParams: { assetIndex: 7, manager: A, clawback: B } },
  'asset-destroyed': { old: ['makeAssetDestroyTxnWithSuggestedParamsFromObject', { assetIndex: 7 }], type: 'acfg', assetConfigParams: { assetIndex: 7 } },
  'frozen': { old: ['makeAssetFreezeTxnWithSuggestedParamsFromObject', { assetIndex: 7, freezeTarget: B, freezeState: true }], type: 'afrz', assetFreezeParams: { assetIndex: 7, freezeTarget: B, frozen: true } },
  'thawed': { old: ['makeAssetFreezeTxnWithSuggestedParamsFromObject', { assetIndex: 7, freezeTarget: B, freezeState: false }], type: 'afrz', assetFreezeParams: { assetIndex: 7, freezeTarget: B, frozen: false } },
  'call-with-nobody': { old: ['makeApplicationCallTxnFromObject', { appIndex: 7, onComplete: 0, accounts: [ZERO, B] }], type: 'appl', appCallParams: { appIndex: 7, onComplete: 0, accounts: [ZERO, B] } },
};
function makeOther(name, { old: [maker, members], change, ...rest }, testnet) {
  const [genesisID, hash] = GENESIS[testnet];
  const keys = account(`key ${name}`);
  const sender = algosdk.encodeAddress(keys.publicKey);
  const transaction = new algosdk.Transaction({
    sender, ...rest, suggestedParams: { fee: 1000, minFee: 1000, flatFee: true, firstValid: 1, lastValid: 1001, genesisID, genesisHash: Buffer.from(hash, 'base64') },
  });
  const payload = JSON.parse(JSON.stringify(algosdk1[maker]({
    from: sender, ...members, suggestedParams: { fee: 1000, flatFee: true, firstRound: 1, lastRound: 1001, genesisID, genesisHash: hash },
  })));
  if (rest.lease) payload.lease = written(rest.lease);
  return { payload, raw: Buffer.from(transaction.signTxn(keys.secretKey)).toString('hex'), txHash: transaction.txID(), keys };
}
const ofCalls = Object.entries(calls).map(([name, fields], place) => one(name, make(name, fields, place % 2 === 0), place % 2 === 0));
const ofOthers = Object.entries(others).map(([name, fields], place) => one(name, makeOther(name, fields, place % 2 === 0), place % 2 === 0, fields.change));
const cases = [...ofCalls, ...ofOthers];
const source = 'algosdk 3.8.0, as xtask/real/cases/algo.mjs has it: the payload is what algosdk 1.24.1 writes in JSON, with the members that only the newest version has beside it';
console.log(`{\n"source": ${JSON.stringify(source)},\n"cases": [\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n}`);
