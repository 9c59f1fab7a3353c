//! Completions, judged by the shells themselves where they are installed.

use std::{path::Path, process::Command};

use crate::program::Place;

/// Runs a script in a shell and returns its output; `None` if the shell is not installed.
fn ask(shell: &str, arguments: &[&str], directory: &Path) -> Option<String> {
    let asked = Command::new(shell).args(arguments).current_dir(directory).output();
    let answer = asked.ok()?;
    let stderr = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success() && stderr.is_empty(), "{shell} {arguments:?}: {stderr}");
    Some(String::from_utf8_lossy(&answer.stdout).into_owned())
}

#[test]
fn each_shell_takes_its_completions_and_finds_commands_and_flags_by_them() {
    // Nothing need be configured, and nothing wrong in a configuration is in the way.
    let place = Place::new().with("TATUM_API_URL", "no URL");
    for shell in ["bash", "zsh", "fish"] {
        let printed = place.run(&["completions", shell]);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{shell}");
        place.write(shell, &printed.stdout, 0o600);
        ask(shell, &["-n", shell], place.path());
    }
    let of_bash = |words: &str| {
        let script = format!(
            "source ./bash; words=({words}); COMP_WORDS=(\"${{words[@]}}\"); \
             COMP_CWORD=$((${{#words[@]}} - 1)); named=$(complete -p tatum-kms); \
             named=${{named#*-F }}; ${{named%% *}} tatum-kms \"${{words[-1]}}\" \"${{words[-2]}}\"; \
             echo \"${{COMPREPLY[@]}}\""
        );
        ask("bash", &["--norc", "-c", &script], place.path())
    };
    for (words, found) in [
        ("tatum-kms pen", "pending"),
        ("tatum-kms pending ret", "retry"),
        ("tatum-kms daemon --runO", "--runOnce"),
    ] {
        if let Some(told) = of_bash(words) {
            assert_eq!(told.trim(), found, "{words}");
        }
    }
    let script = "source ./fish; complete -C 'tatum-kms pending ret'";
    if let Some(told) = ask("fish", &["--no-config", "-c", script], place.path()) {
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.starts_with("retry\t"), "{told}");
    }
}

#[test]
fn a_shell_without_completions_is_refused() {
    let place = Place::new();
    place.run(&["completions", "tcsh"]).fails(2, "tcsh");
}
