/// Repairs the bash script that `clap_complete` writes, so that it completes the arguments of a
/// command.
///
/// For a program with a hyphen in its name, `clap_complete` spells each command's state in two
/// ways, so that none is ever matched (clap-rs/clap#6421). A script without this fault is left
/// unchanged.
#[must_use]
pub fn mend_bash(script: &str) -> String {
    script.replace("tatum__subcmd__kms__subcmd__", "tatum__kms__subcmd__")
}
