//! The operator's own program, which hears of payments that came to nothing.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use kms_core::Followed;
use serde_json::json;

use super::log::event;

/// Runs the program on a thread of its own: it may take its time. It gets nothing of this
/// process's environment but `PATH`.
pub(super) fn tell(program: &Path, chain: &str, network: &str, followed: &Followed) {
    let line = json!({
        "event": followed.progress.as_str(),
        "id": followed.id.as_str(),
        "chain": chain,
        "network": network,
        "txId": followed.txid,
        "reason": followed.reason,
    });
    let (program, line) = (program.to_owned(), format!("{line}\n"));
    let started = thread::Builder::new()
        .name(String::from("hook"))
        .spawn(move || run(&program, line.as_bytes()));
    if let Err(error) = started {
        event(&format!("the hook cannot be run: {error}"));
    }
}

fn run(program: &PathBuf, line: &[u8]) {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::null());
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    let outcome = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(line)?;
        }
        child.wait()
    });
    match outcome {
        Ok(status) if status.success() => (),
        Ok(status) => event(&format!("the hook {} exited with {status}", program.display())),
        Err(error) => event(&format!("the hook {} failed: {error}", program.display())),
    }
}
