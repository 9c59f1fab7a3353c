/// Makes the script that `clap_complete` writes for bash complete what comes after a command.
///
/// For a program with a hyphen in its name it spells each command's state in two ways, so that none
/// is ever found (clap-rs/clap#6421). Leaves a script alone where that is mended.
#[must_use]
pub fn mend_bash(script: &str) -> String {
    script.replace("tatum__subcmd__kms__subcmd__", "tatum__kms__subcmd__")
}
