#!/usr/bin/env bash
# Version: slip39 0.1.9 (npm), shamir-mnemonic 0.3.0 (PyPI, the reference implementation).
# Guess: slip39 splits a secret that is given as a Buffer or a Uint8Array as it does the same bytes in an Array.
# Behaviour: With a Buffer or a Uint8Array the first half of what is split is another secret's: the shares are valid,
#   any two of them agree, and both slip39 and the reference implementation bring back 16 bytes of which only the last
#   eight are right, the passphrase being empty. Only an Array is split as it is. Nothing is thrown, and the package
#   has no types that would say it; whoever does not restore once has no backup.
# Seen:
#   Array: slip39 01010101010101010101010101010101, reference the same
#   Buffer: slip39 9bcf9223fdf8bee50101010101010101, reference the same
#   Uint8Array: slip39 9bcf9223fdf8bee50101010101010101, reference the same
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent slip39@0.1.9
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check shamir-mnemonic==0.3.0
cat >see.cjs <<'JS'
const { execFileSync } = require('node:child_process');
const slip39 = require('slip39');

const bytes = Array(16).fill(1);
const secrets = { Array: bytes, Buffer: Buffer.from(bytes), Uint8Array: Uint8Array.from(bytes) };
const combine = 'import shamir_mnemonic, sys; print(shamir_mnemonic.combine_mnemonics(sys.argv[1:], b"").hex())';
const seen = Object.entries(secrets).map(([name, secret]) => {
  const shares = slip39.fromArray(secret, { groups: [[2, 3]] }).fromPath('r/0').mnemonics.slice(0, 2);
  const own = Buffer.from(slip39.recoverSecret(shares)).toString('hex');
  const reference = execFileSync('venv/bin/python', ['-c', combine, ...shares], { encoding: 'utf8' }).trim();
  return `${name}: slip39 ${own}, reference ${reference === own ? 'the same' : reference}`;
});
console.log(seen.join('\n'));
const expected = `Array: slip39 01010101010101010101010101010101, reference the same
Buffer: slip39 9bcf9223fdf8bee50101010101010101, reference the same
Uint8Array: slip39 9bcf9223fdf8bee50101010101010101, reference the same`;
if (seen.join('\n') !== expected) {
  console.log('The behaviour has changed.');
  process.exit(1);
}
JS
node see.cjs
