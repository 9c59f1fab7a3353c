#!/usr/bin/env bash
# Version: dotenv 16.4.7 (npm), python-dotenv 1.2.4 (PyPI), sh (dash 0.5.12) of Debian 12.
# Guess: A line of a .env file with a quoted password means the same to both readers, and what it means to a shell.
# Behaviour: dotenv takes off the first and the last character when they are the same quote, whatever stands between: a
#   backslash lets a quote through and stays in the value, and two strings are one with quotes inside, unless a # makes
#   a comment of the second. A value may begin on the next line after a colon, not after an equals sign. python-dotenv
#   drops the backslash, takes the line with two strings for none, without an error, and knows no colon.
# Seen:
#   P="a\"b": dotenv a\"b, python-dotenv a"b, sh a"b
#   P="a" "b": dotenv a" "b, python-dotenv absent, sh error
#   P="a" # "b": dotenv a, python-dotenv a, sh a
#   P:\na: dotenv a, python-dotenv absent, sh error
#   P=\na: dotenv empty, python-dotenv empty, sh error
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent dotenv@16.4.7
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-dotenv==1.2.4
cat >see.cjs <<'JS'
const { P } = require('dotenv').parse(require('node:fs').readFileSync('lines'));
console.log(P === undefined ? 'absent' : P || 'empty');
JS
cat >see.py <<'PY'
import logging

from dotenv import dotenv_values

logging.disable()  # "could not parse statement" is a log line
value = dotenv_values("lines").get("P")
print("absent" if value is None else value or "empty")
PY
for line in 'P="a\"b"' 'P="a" "b"' 'P="a" # "b"' 'P:\na' 'P=\na'; do
    printf '%s\n' "${line//'\n'/$'\n'}" >lines
    # shellcheck disable=SC2016 # the inner shell's P
    in_shell=$(sh -ec '. ./lines && printf %s "$P"' 2>/dev/null) || in_shell=error
    echo "$line: dotenv $(node see.cjs), python-dotenv $(venv/bin/python see.py), sh $in_shell"
done | tee seen.txt
[ "$(cat seen.txt)" = 'P="a\"b": dotenv a\"b, python-dotenv a"b, sh a"b
P="a" "b": dotenv a" "b, python-dotenv absent, sh error
P="a" # "b": dotenv a, python-dotenv a, sh a
P:\na: dotenv a, python-dotenv absent, sh error
P=\na: dotenv empty, python-dotenv empty, sh error' ] || { echo 'The behaviour has changed.'; exit 1; }
