#!/bin/sh
# tatum-kms-setup: asks for what the daemon cannot start without, and writes it where the unit
# looks for it. What is there already stays as it is. Questions may be answered on stdin, a line
# each.
set -eu

user=tatum-kms
home=/var/lib/tatum-kms
store=$home/.tatumrc/wallet.dat
environment=/etc/tatum-kms/tatum-kms.env
options=/etc/tatum-kms/options
credential=/etc/tatum-kms/password.cred
name=tatum-kms-password

fail() {
    echo "tatum-kms-setup: $*" >&2
    exit 1
}

ask() {
    printf '%s: ' "$1" >&2
    IFS= read -r answer || fail "no answer; nothing more is written"
}

ask_hidden() {
    if [ -t 0 ]; then
        trap 'stty echo' EXIT
        trap 'exit 1' INT TERM
        stty -echo
        ask "$1"
        stty echo
        trap - EXIT INT TERM
    else
        ask "$1"
    fi
    echo >&2
}

# A command of tatum-kms as the daemon's user, with the password that the daemon gets. The pipe that
# tatum-kms opens has to be that user's own, so `cat` stands between.
with_password() {
    # shellcheck disable=SC2016 # the inner shell's own
    systemd-creds decrypt --name="$name" "$credential" - |
        HOME=$home TATUM_KMS_PASSWORD_FD=0 runuser -u "$user" -- sh -c 'cat | "$@"' sh \
            tatum-kms --envFile "$environment" --password-source fd "$@"
}

[ "$(id -u)" = 0 ] || fail "only root may write below /etc: run it with sudo"
command -v systemd-creds >/dev/null ||
    fail "systemd 250 or later is needed; for an older one see the part \"Without systemd-creds\" of
/usr/share/doc/tatum-kms/install.md"
umask 077

if [ -e "$credential" ]; then
    echo "the password lies in $credential already" >&2
else
    [ ! -e "$store" ] || echo "$store is there: type the password that it has" >&2
    ask_hidden "password of the wallet store"
    password=$answer
    [ -n "$password" ] || fail "the password is empty"
    ask_hidden "the same again"
    [ "$password" = "$answer" ] || fail "the two differ"
    printf '%s' "$password" |
        systemd-creds encrypt --name="$name" - "$credential.new" ||
        fail "systemd-creds did not seal the password"
    mv "$credential.new" "$credential"
    unset password answer
fi

if grep -q '^[[:space:]]*TATUM_API_KEY[[:space:]]*[=:]' "$environment"; then
    echo "the API key stands in $environment already" >&2
else
    ask_hidden "API key of Tatum"
    case $answer in
    '' | *[!A-Za-z0-9._-]*) fail "an API key is made of letters, digits, dots, hyphens, underscores" ;;
    esac
    printf "TATUM_API_KEY='%s'\n" "$answer" >>"$environment"
fi

if [ "$(grep -v '^#' "$options")" != 'OPTIONS=""' ]; then
    echo "the daemon's options stand in $options already" >&2
else
    ask "URL of the four-eye endpoint that every transaction is checked with (empty: test networks)"
    case $answer in
    '') line='OPTIONS="--testnet"' ;;
    *[!A-Za-z0-9.:/_~-]*) fail "a URL without query, fragment, credentials and spaces is needed" ;;
    https://* | http://*) line="OPTIONS=\"--externalUrl $answer --externalUrlMethod POST\"" ;;
    *) fail "a four-eye endpoint's URL begins with https://" ;;
    esac
    sed "s|^OPTIONS=\"\"\$|$line|" "$options" >"$options.new"
    chmod 0644 "$options.new"
    mv "$options.new" "$options"
fi

network=
if grep -q '^OPTIONS=.*--testnet' "$options"; then
    network=--testnet
fi
if [ -e "$store" ]; then
    with_password report >/dev/null || fail "the password does not open $store; \
remove $credential and run this again"
    echo "the password opens $store" >&2
else
    ask "chain of the first wallet, such as ETH"
    # shellcheck disable=SC2086 # no word, or one
    with_password generatemanagedwallet "$answer" $network
    echo "the wallet lies in $store: back it up (tatum-kms backup create)" >&2
fi
echo "now: systemctl enable --now tatum-kms" >&2
