// Makes crates/kms-chains/vectors/XRP/codec.json: transactions of every type and with every field
// of ripple-binary-codec's own definitions, and the bytes that it encodes them to for signing.
//
//   node xrp-codec.mjs > ../../../crates/kms-chains/vectors/XRP/codec.json
//
// The same numbers come out of every run.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { encodeForSigning } from 'ripple-binary-codec';
import { encodeAccountID } from 'ripple-address-codec';

const codec = createRequire(import.meta.url).resolve('ripple-binary-codec');
const definitions = JSON.parse(
  readFileSync(codec.replace(/index\.js$/, 'enums/definitions.json'), 'utf8'),
);
const { version } = JSON.parse(readFileSync(codec.replace(/dist.*$/, 'package.json'), 'utf8'));
const fields = new Map(definitions.FIELDS);
// Written by the ledger itself, and signed by nobody.
const PSEUDO = ['Invalid', 'EnableAmendment', 'SetFee', 'UNLModify'];

// mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
let state = 20260105;
const word = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
};
const below = (count) => word() % count;
const pick = (items) => items[below(items.length)];
const bytes = (count) => Buffer.from(Array.from({ length: count }, () => below(256)));
const hex = (count) => bytes(count).toString('hex').toUpperCase();
const digits = (count) => `${1 + below(9)}${Array.from({ length: count - 1 }, () => below(10)).join('')}`;
const some = (count, make) => Array.from({ length: count }, make);
const edge = (bits) => pick([0, 1, 2 ** bits - 1, below(2 ** Math.min(bits, 31))]);

const account = () => encodeAccountID(bytes(20));
const currency = () => pick(['USD', 'e0x', '<>(', '!@#', hex(20), `015841551A748AD2C1F76FF6ECB0CCCD${hex(4)}`]);
const issued = (value) => ({ value, currency: currency(), issuer: account() });
const issuedValue = () =>
  pick([
    () => '0',
    () => '-0.000',
    () => '9999999999999999e80',
    () => '-9999999999999999e80',
    () => '1000000000000000e-96',
    () => '1e-81',
    () => '0.1',
    () => '+5',
    () => `${digits(16)}e${below(176) - 96}`,
    () => `-${digits(16)}E+${below(80)}`,
    () => `${digits(8)}.${digits(8)}`,
    () => `0.000${digits(13)}`,
    () => `${digits(16)}${'0'.repeat(below(20))}`,
    () => `00${digits(3)}.${digits(2)}00`,
  ])();
const drops = () => pick(['0', '1', '100000000000000000', digits(1 + below(17)), `00${digits(5)}`]);
const multi = () => ({
  value: pick(['0', '1', '9223372036854775807', digits(1 + below(18))]),
  mpt_issuance_id: hex(24),
});
const amount = () => pick([drops, () => issued(issuedValue()), () => issued(issuedValue()), multi])();
const issue = () =>
  pick([
    () => ({ currency: 'XRP' }),
    () => ({ currency: currency(), issuer: account() }),
    () => ({ mpt_issuance_id: hex(24) }),
  ])();
// Digits behind the 18th only where they are exact: what the library rounds is refused here.
const number = () =>
  pick([
    '0', '1', '-1', '9.5', '-95e3', '9223372036854775807', '9223372036854775810', '-9999999999999999990',
    '1000000000000000000e-32768', '1e32786', '9.99e-32750', '+0012.3400', '123456789.987654321',
    `${digits(18)}e${below(60000) - 30000}`, `-0.${digits(17)}`, `${digits(18)}0`, '5E-5', '0.0e7',
  ]);
const step = () =>
  pick([
    () => ({ account: account() }),
    () => ({ currency: pick(['USD', 'XRP', hex(20)]) }),
    () => ({ issuer: account() }),
    () => ({ currency: 'EUR', issuer: account() }),
    () => ({ account: account(), currency: hex(20), issuer: account() }),
  ])();
const permission = () =>
  pick(['Payment', 'TrustlineAuthorize', 'PaymentMint', 'MPTokenIssuanceUnlock', 'AMMVote', 65540, 1]);

// What lists hold, and which members those have.
const LISTS = {
  Memos: ['Memo', ['MemoType', 'MemoData', 'MemoFormat']],
  SignerEntries: ['SignerEntry', ['Account', 'SignerWeight', 'WalletLocator']],
  VoteSlots: ['VoteEntry', ['Account', 'TradingFee', 'VoteWeight']],
  AuthAccounts: ['AuthAccount', ['Account']],
  PriceDataSeries: ['PriceData', ['BaseAsset', 'QuoteAsset', 'AssetPrice', 'Scale']],
  AuthorizeCredentials: ['Credential', ['Issuer', 'CredentialType']],
  UnauthorizeCredentials: ['Credential', ['Issuer', 'CredentialType']],
  AcceptedCredentials: ['Credential', ['Issuer', 'CredentialType']],
  Permissions: ['Permission', ['PermissionValue']],
  NFTokens: ['NFToken', ['NFTokenID', 'URI']],
  AdditionalBooks: ['Book', ['BookDirectory', 'BookNode']],
  RawTransactions: ['RawTransaction', ['TransactionType', 'Account', 'Flags', 'Sequence', 'Fee', 'Amount', 'Destination', 'SigningPubKey', 'Memos']],
};
const object = (members) => Object.fromEntries(members.map((name) => [name, value(name)]));
const list = (name, depth) => {
  const [inner, members] = LISTS[name] ?? ['Memo', ['MemoData', 'MemoType']];
  return some(depth ?? pick([1, 1, 2, 3]), () => ({
    [inner]: object(members.filter((_, place) => place === 0 || below(4) !== 0)),
  }));
};

function value(name) {
  switch (name) {
    case 'TransactionType':
      return pick(['Payment', 'OfferCreate', 'NFTokenMint']);
    case 'LedgerEntryType':
      return pick(Object.keys(definitions.LEDGER_ENTRY_TYPES).filter((own) => own !== 'Invalid'));
    case 'PermissionValue':
      return permission();
    case 'FeeAmountDelta':
      return pick(['-1', '-100000000000000000', '0', digits(6), `-${digits(9)}`]);
    case 'Fee':
      return drops();
    case 'SigningPubKey':
      return pick(['', `ED${hex(32)}`, `02${hex(32)}`]);
    case 'MaximumAmount': case 'OutstandingAmount': case 'MPTAmount': case 'LockedAmount': case 'ConfidentialOutstandingAmount':
      return pick(['0', '9223372036854775807', '18446744073709551615', digits(12)]);
  }
  switch (fields.get(name).type) {
    case 'UInt8': return edge(8);
    case 'UInt16': return edge(16);
    case 'UInt32': return edge(32);
    case 'UInt64': return pick(['0', 'F', 'abc', 'FFFFFFFFFFFFFFFF', hex(8), hex(3).toLowerCase()]);
    case 'Int32': return pick([0, 1, -1, 2147483647, -2147483648, -below(1e9)]);
    case 'Hash128': return pick(['', hex(16)]);
    case 'Hash160': return pick([hex(20), hex(20)]);
    case 'Hash192': return hex(24);
    case 'Hash256': return pick([hex(32), hex(32).toLowerCase()]);
    case 'Blob': return hex(pick([0, 1, 32, 192, 193, 194, 500, 33, 64]));
    case 'AccountID': return account();
    case 'Amount': return amount();
    case 'Currency': return pick(['XRP', 'USD', hex(20)]);
    case 'Issue': return issue();
    case 'Number': return number();
    case 'PathSet': return some(1 + below(4), () => some(1 + below(6), step));
    case 'Vector256': return some(below(5), () => hex(32));
    case 'XChainBridge':
      return {
        LockingChainDoor: account(),
        LockingChainIssue: issue(),
        IssuingChainDoor: account(),
        IssuingChainIssue: issue(),
      };
    case 'STArray': return list(name);
    case 'STObject': return object(['Account', 'Amount', 'Data', 'Flags']);
    default: throw new Error(`no value for ${name}`);
  }
}

const COMMON = ['Account', 'Fee', 'Sequence', 'SigningPubKey'];
const shuffled = (items) => {
  const rest = [...items];
  return some(rest.length, () => rest.splice(below(rest.length), 1)[0]);
};
const transaction = (type, names) => ({
  ...object(shuffled(new Set([...COMMON, ...names]))),
  TransactionType: type,
});
const optional = definitions.TRANSACTION_FORMATS.common
  .filter(({ optionality }) => optionality !== 0)
  .map(({ name }) => name);

const cases = [];
const refused = [];
const put = (name, json) => cases.push({ name, json, signing: encodeForSigning(json) });
for (const type of Object.keys(definitions.TRANSACTION_TYPES)) {
  if (PSEUDO.includes(type)) continue;
  const names = definitions.TRANSACTION_FORMATS[type]
    .filter(({ optionality }) => optionality === 0 || below(10) < 8)
    .map(({ name }) => name);
  const beside = optional.filter(() => below(4) === 0);
  put(type, transaction(type, [...names, ...beside]));
}
// Every field that a transaction may have, by its type.
const byType = new Map();
for (const [name, { isSerialized, type }] of fields) {
  const isContent = isSerialized && type !== 'Unknown' && !name.endsWith('EndMarker');
  if (isContent && !['TransactionType', 'TransactionResult'].includes(name)) byType.set(type, [...(byType.get(type) ?? []), name]);
}
for (const [type, names] of byType) put(`every ${type}`, transaction('Payment', names));
// Amounts and numbers, many at once.
for (let round = 0; round < 6; round += 1) {
  put(`amounts ${round}`, transaction('Payment', byType.get('Amount')));
  put(`numbers ${round}`, transaction('LoanSet', byType.get('Number')));
}
put('long blobs', { ...transaction('Payment', []), MemoData: hex(12480), Data: hex(12481) });
put('permissions', {
  ...transaction('DelegateSet', []),
  Permissions: ['TrustlineAuthorize', 'TrustlineFreeze', 'TrustlineUnfreeze', 'AccountDomainSet', 'AccountEmailHashSet', 'AccountMessageKeySet', 'AccountTransferRateSet', 'AccountTickSizeSet', 'PaymentMint', 'PaymentBurn', 'MPTokenIssuanceLock', 'MPTokenIssuanceUnlock', 'Payment', 'VaultDeposit', 'AMMBid']
    .map((own) => ({ Permission: { PermissionValue: own } })),
});
put('signatures of others inside', {
  ...transaction('Batch', ['RawTransactions']),
  XChainClaimAttestations: some(2, () => ({
    XChainClaimAttestationCollectionElement: object(['Amount', 'PublicKey', 'Signature', 'WasLockingChainSend', 'XChainClaimID']),
  })),
  Memos: [{ Memo: { TxnSignature: hex(64), MemoData: hex(4) } }],
});
put('unknown members', { ...transaction('Payment', ['Amount']), meta: { a: 1 }, hash: hex(32) });

const refuse = (name, members) => {
  const json = { ...transaction('Payment', []), ...members };
  let reason;
  try {
    encodeForSigning(json);
  } catch (error) {
    reason = String(error.message);
  }
  if (reason === undefined) throw new Error(`${name} is encoded`);
  refused.push({ name, json, reason });
};
const of = (text) => ({ ...issued('1'), value: text });
refuse('17 digits', { Amount: of('12345678901234567') });
refuse('too large', { Amount: of('1e97') });
refuse('too small', { Amount: of('1e-82') });
refuse('too small in 16 digits', { Amount: of('1234567890123456e-97') });
refuse('no number', { Amount: of('12x') });
refuse('drops with a point', { Amount: '1.5' });
refuse('too many drops', { Amount: '100000000000000001' });
refuse('negative drops', { Amount: '-1' });
refuse('negative units', { Amount: { value: '-1', mpt_issuance_id: hex(24) } });
refuse('too many units', { Amount: { value: '9223372036854775808', mpt_issuance_id: hex(24) } });
refuse('units with a point', { Amount: { value: '1.5', mpt_issuance_id: hex(24) } });
refuse('a short id', { Amount: { value: '1', mpt_issuance_id: hex(23) } });
refuse('an amount with a member more', { Amount: { ...of('1'), more: 1 } });
refuse('an amount without issuer', { Amount: { value: '1', currency: 'USD' } });
refuse('a number with letters', { LoanServiceFee: '1x' });
refuse('a number without digits before the point', { LoanServiceFee: '.5' });
refuse('a number without digits behind the point', { LoanServiceFee: '5.' });
refuse('a number too small', { LoanServiceFee: '1e-32768' });
refuse('a number too large', { LoanServiceFee: '1e32787' });
refuse('a currency of four letters', { Amount: { ...of('1'), currency: 'USDX' } });
refuse('a short hash', { InvoiceID: hex(31) });
refuse('a long hash', { InvoiceID: hex(33) });
refuse('an address with another checksum', { Destination: `${account().slice(0, -1)}1` });
refuse('a number too large for its field', { TickSize: 256 });
refuse('a fraction', { Flags: 1.5 });
refuse('a negative number', { Flags: -1 });
refuse('17 hexadecimal digits', { OwnerNode: '10000000000000000' });
refuse('a decimal number that is hexadecimal', { MPTAmount: 'FF' });
refuse('a delta with a point', { FeeAmountDelta: '-1.5' });
refuse('a delta too large', { FeeAmountDelta: '-100000000000000001' });
refuse('a delta of a token', { FeeAmountDelta: of('1') });
refuse('an issue with a member more', { Asset: { currency: 'USD', issuer: account(), value: '1' } });
refuse('a bridge with a member more', {
  XChainBridge: { ...value('XChainBridge'), more: 1 },
});

const source = `ripple-binary-codec ${version}, encodeForSigning; made by xtask/real/judges/xrp-codec.mjs`;
const lines = (all) => all.map((one) => JSON.stringify(one)).join(',\n');
process.stdout.write(
  `{\n"source": ${JSON.stringify(source)},\n"cases": [\n${lines(cases)}\n],\n"refused": [\n${lines(refused)}\n]\n}\n`,
);
