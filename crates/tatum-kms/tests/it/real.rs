//! The program against real nodes and services, which `cargo xtask test` installs in `target/real`.

mod aws;
mod bitcoin;
mod evm;
mod keyring;
mod node;
mod vault;

use std::path::PathBuf;

/// A program that was installed for these tests, or `None` where they are to be left out.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    if std::env::var_os("KMS_SKIP_REAL").is_some() {
        return None;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/real");
    let program = folder.join(format!("run-{name}"));
    assert!(
        program.exists(),
        "{} is not installed: run `cargo xtask real`, or set KMS_SKIP_REAL=1",
        program.display()
    );
    Some(program)
}
