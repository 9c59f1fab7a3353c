#!/usr/bin/env bash
# Version: @noble/curves 2.4.0 and 1.9.7, @noble/secp256k1 3.2.0 and 2.3.0, ethers 6.17.0 (npm).
# Guess: secp256k1.sign(hash, key) is one call with one answer (RFC 6979) in both major versions, or the newer one
#   refuses the older one's arguments.
# Behaviour: The newer one takes what it is given for the message and hashes it with SHA-256, so what used to be a
#   signature over the hash is now one over a hash of the hash. Its own verify does the same, so a round trip is green,
#   and the bytes recover a stranger everywhere else. { prehash: false } brings the old signature back. Of P-256 half
#   of the signatures had a high s in version 1, and none has in version 2.
# Seen:
#   curves 1.9.7: as ethers; verified by 1.9.7
#   curves 2.4.0: as ethers over the SHA-256 of the hash; verified by 2.4.0
#   curves 2.4.0, prehash false: as ethers; verified by 1.9.7
#   secp256k1 2.3.0: as ethers; verified by 1.9.7
#   secp256k1 3.2.0: as ethers over the SHA-256 of the hash; verified by 2.4.0
#   P-256 signatures with a high s: 1.9.7 some, 2.4.0 none
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent curves1@npm:@noble/curves@1.9.7 curves2@npm:@noble/curves@2.4.0 \
    secp2@npm:@noble/secp256k1@2.3.0 secp3@npm:@noble/secp256k1@3.2.0 ethers@6.17.0
cat >see.mjs <<'JS'
import { p256 as p256Old } from 'curves1/p256';
import { secp256k1 as old } from 'curves1/secp256k1';
import { p256 } from 'curves2/nist.js';
import { secp256k1 as now } from 'curves2/secp256k1.js';
import { SigningKey, concat, getBytes, sha256 } from 'ethers';
import * as secpOld from 'secp2';
import * as secp from 'secp3';

const key = new Uint8Array(32).fill(1);
const hash = new Uint8Array(32).fill(2);
const open = old.getPublicKey(key);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const byEthers = (digest) => {
  const { r, s } = new SigningKey(key).sign(digest);
  return concat([r, s]).slice(2);
};
const known = {
  [byEthers(hash)]: 'as ethers', [byEthers(getBytes(sha256(hash)))]: 'as ethers over the SHA-256 of the hash',
};
const describe = (signature) => {
  const verified = [];
  if (old.verify(signature, hash, open)) verified.push('1.9.7');
  if (now.verify(signature, hash, open)) verified.push('2.4.0');
  return `${known[hex(signature)] ?? 'another'}; verified by ${verified.join(' and ') || 'none'}`;
};
const digests = Array.from({ length: 64 }, (_, i) => new Uint8Array(32).fill(i));
const highS = (isHigh) => (digests.some(isHigh) ? 'some' : 'none');
const seen = [
  `curves 1.9.7: ${describe(old.sign(hash, key).toCompactRawBytes())}`,
  `curves 2.4.0: ${describe(now.sign(hash, key))}`,
  `curves 2.4.0, prehash false: ${describe(now.sign(hash, key, { prehash: false }))}`,
  `secp256k1 2.3.0: ${describe((await secpOld.signAsync(hash, key)).toCompactRawBytes())}`,
  `secp256k1 3.2.0: ${describe(await secp.signAsync(hash, key))}`,
  `P-256 signatures with a high s: 1.9.7 ${highS((digest) => p256Old.sign(digest, key).hasHighS())}, `
    + `2.4.0 ${highS((digest) => p256.Signature.fromBytes(p256.sign(digest, key)).hasHighS())}`,
];
console.log(seen.join('\n'));
const expected = `curves 1.9.7: as ethers; verified by 1.9.7
curves 2.4.0: as ethers over the SHA-256 of the hash; verified by 2.4.0
curves 2.4.0, prehash false: as ethers; verified by 1.9.7
secp256k1 2.3.0: as ethers; verified by 1.9.7
secp256k1 3.2.0: as ethers over the SHA-256 of the hash; verified by 2.4.0
P-256 signatures with a high s: 1.9.7 some, 2.4.0 none`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.mjs
