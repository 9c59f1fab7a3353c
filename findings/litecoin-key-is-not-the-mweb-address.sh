#!/usr/bin/env bash
# Version: litecoind 0.21.2.1-1+b1 (Debian 12, unpacked, not installed), on regtest.
# Guess: The key that dumpprivkey gives for an MWEB address brings that address back when another wallet imports it,
#   and a line of dumpwallet names the one address of its key.
# Behaviour: An MWEB address is of two keys, and the one that is handed out is the key to spend with. The other, by
#   which a wallet finds its coins, is made from that wallet's own seed, so the wallet that imports the key shows
#   another tmweb1 address (its second half is the same, its first half is not) and does not know the old one. It gives
#   the key three ordinary addresses besides, and all four stand in one field of its dump, set apart by commas; in the
#   dump of the first wallet the path of the key, x/2, is none of BIP-32.
# Seen:
#   first wallet: addr=tmweb1 (the address asked for), hdkeypath=x/2
#   second wallet: addr=m,Q,rltc1,tmweb1 in one field
#   same address: no, same spending half: yes, first address is known to the second wallet: false
set -eu
dir=$(mktemp -d)
node=
trap 'if [ -n "$node" ]; then kill "$node"; wait "$node" || true; fi; rm -rf "$dir"' EXIT
cd "$dir"
mkdir -p cache/archives/partial root data
apt-get -qq -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root install -y --no-install-recommends --download-only \
    litecoind=0.21.2.1-1+b1 >/dev/null
for archive in cache/archives/*.deb; do dpkg-deb -x "$archive" root; done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/lib/litecoin/litecoind -regtest -datadir="$dir/data" -listen=0 \
    -server=1 -rpcuser=u -rpcpassword=p -rpcport="$port" -keypool=1 >/dev/null &
node=$!
cat >see.py <<'PY'
import base64
import json
import re
import sys
import time
import urllib.request

port, folder = sys.argv[1:]


def ask(wallet, method, *params):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/{wallet}",
        json.dumps({"method": method, "params": params}).encode(),
        {"Authorization": "Basic " + base64.b64encode(b"u:p").decode()},
    )
    return json.load(urllib.request.urlopen(request))["result"]


for attempt in range(100):
    try:
        ask("", "getblockcount")
        break
    except OSError:
        time.sleep(0.2)


def line_of(key, wallet):
    ask(f"wallet/{wallet}", "dumpwallet", f"{folder}/{wallet}.txt")
    return next(line for line in open(f"{folder}/{wallet}.txt") if line.startswith(key))


def yes(holds):
    return "yes" if holds else "no"


ask("", "createwallet", "first")
ask("", "createwallet", "second")
first = ask("wallet/first", "getnewaddress", "", "mweb")
key = ask("wallet/first", "dumpprivkey", first)
dumped = line_of(key, "first")
asked_for = re.search("addr=([^ ]+)", dumped)[1] == first
path = re.search("hdkeypath=([^ \n]+)", dumped)[1]
ask("wallet/second", "importprivkey", key, "", False)
addresses = re.search("addr=([^ \n]+)", line_of(key, "second"))[1].split(",")
kinds = ",".join(re.match("rltc1|tmweb1|m|n|Q", address)[0].replace("n", "m") for address in addresses)
second = addresses[-1]
spend = [ask("wallet/first", "getaddressinfo", address)["spend_pubkey"] for address in (first, second)]
known = ask("wallet/second", "getaddressinfo", first)["ismine"]
seen = [
    f"first wallet: addr=tmweb1 ({'the address asked for' if asked_for else 'another address'}), hdkeypath={path}",
    f"second wallet: addr={kinds} in one field",
    f"same address: {yes(first == second)}, same spending half: {yes(spend[0] == spend[1])}, "
    f"first address is known to the second wallet: {str(known).lower()}",
]
print("\n".join(seen))
if seen != [
    "first wallet: addr=tmweb1 (the address asked for), hdkeypath=x/2",
    "second wallet: addr=m,Q,rltc1,tmweb1 in one field",
    "same address: no, same spending half: yes, first address is known to the second wallet: false",
]:
    sys.exit("The behaviour has changed.")
PY
python3 see.py "$port" "$dir"
