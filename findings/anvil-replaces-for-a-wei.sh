#!/usr/bin/env bash
# Version: anvil 1.7.1 (@foundry-rs/anvil-linux-amd64), hardhat 2.26.3, signed by ethers 6.17.0 (npm); neither node
#   mines.
# Guess: A waiting transaction is replaced on a local node as on the network: by one that pays a tenth more, in both
#   fees; and one whose cap is below the base fee waits for its time.
# Behaviour: anvil takes one that offers a single wei more in maxFeePerGas, with the tip as it was, so a signer that
#   raises too little replaces there and nowhere else; a lower cap than the base fee it refuses. hardhat asks for a
#   tenth in both fees and keeps the cheap one waiting. It is hardhat that estimates a plain transfer at 21001.
# Seen:
#   the same price: anvil refuses, hardhat refuses
#   a wei more in maxFeePerGas: anvil replaces, hardhat refuses
#   a tenth more in maxFeePerGas: anvil replaces, hardhat refuses
#   a tenth and more in both: anvil replaces, hardhat replaces
#   a cap below the base fee: anvil refuses, hardhat takes
#   estimate of a transfer: anvil 21000, hardhat 21001
set -eu
dir=$(mktemp -d)
nodes=
# shellcheck disable=SC2086 # one word a process
trap 'if [ -n "$nodes" ]; then kill $nodes; wait $nodes || true; fi; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @foundry-rs/anvil-linux-amd64@1.7.1 hardhat@2.26.3 ethers@6.17.0
echo 'module.exports = { solidity: "0.8.24", networks: { hardhat: { mining: { auto: false } } } };' >hardhat.config.js
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
anvil=$(free_port)
hardhat=$(free_port)
node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil --port "$anvil" --no-mining --silent >/dev/null &
nodes=$!
node node_modules/.bin/hardhat node --port "$hardhat" >/dev/null 2>&1 &
nodes="$nodes $!"
cat >see.cjs <<'JS'
const { Wallet, keccak256 } = require('ethers');

// The first of the accounts that every such node makes, of a phrase that is public.
const wallet = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
const to = `0x${'35'.repeat(20)}`;
const gwei = 10n ** 9n;
const ports = { anvil: process.argv[2], hardhat: process.argv[3] };
const ask = async (node, method, ...params) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`http://127.0.0.1:${ports[node]}`, { method: 'POST', headers, body })).json();
};
const ready = async (node) => {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    try { return await ask(node, 'eth_chainId'); } catch { await new Promise((done) => setTimeout(done, 200)); }
  }
  throw new Error(`${node} does not answer`);
};
const send = async (node, fees) => {
  const [maxFeePerGas, maxPriorityFeePerGas, nonce = 0] = fees;
  const tx = { to, value: 1, gasLimit: 21000, chainId: 31337, nonce, maxFeePerGas, maxPriorityFeePerGas, type: 2 };
  const raw = await wallet.signTransaction(tx);
  const { result } = await ask(node, 'eth_sendRawTransaction', raw);
  return result === keccak256(raw);
};
const steps = [
  ['the same price', [10n * gwei, gwei - 1n], 'replaces'],
  ['a wei more in maxFeePerGas', [10n * gwei + 1n, gwei], 'replaces'],
  ['a tenth more in maxFeePerGas', [11n * gwei + 2n, gwei], 'replaces'],
  ['a tenth and more in both', [13n * gwei, 2n * gwei], 'replaces'],
  ['a cap below the base fee', [gwei / 2n, 1n, 1], 'takes'],
];
(async () => {
  for (const node of Object.keys(ports)) {
    await ready(node);
    if (!await send(node, [10n * gwei, gwei])) throw new Error(`${node} refuses the first`);
  }
  const both = async (look) => `anvil ${await look('anvil')}, hardhat ${await look('hardhat')}`;
  const seen = [];
  for (const [name, fees, word] of steps) {
    seen.push(`${name}: ${await both(async (node) => (await send(node, fees) ? word : 'refuses'))}`);
  }
  const transfer = { from: wallet.address, to, value: '0x1' };
  const estimate = async (node) => Number((await ask(node, 'eth_estimateGas', transfer)).result);
  seen.push(`estimate of a transfer: ${await both(estimate)}`);
  console.log(seen.join('\n'));
  const expected = `the same price: anvil refuses, hardhat refuses
a wei more in maxFeePerGas: anvil replaces, hardhat refuses
a tenth more in maxFeePerGas: anvil replaces, hardhat refuses
a tenth and more in both: anvil replaces, hardhat replaces
a cap below the base fee: anvil refuses, hardhat takes
estimate of a transfer: anvil 21000, hardhat 21001`;
  if (seen.join('\n') !== expected) {
    console.log('The behaviour has changed.');
    process.exit(1);
  }
})();
JS
node see.cjs "$anvil" "$hardhat"
