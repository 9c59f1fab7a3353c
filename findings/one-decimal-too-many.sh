#!/usr/bin/env bash
# Version: ethers 6.17.0, viem 2.57.20, web3-utils 4.3.3, tronweb 6.5.1, algosdk 3.8.0, xrpl 5.3.0 (npm).
# Guess: What turns an amount of coins into the smallest unit refuses an amount that has more decimals than the coin,
#   in each of these.
# Behaviour: Two of six do. viem rounds, half up, so half a wei becomes one and 1.9 wei two; web3 cuts, and what has
#   only such decimals is no zero but an empty text; tronweb answers a fraction of a sun, and algosdk rounds. A sum is
#   then one unit off, or not a number, where another library threw.
# Seen:
#   half a unit: ethers throws, viem 1, web3 "", tronweb 0.5, algosdk 1, xrpl throws
#   1.9 units: ethers throws, viem 2, web3 1, tronweb 1.9, algosdk 2, xrpl throws
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent ethers@6.17.0 viem@2.57.20 web3-utils@4.3.3 tronweb@6.5.1 algosdk@3.8.0 \
    xrpl@5.3.0
cat >see.cjs <<'JS'
const { algosToMicroalgos } = require('algosdk');
const { parseEther } = require('ethers');
const { TronWeb } = require('tronweb');
const viem = require('viem');
const { toWei } = require('web3-utils');
const { xrpToDrops } = require('xrpl');

const makers = {
  ethers: [parseEther, 18], viem: [viem.parseEther, 18], web3: [(text) => toWei(text, 'ether'), 18],
  tronweb: [TronWeb.toSun, 6], algosdk: [(text) => algosToMicroalgos(Number(text)), 6], xrpl: [xrpToDrops, 6],
};
const amounts = { 'half a unit': ['0', '5'], '1.9 units': ['1', '9'] };
const seen = Object.entries(amounts).map(([name, [unit, tenth]]) => {
  const answers = Object.entries(makers).map(([library, [make, decimals]]) => {
    try { return `${library} ${String(make(`0.${unit.padStart(decimals, '0')}${tenth}`)) || '""'}`; }
    catch { return `${library} throws`; }
  });
  return `${name}: ${answers.join(', ')}`;
});
console.log(seen.join('\n'));
const expected = `half a unit: ethers throws, viem 1, web3 "", tronweb 0.5, algosdk 1, xrpl throws
1.9 units: ethers throws, viem 2, web3 1, tronweb 1.9, algosdk 2, xrpl throws`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
