#!/usr/bin/env bash
# Version: ethers 6.17.0 and 5.8.0 (npm).
# Guess: wallet.encrypt(password, { scrypt: { N: 2 } }) makes a keystore of that cost, as it did in version 5, and
#   encryptSync takes the same.
# Behaviour: In version 6 a wallet cannot be told the cost. encrypt takes the options for a function that reports
#   progress: with those of version 5 it throws "progressCb should be function". encryptSync, and encrypt with the
#   options one place to the right, ignore them: the keystore has the N of 131072, seconds of work where a test asked
#   for none. Only encryptKeystoreJson, a function beside the wallet, takes a cost.
# Seen:
#   5.8.0 encrypt(p, options): N 2
#   6.17.0 encrypt(p, options): Error
#   6.17.0 encrypt(p, undefined, options): N 131072
#   6.17.0 encryptSync(p, options): N 131072
#   6.17.0 encryptKeystoreJson(account, p, options): N 2
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent ethers@6.17.0 ethers5@npm:ethers@5.8.0
cat >see.cjs <<'JS'
const six = require('ethers');
const five = require('ethers5').ethers;

const options = { scrypt: { N: 2, r: 8, p: 1 } };
const key = `0x${'11'.repeat(32)}`;
const [old, now] = [new five.Wallet(key), new six.Wallet(key)];
const cost = (text) => { const all = JSON.parse(text); return `N ${(all.Crypto ?? all.crypto).kdfparams.n}`; };
const calls = {
  '5.8.0 encrypt(p, options)': () => old.encrypt('p', options),
  '6.17.0 encrypt(p, options)': () => now.encrypt('p', options),
  '6.17.0 encrypt(p, undefined, options)': () => now.encrypt('p', undefined, options),
  '6.17.0 encryptSync(p, options)': () => now.encryptSync('p', options),
  '6.17.0 encryptKeystoreJson(account, p, options)': () => six.encryptKeystoreJson(now, 'p', options),
};
(async () => {
  const seen = [];
  for (const [name, call] of Object.entries(calls)) {
    let line;
    try { line = `${name}: ${cost(await call())}`; } catch (e) { line = `${name}: ${e.name}`; }
    console.log(line);
    seen.push(line.split(': ')[1]);
  }
  if (seen.join() !== 'N 2,Error,N 131072,N 131072,N 2') {
    console.log('The behaviour has changed.');
    process.exit(1);
  }
})();
JS
node see.cjs
