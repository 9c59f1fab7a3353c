#!/usr/bin/env bash
# Version: @vechain/sdk-core 2.1.0 (npm).
# Guess: VET.of(amount) either rounds an amount of more than 18 decimals or refuses it.
# Behaviour: It multiplies: with a digit in the 19th place the amount in wei is ten times the one given, in the 20th a
#   hundred times, so a third of a VET written in twenty digits pays 33 VET. toString() shows the amount as it was
#   given, the clause has the larger one, and VTHO does the same. A plain number is enough: 1/300 has 19 decimals in
#   JavaScript. Units.parseEther of the same package cuts the digits off.
# Seen:
#   1/300: shown as 0.0033333333333333335, the clause pays 0.033333333333333335, parseEther 0.003333333333333333
#   20 digits: shown as 0.33333333333333333333, the clause pays 33.333333333333333333, parseEther 0.333333333333333333
#   1.5: shown as 1.5, the clause pays 1.5, parseEther 1.5
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @vechain/sdk-core@2.1.0 ethers@6.17.0
cat >see.cjs <<'JS'
const { Address, Clause, Units, VET } = require('@vechain/sdk-core');
const { formatEther } = require('ethers');

const receiver = Address.of(`0x${'35'.repeat(20)}`);
const amounts = { '1/300': 1 / 300, '20 digits': '0.33333333333333333333', '1.5': '1.5' };
const seen = Object.entries(amounts).map(([name, amount]) => {
  const vet = VET.of(amount);
  const pays = formatEther(Clause.transferVET(receiver, vet).value);
  const parsed = formatEther(Units.parseEther(String(amount)).bi);
  const line = `${name}: shown as ${vet.value}, the clause pays ${pays}, parseEther ${parsed}`;
  console.log(line);
  return pays;
});
if (seen.join() !== '0.033333333333333335,33.333333333333333333,1.5') {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
