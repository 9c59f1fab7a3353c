#!/usr/bin/env bash
# Version: clap_complete 4.6.12 with clap 4.6.9 (crates.io), asked in bash 5.2 (Debian 12).
# Guess: The completions for bash that are written for a program are right whatever its name is.
# Behaviour: With a hyphen in the program's name, nothing after a subcommand is completed: the part of the script that
#   reads the words calls the state my__kms__subcmd__backup, the part that answers waits for
#   my__subcmd__kms__subcmd__backup. bash takes the script without an error, and the first word is completed, so a look
#   at it in a shell finds nothing wrong. (clap-rs/clap#6421)
# Seen:
#   mykms b: backup
#   mykms backup v: verify
#   my-kms b: backup
#   my-kms backup v: nothing
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
clap = { version = "=4.6.9", default-features = false, features = ["std"] }
clap_complete = "=4.6.12"
TOML
cat >src/main.rs <<'RS'
use clap::Command;
use clap_complete::{generate, shells::Bash};

fn main() {
    for name in ["mykms", "my-kms"] {
        let backup = Command::new("backup").subcommand(Command::new("verify"));
        let mut script = Vec::new();
        generate(Bash, &mut Command::new(name).subcommand(backup), name, &mut script);
        std::fs::write(name, script).expect("written");
    }
}
RS
CARGO_TARGET_DIR=$dir/target cargo run --quiet
# What bash would put in place of the last word.
ask() {
    bash --norc -c '
        . "./$1"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        "_${1//-/__}" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "$*: ${COMPREPLY[*]:-nothing}"' bash "$@"
}
{ ask mykms b; ask mykms backup v; ask my-kms b; ask my-kms backup v; } | tee seen.txt
[ "$(cat seen.txt)" = 'mykms b: backup
mykms backup v: verify
my-kms b: backup
my-kms backup v: nothing' ] || { echo 'The behaviour has changed.'; exit 1; }
