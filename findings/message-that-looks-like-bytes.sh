#!/usr/bin/env bash
# Version: ethers 6.17.0, viem 2.57.20, web3-eth-accounts 4.3.1, @metamask/eth-sig-util 9.0.0, tronweb 6.5.1 (npm).
# Guess: One text signed as a personal message (EIP-191) by four libraries with one key is one signature.
# Behaviour: The text 0x1234 is six characters to ethers and viem and two bytes to web3.js and MetaMask's library, so
#   who signs with the one and checks with the other finds a stranger. With 0X web3.js alone takes bytes; an odd number
#   of digits it refuses, while MetaMask's library takes 01 23. tronweb's signMessage takes bytes and puts the length
#   32 before them whatever their number is, and its signMessageV2 takes the text and the length that it has, so 0x1234
#   has a third and a fourth hash there.
# Seen:
#   hi: ethers text, viem text, web3 text, MetaMask text
#   0x1234: ethers text, viem text, web3 bytes, MetaMask bytes
#   0X1234: ethers text, viem text, web3 bytes, MetaMask text
#   0x123: ethers text, viem text, web3 refuses, MetaMask bytes
#   tronweb 0x1234: signMessage bytes with the length 32, signMessageV2 text with the length 6
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent ethers@6.17.0 viem@2.57.20 web3-eth-accounts@4.3.1 \
    @metamask/eth-sig-util@9.0.0 tronweb@6.5.1
cat >see.cjs <<'JS'
const { personalSign } = require('@metamask/eth-sig-util');
const { Wallet, concat, hashMessage, keccak256, recoverAddress, toUtf8Bytes } = require('ethers');
const { TronWeb } = require('tronweb');
const { privateKeyToAccount } = require('viem/accounts');
const web3 = require('web3-eth-accounts');

const key = '11'.repeat(32);
const wallet = new Wallet(`0x${key}`);
const signers = {
  ethers: (data) => wallet.signMessage(data),
  viem: (message) => privateKeyToAccount(`0x${key}`).signMessage({ message }),
  web3: (data) => web3.sign(data, `0x${key}`).signature,
  MetaMask: (data) => personalSign({ privateKey: Buffer.from(key, 'hex'), data }),
};
const isOf = (hash, signature) => recoverAddress(hash, signature) === wallet.address;
const bytesOf = (text) => {
  const digits = text.slice(2);
  return Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
};
const readings = async (text) => Promise.all(Object.entries(signers).map(async ([name, sign]) => {
  let signature;
  try { signature = await sign(text); } catch { return `${name} refuses`; }
  if (isOf(hashMessage(text), signature)) return `${name} text`;
  return `${name} ${isOf(hashMessage(bytesOf(text)), signature) ? 'bytes' : 'another'}`;
}));
const tron = (signature) => {
  const forms = { text: toUtf8Bytes('0x1234'), bytes: '0x1234' };
  for (const [form, data] of Object.entries(forms)) {
    for (const length of [2, 6, 32]) {
      const hash = keccak256(concat([toUtf8Bytes(`\x19TRON Signed Message:\n${length}`), data]));
      if (isOf(hash, signature)) return `${form} with the length ${length}`;
    }
  }
  return 'another';
};
(async () => {
  const seen = [];
  for (const text of ['hi', '0x1234', '0X1234', '0x123']) seen.push(`${text}: ${(await readings(text)).join(', ')}`);
  const { trx } = new TronWeb({ fullHost: 'http://127.0.0.1:9', privateKey: key });
  const [first, second] = [await trx.signMessage('0x1234'), await trx.signMessageV2('0x1234')];
  seen.push(`tronweb 0x1234: signMessage ${tron(first)}, signMessageV2 ${tron(second)}`);
  console.log(seen.join('\n'));
  const expected = `hi: ethers text, viem text, web3 text, MetaMask text
0x1234: ethers text, viem text, web3 bytes, MetaMask bytes
0X1234: ethers text, viem text, web3 bytes, MetaMask text
0x123: ethers text, viem text, web3 refuses, MetaMask bytes
tronweb 0x1234: signMessage bytes with the length 32, signMessageV2 text with the length 6`;
  if (seen.join('\n') !== expected) {
    console.log('The behaviour has changed.');
    process.exit(1);
  }
})();
JS
node see.cjs
