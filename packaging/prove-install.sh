#!/bin/sh
# prove-install.sh DIR: takes the release in DIR to a fresh Debian 12 that systemd has booted, and
# from `apt install` to a daemon that signs in three commands; then removes and purges it. Before
# that, the portable program runs the demo in a root where nothing else was installed.
#
# Needs root, and Debian's mmdebstrap and systemd-container. Everything happens in a folder of its
# own, which is removed. The container may lock memory, which systemd-nspawn forbids by default.
set -eu

release=$(cd "$1" && pwd)
place=$(mktemp -d)
chmod 0755 "$place"
container=
finish() {
    if [ -n "$container" ]; then
        kill "$container" 2>/dev/null || true
        wait "$container" 2>/dev/null || true
    fi
    rm -rf "$place"
}
trap finish EXIT
trap 'exit 1' INT TERM

now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)) ms; }
say() { printf '\n== %s\n' "$*"; }
fail() {
    echo "prove-install.sh: $*" >&2
    exit 1
}

say "a root of Debian 12 with nothing but apt"
mmdebstrap --quiet --variant=minbase bookworm "$place/small"
tar -xzf "$release"/tatum-kms-*-x86_64-linux.tar.gz -C "$place/small/opt"
if chroot "$place/small" sh -c 'command -v rustc || command -v cc'; then
    fail "the root has a compiler"
fi
start=$(now)
chroot --userspec=65534:65534 "$place/small" env -i HOME=/tmp \
    sh -c '/opt/tatum-kms-*-x86_64-linux/tatum-kms demo' >"$place/demo" 2>&1 ||
    fail "the demo failed: $(cat "$place/demo")"
tail -n 1 "$place/demo"
echo "the portable program ran the demo: $(since "$start")"

say "a root of Debian 12 that systemd boots"
mmdebstrap --quiet --variant=minbase \
    --include=systemd,systemd-sysv,dbus,ca-certificates,adduser,curl,man-db bookworm "$place/root"
cp "$release"/tatum-kms_*_amd64.deb "$place/root/root/tatum-kms.deb"
systemd-nspawn --quiet --register=no --keep-unit --directory="$place/root" --boot \
    --console=pipe --capability=CAP_IPC_LOCK --system-call-filter=@memlock \
    </dev/null >"$place/console" 2>&1 &
container=$!
first=
# A command in the container, as root.
inside() {
    nsenter --target "$first" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LANG=C.UTF-8 SYSTEMD_PAGER=cat sh -eu -c "cd /root; $1"
}
tries=0
until [ -n "$first" ] && inside 'systemctl is-system-running' >"$place/state" 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || fail "systemd does not come up: $(cat "$place/state" "$place/console")"
    sleep 1
    first=$(pgrep -P "$container" | head -n 1)
done
echo "systemd: $(cat "$place/state"), $(inside 'systemctl --version | head -n 1')"

say "three commands"
inside 'apt-get update -qq'
start=$(now)
inside 'apt install -y ./tatum-kms.deb' >"$place/apt" 2>&1 || fail "$(cat "$place/apt")"
echo "apt install ./tatum-kms.deb: $(since "$start")"
if inside 'systemctl is-active tatum-kms'; then
    fail "it runs before it has a password"
fi
if inside 'systemctl start tatum-kms' 2>"$place/start"; then
    fail "it starts without a password"
fi
cat "$place/start"
# The API is played by the program's own sandbox. It is named, so that the daemon has to look it up.
inside 'systemd-run -q --unit=api tatum-kms sandbox --port 8888
    grep -qw localhost /etc/hosts || echo "127.0.0.1 localhost" >>/etc/hosts
    echo "TATUM_API_URL=http://localhost:8888" >>/etc/tatum-kms/tatum-kms.env'
start=$(now)
inside 'printf "%s\n" "correct horse" "correct horse" key-1 "" ETH | tatum-kms-setup' \
    >"$place/wallet" 2>"$place/setup" || fail "$(cat "$place/setup")"
echo "tatum-kms-setup: $(since "$start")"
start=$(now)
inside 'systemctl enable --now tatum-kms' 2>&1 || fail "$(inside 'journalctl -u tatum-kms')"
echo "systemctl enable --now tatum-kms: $(since "$start")"
inside 'systemctl show tatum-kms -p Type -p ActiveState -p SubState -p NRestarts'
main=$(inside 'systemctl show tatum-kms -p MainPID --value')
inside "grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp|VmLck):' /proc/$main/status"
inside "grep -q '^VmLck:.*[1-9]' /proc/$main/status" || fail "no memory is locked"

say "a transaction"
id=$(sed -n 's/.*"signatureId": "\(.*\)".*/\1/p' "$place/wallet")
user='HOME=/var/lib/tatum-kms runuser -u tatum-kms --'
address=$(inside "systemd-creds decrypt --name=tatum-kms-password /etc/tatum-kms/password.cred - |
    $user sh -c 'cat | TATUM_KMS_PASSWORD_FD=0 tatum-kms getaddress $id 0'" |
    sed -n 's/.*"address": "\(.*\)".*/\1/p')
inside "curl -sS --fail-with-body http://127.0.0.1:8888/sandbox/transactions -d '{
  \"pending\": {\"chain\": \"ETH\", \"hashes\": [\"$id\"], \"index\": 0, \"serializedTransaction\":
    \"{\\\"to\\\":\\\"0x52908400098527886E0F7030069857D2E4169EE7\\\",\\\"value\\\":\\\"1\\\"}\"},
  \"expect\": {\"network\": \"testnet\", \"signers\": [{\"address\": \"$address\"}]}}'" >/dev/null
tries=0
until inside 'curl -sS http://127.0.0.1:8888/sandbox/transactions' | grep -q verified; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || fail "not signed: $(inside 'journalctl -u tatum-kms')"
    sleep 1
done
echo "signed, broadcast and verified for $address"

say "the unit"
inside 'systemd-analyze verify tatum-kms.service' >"$place/verify" 2>&1
[ ! -s "$place/verify" ] || fail "systemd-analyze verify: $(cat "$place/verify")"
inside 'systemd-analyze security --threshold=15 tatum-kms.service | tail -n 1'
inside 'systemctl reload tatum-kms; sleep 1; systemctl is-active tatum-kms'

say "installing again restarts it, removing ends it, purging leaves the wallets"
inside 'apt install -y --reinstall ./tatum-kms.deb' >"$place/apt" 2>&1 || fail "$(cat "$place/apt")"
old=$main
main=$(inside 'systemctl show tatum-kms -p MainPID --value')
[ "$main" != "$old" ] || fail "the old one runs on"
inside 'systemctl is-active tatum-kms'
inside 'apt-get remove -y tatum-kms' >"$place/apt" 2>&1 || fail "$(cat "$place/apt")"
if inside "systemctl is-active tatum-kms || ls -d /proc/$main"; then
    fail "it runs on"
fi
inside 'apt-get purge -y tatum-kms' >"$place/apt" 2>&1 || fail "$(cat "$place/apt")"
grep stays "$place/apt"
inside 'ls /var/lib/tatum-kms/.tatumrc/wallet.dat /etc/tatum-kms/password.cred'
if inside 'ls /etc/tatum-kms/tatum-kms.env' 2>/dev/null; then
    fail "the API key is left"
fi
inside 'apt install -y ./tatum-kms.deb' >"$place/apt" 2>&1 || fail "$(cat "$place/apt")"
inside "systemd-creds decrypt --name=tatum-kms-password /etc/tatum-kms/password.cred - |
    $user sh -c 'cat | TATUM_KMS_PASSWORD_FD=0 tatum-kms report'" | grep -q "$id" ||
    fail "the wallet does not open after installing again"
echo "the wallet opens after installing again"
say "done"
