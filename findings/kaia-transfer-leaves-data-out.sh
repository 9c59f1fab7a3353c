#!/usr/bin/env bash
# Version: @kaiachain/ethers-ext 2.1.0 with ethers 6.17.0 (npm).
# Guess: A token call signed as Kaia's type ValueTransfer carries its data, as any transaction of Ethereum does, or is
#   refused.
# Behaviour: ValueTransfer has no data and SmartContractExecution has, so with the wrong one of the two the call
#   becomes a payment of nothing to the contract: same receiver, same amount, and neither an error nor a trace. A
#   member that it does not know goes the same way. The same transaction without `type` is Ethereum's legacy one, with
#   the data.
# Seen:
#   ValueTransfer: data is left out, to the contract, value 0
#   SmartContractExecution: data is kept
#   no type: data is kept
#   ValueTransfer with a member `memo`: same bytes as without
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @kaiachain/ethers-ext@2.1.0 ethers@6.17.0
cat >see.cjs <<'JS'
const { TxType, Wallet, parseTransaction } = require('@kaiachain/ethers-ext/v6');
const { Interface } = require('ethers');

const wallet = new Wallet(`0x${'11'.repeat(32)}`);
const token = `0x${'35'.repeat(20)}`;
const erc20 = new Interface(['function transfer(address, uint256)']);
const data = erc20.encodeFunctionData('transfer', [`0x${'44'.repeat(20)}`, 5]);
const call = {
  from: wallet.address, to: token, value: 0, data, nonce: 1, gasLimit: 100000, gasPrice: 25e9, chainId: 8217,
};
const kept = (raw) => `data is ${raw.includes(data.slice(2)) ? 'kept' : 'left out'}`;
(async () => {
  const plain = await wallet.signTransaction({ ...call, type: TxType.ValueTransfer });
  const { to, value } = parseTransaction(plain);
  const where = to === token ? 'to the contract' : `to ${to}`;
  const more = await wallet.signTransaction({ ...call, type: TxType.ValueTransfer, memo: '0x1234' });
  const seen = [
    `ValueTransfer: ${kept(plain)}, ${where}, value ${Number(value)}`,
    `SmartContractExecution: ${kept(await wallet.signTransaction({ ...call, type: TxType.SmartContractExecution }))}`,
    `no type: ${kept(await wallet.signTransaction({ ...call }))}`,
    `ValueTransfer with a member \`memo\`: ${more === plain ? 'same' : 'other'} bytes as without`,
  ];
  console.log(seen.join('\n'));
  const expected = `ValueTransfer: data is left out, to the contract, value 0
SmartContractExecution: data is kept
no type: data is kept
ValueTransfer with a member \`memo\`: same bytes as without`;
  if (seen.join('\n') !== expected) {
    console.log('The behaviour has changed.');
    process.exit(1);
  }
})();
JS
node see.cjs
