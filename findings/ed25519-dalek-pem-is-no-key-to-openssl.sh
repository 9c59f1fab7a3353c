#!/usr/bin/env bash
# Version: ed25519-dalek 3.0.0 (crates.io), OpenSSL 3.0 (Debian 12), cryptography 48.0.1 and pycryptodome 3.24.1
#   (PyPI).
# Guess: A private key that one library writes as PKCS#8 PEM is read by the others; for Ed25519 there is one form.
# Behaviour: There are two: RFC 5958 lets the public key stand behind the private one, which makes it version 2. That
#   is what ed25519-dalek's to_pkcs8_pem writes, and OpenSSL and cryptography know only version 1: they speak of an
#   unsupported or encrypted key, not of its version. pycryptodome reads both. Without the public key, a member that
#   can be left out, ed25519-dalek writes what all of them read.
# Seen:
#   with its public key: version 2, openssl refuses, cryptography refuses, pycryptodome reads
#   without: version 1, openssl reads, cryptography reads, pycryptodome reads
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "see"
version = "0.0.0"
edition = "2021"

[dependencies]
ed25519-dalek = { version = "=3.0.0", features = ["pem"] }
TOML
cat >src/main.rs <<'RS'
use ed25519_dalek::{
    SigningKey,
    pkcs8::{EncodePrivateKey as _, KeypairBytes, spki::der::pem::LineEnding},
};

fn main() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let with = key.to_pkcs8_pem(LineEnding::LF).expect("written");
    std::fs::write("with.pem", with).expect("written");
    let bare = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
    let without = bare.to_pkcs8_pem(LineEnding::LF).expect("written");
    std::fs::write("without.pem", without).expect("written");
}
RS
CARGO_TARGET_DIR=$dir/target cargo run --quiet
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check cryptography==48.0.1 pycryptodome==3.24.1
cat >see.py <<'PY'
import base64
import sys

from Crypto.PublicKey import ECC
from cryptography.hazmat.primitives.serialization import load_pem_private_key

text = open(sys.argv[1]).read()
der = base64.b64decode("".join(text.splitlines()[1:-1]))


def read(how):
    try:
        return "reads" if how() == bytes([1] * 32) else "another key"
    except Exception:
        return "refuses"


cryptography = read(lambda: load_pem_private_key(text.encode(), None).private_bytes_raw())
pycryptodome = read(lambda: ECC.import_key(text).seed)
# The version is the number in the fifth byte, one less than it is called.
print(f"version {der[4] + 1}, openssl {sys.argv[2]}, cryptography {cryptography}, pycryptodome {pycryptodome}")
PY
look() {
    if openssl pkey -in "$1.pem" -noout 2>/dev/null; then openssl=reads; else openssl=refuses; fi
    venv/bin/python see.py "$1.pem" $openssl
}
{ echo "with its public key: $(look with)"; echo "without: $(look without)"; } | tee seen.txt
[ "$(cat seen.txt)" = 'with its public key: version 2, openssl refuses, cryptography refuses, pycryptodome reads
without: version 1, openssl reads, cryptography reads, pycryptodome reads' ] ||
    { echo 'The behaviour has changed.'; exit 1; }
