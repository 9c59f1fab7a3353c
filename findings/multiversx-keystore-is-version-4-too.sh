#!/usr/bin/env bash
# Version: @multiversx/sdk-core 15.4.0 (npm, with its peers protobufjs 7.5.4 and bignumber.js 9.3.1), ethers 6.17.0.
# Guess: The keystore of MultiversX, which has the members, cipher and cost of Ethereum's, has its MAC and its 32 bytes
#   as well; version 4 is Kaia's.
# Behaviour: It is version 4 too, without Kaia's keyring. The MAC is HMAC-SHA256 under the second half of the derived
#   key, not Keccak-256, so every password is "wrong" to a reader of Ethereum's. What decrypts is 64 bytes, the private
#   key and the public one, or, with kind "mnemonic", the phrase as text, whose keystore then has no address. ethers
#   does not take either for a keystore.
# Seen:
#   secretKey: version 4, MAC HMAC-SHA256, private, public key; address is the public key: true, ethers false
#   mnemonic: version 4, MAC HMAC-SHA256, text of 12 words; no address, ethers false
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @multiversx/sdk-core@15.4.0 protobufjs@7.5.4 bignumber.js@9.3.1 ethers@6.17.0
cat >see.cjs <<'JS'
const { createDecipheriv, createHmac, scryptSync } = require('node:crypto');
const { Mnemonic, UserWallet } = require('@multiversx/sdk-core');
const { isKeystoreJson, keccak256 } = require('ethers');

const phrase = `${'abandon '.repeat(11)}about`;
const secretKey = Mnemonic.fromString(phrase).deriveKey(0);
const [secret, open] = [secretKey.hex(), secretKey.generatePublicKey().hex()];
const password = 'p';
const read = ({ version, address, crypto }) => {
  const { kdfparams: { n, r, p, dklen, salt }, cipherparams, ciphertext, mac } = crypto;
  const derived = scryptSync(password, Buffer.from(salt, 'hex'), dklen, { N: n, r, p });
  const sealed = Buffer.from(ciphertext, 'hex');
  const macs = {
    'HMAC-SHA256': createHmac('sha256', derived.subarray(16)).update(sealed).digest('hex'),
    'Keccak-256': keccak256(Buffer.concat([derived.subarray(16), sealed])).slice(2),
  };
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(cipherparams.iv, 'hex'));
  const content = Buffer.concat([decipher.update(sealed), decipher.final()]);
  const name = Object.keys(macs).find((key) => macs[key] === mac);
  return { content, address, head: `version ${version}, MAC ${name}` };
};
const keystores = {
  secretKey: UserWallet.fromSecretKey({ secretKey, password }).toJSON(),
  mnemonic: UserWallet.fromMnemonic({ mnemonic: phrase, password }).toJSON(),
};
const [one, other] = Object.values(keystores).map(read);
const [forOne, forOther] = Object.values(keystores).map((keystore) => isKeystoreJson(JSON.stringify(keystore)));
const parts = one.content.toString('hex') === secret + open ? 'private, public key' : 'others';
const words = other.content.toString() === phrase ? 12 : 'other';
const seen = [
  `secretKey: ${one.head}, ${parts}; `
    + `address is the public key: ${one.address === open}, ethers ${forOne}`,
  `mnemonic: ${other.head}, text of ${words} words; ${other.address ?? 'no address'}, ethers ${forOther}`,
];
console.log(seen.join('\n'));
const version = 'version 4, MAC HMAC-SHA256';
const expected = `secretKey: ${version}, private, public key; address is the public key: true, ethers false
mnemonic: ${version}, text of 12 words; no address, ethers false`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
