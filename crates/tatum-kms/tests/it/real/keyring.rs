//! The password from a keyring.

use std::process::Command;

use super::program;
use crate::{
    locked::locked,
    program::{PASSWORD, Ran},
};

/// GNOME's keyring on a session bus of its own, with an entry made by libsecret's tool.
#[test]
fn a_keyring_gives_the_password() {
    let Some(session) = program("keyring") else { return };
    let place = locked();
    let (other, run) = (place.path().join("run"), place.path().join("script"));
    std::fs::create_dir(&other).expect("made");
    let script = "printf login | gnome-keyring-daemon --unlock --components=secrets >&2\n\"$@\"; \
                  echo \"first: $?\"\nprintf %s \"$SECRET\" | secret-tool store --label=x service \
                  tatum-kms account wallet\n\"$@\"; echo \"second: $?\"\nprintf other | \
                  secret-tool store --label=x service tatum-kms account wallet\n\"$@\"; echo \
                  \"third: $?\"\n";
    std::fs::write(&run, script).expect("written");
    let place = place
        .with("XDG_RUNTIME_DIR", other.to_str().expect("a path"))
        .with("PATH", "/usr/bin:/bin")
        .with("SECRET", PASSWORD);
    let mut command = Command::new(session);
    command.args(["sh", run.to_str().expect("a path")]);
    let try_it = ["checkconfig", "--password-source", "keyring", "--try"];
    let ran = Ran::of(&place.run_by(command, &try_it));
    assert!(ran.stdout.contains("first: 3"), "{ran:?}");
    assert!(ran.stderr.contains("secret-tool store --label=tatum-kms"), "{ran:?}");
    assert!(ran.stdout.contains("fetched; it opens the wallet store"), "{ran:?}");
    assert!(ran.stdout.contains("second: 0") && ran.stdout.contains("third: 3"), "{ran:?}");
    assert!(ran.stderr.contains("wrong password"), "{ran:?}");
}
