#!/usr/bin/env python3
"""Reads a wallet store as docs/wallet-format.md describes it, and shares no code with tatum-kms.

    python3 tools/read_wallet.py wallet.dat < password.txt            lists the wallets, newest first
    python3 tools/read_wallet.py --secrets wallet.dat < password.txt  with their secrets

It verifies the manifest, and so detects whether a wallet was added, removed or replaced. It only
reads; give it a copy, or a store that no process is writing. Requires Python 3.9 and `cryptography` 44.
"""

import argparse
import hashlib
import hmac
import json
import sqlite3
import sys
import unicodedata
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

APPLICATION_ID = 0x744B4D53
VERSION = 1
BUCKETS = 1024
FLOOR = {"memory_kib": 19 << 10, "passes": 2, "lanes": 1}
CEILING = {"memory_kib": 1 << 20, "passes": 16, "lanes": 16}


class Unreadable(Exception):
    pass


def frame(part):
    return len(part).to_bytes(8, "big") + part


def mac(key, *parts):
    return hmac.digest(key, b"".join(map(frame, parts)), hashlib.sha256)


def subkey(data_key, purpose):
    return mac(data_key, b"tatum-kms subkey", purpose)


def unseal(key, sealed, associated_data, what):
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], associated_data)
    except InvalidTag:
        raise Unreadable(f"{what} cannot be opened") from None


def unpad(padded):
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


def open_data_key(header, password):
    kdf = header["kdf"]
    if header["format"] != VERSION or kdf["algorithm"] != "argon2id":
        raise Unreadable("the store is of another format")
    if not all(FLOOR[name] <= kdf[name] <= CEILING[name] for name in FLOOR):
        raise Unreadable("the key derivation is outside what is safe")
    key = Argon2id(
        salt=bytes.fromhex(kdf["salt"]),
        length=32,
        iterations=kdf["passes"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    ).derive(unicodedata.normalize("NFKC", password).encode())
    bare = json.dumps({**header, "wrapped_key": ""}, separators=(",", ":")).encode()
    wrapped = bytes.fromhex(header["wrapped_key"])
    return unseal(key, wrapped, b"tatum-kms wallet store " + bare, "the data key (wrong password?)")


def read_wallet(keys, store, blind_index, public, secret):
    def part(name, sealed):
        data = f"tatum-kms record 1 {store} {name} ".encode() + blind_index
        return unpad(unseal(keys["records"], sealed, data, "a wallet"))

    shown, hidden = json.loads(part("public", public)), part("secret", secret)
    if mac(keys["index"], b"signature id", shown["id"].encode()) != blind_index:
        raise Unreadable("a wallet lies under the id of another")
    fields = {}
    for name, *value in shown["fields"]:
        if value:
            fields[name] = value[0]
            continue
        length = int.from_bytes(hidden[:4], "big")
        fields[name] = Secret(hidden[4 : 4 + length].decode())
        hidden = hidden[4 + length :]
    return shown["id"], fields


class Secret(str):
    """A text that is only shown when it is asked for."""


def check_manifest(keys, root, buckets, rows):
    opened = unseal(keys["manifest"], root, b"tatum-kms manifest root", "the manifest")
    count, total = int.from_bytes(opened[8:16], "big"), int.from_bytes(opened[16:48], "big")
    sums = dict.fromkeys(range(BUCKETS), 0)
    for bucket, blind_index, public, secret in rows:
        if bucket != int.from_bytes(blind_index[:2], "big") % BUCKETS:
            raise Unreadable("a wallet lies in a wrong bucket")
        digest = mac(keys["manifest"], b"record", blind_index, public[-16:], secret[-16:])
        sums[bucket] = (sums[bucket] + int.from_bytes(digest, "big")) % 2**256
    stored = {number: int.from_bytes(value, "big") for number, value in buckets}
    is_true = sums == {**dict.fromkeys(range(BUCKETS), 0), **stored}
    if len(rows) != count or sum(sums.values()) % 2**256 != total or not is_true:
        raise Unreadable("a wallet was added, removed, replaced or rolled back")


def read_store(path, password):
    if not Path(path).is_file():
        raise Unreadable("there is no such file")
    with sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True) as file:
        file.execute("begin")
        numbers = [file.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if numbers != [APPLICATION_ID, VERSION]:
            raise Unreadable("it is no wallet store of version 1")
        (header,) = file.execute("select bytes from header").fetchone()
        (root,) = file.execute("select bytes from root").fetchone()
        buckets = file.execute("select number, sum from bucket").fetchall()
        rows = file.execute(
            "select bucket, blind_index, public, secret from record order by place desc"
        ).fetchall()
    header = json.loads(header)
    data_key = open_data_key(header, password)
    keys = {name: subkey(data_key, name.encode()) for name in ("records", "index", "manifest")}
    check_manifest(keys, root, buckets, rows)
    wallets = (read_wallet(keys, header["store"], *row[1:]) for row in rows)
    return {name: fields for name, fields in wallets if "purgeAfter" not in fields}


def main():
    arguments = argparse.ArgumentParser(description="Lists the wallets of a store.")
    arguments.add_argument("--secrets", action="store_true", help="print the secrets too")
    arguments.add_argument("file", help="wallet.dat")
    arguments = arguments.parse_args()
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        wallets = read_store(arguments.file, password)
    except (Unreadable, sqlite3.Error, ValueError, KeyError) as problem:
        sys.exit(f"{arguments.file}: {problem}")
    if not arguments.secrets:
        wallets = {
            name: {field: "***" if isinstance(value, Secret) else value for field, value in own.items()}
            for name, own in wallets.items()
        }
    print(json.dumps(wallets, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
