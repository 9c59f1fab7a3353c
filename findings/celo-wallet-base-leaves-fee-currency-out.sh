#!/usr/bin/env bash
# Version: @celo/wallet-base 8.0.3, viem 2.57.20 (npm).
# Guess: A Celo transaction with gasPrice and feeCurrency, the form of Celo's first years, is signed as one that pays
#   its fee in that currency, or refused.
# Behaviour: Celo's own library writes an ordinary legacy transaction: the fee currency is left out and the fee is paid
#   in CELO. An access list beside a gasPrice is left out as well, where type 1 would hold it. With maxFeePerGas both
#   are written (CIP-64). viem refuses the first and writes type 1 for the second.
# Seen:
#   gasPrice, feeCurrency: celo ethereum-legacy without the currency, viem throws
#   gasPrice, accessList: celo ethereum-legacy without the list, viem type 1
#   maxFeePerGas, feeCurrency, accessList: celo cip64, viem writes the same
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @celo/wallet-base@8.0.3 viem@2.57.20
cat >see.cjs <<'JS'
const { rlpEncodedTx } = require('@celo/wallet-base');
const { serializeTransaction } = require('viem/celo');

const [to, feeCurrency, listed] = ['35', '44', '55'].map((byte) => `0x${byte.repeat(20)}`);
const accessList = [{ address: listed, storageKeys: [] }];
const common = { chainId: 42220, nonce: 3, to, gas: 90000n, value: 16n, data: '0x' };
const celo = (more) => rlpEncodedTx({ ...common, gas: 90000, value: '16', ...more });
const viem = (more) => { try { return serializeTransaction({ ...common, ...more }); } catch { return 'throws'; } };
const holds = (text, address) => text.includes(address.slice(2));

const first = celo({ gasPrice: '5', feeCurrency });
const second = celo({ gasPrice: '5', accessList });
const third = celo({ maxFeePerGas: '9', maxPriorityFeePerGas: '1', feeCurrency, accessList });
const typed = viem({ gasPrice: 5n, accessList });
const same = viem({ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n, feeCurrency, accessList }) === third.rlpEncode;
const seen = [
  `gasPrice, feeCurrency: celo ${first.type} ${holds(first.rlpEncode, feeCurrency) ? 'with' : 'without'} the currency, `
    + `viem ${viem({ gasPrice: 5n, feeCurrency })}`,
  `gasPrice, accessList: celo ${second.type} ${holds(second.rlpEncode, listed) ? 'with' : 'without'} the list, `
    + `viem ${typed.startsWith('0x01') && holds(typed, listed) ? 'type 1' : typed}`,
  `maxFeePerGas, feeCurrency, accessList: celo ${third.type}, viem writes ${same ? 'the same' : 'another'}`,
];
console.log(seen.join('\n'));
const expected = `gasPrice, feeCurrency: celo ethereum-legacy without the currency, viem throws
gasPrice, accessList: celo ethereum-legacy without the list, viem type 1
maxFeePerGas, feeCurrency, accessList: celo cip64, viem writes the same`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
