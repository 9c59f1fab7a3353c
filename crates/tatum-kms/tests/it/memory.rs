//! What is left of secrets where others could look.

use std::{fs, os::unix::process::ExitStatusExt as _, process::Command, time::Duration};

use crate::{mock::Mock, program::Place};

/// A daemon that dies writes no core file, even where the system would let it.
#[test]
fn no_core_is_written() {
    let mock = Mock::start();
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
    assert_eq!(place.run(&["generatemanagedwallet", "ETH", "--testnet"]).code, Some(0));
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""]);
    let mut daemon = place.start_by(shell, &["daemon", "--testnet"]);
    while mock.polled("ETH").is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.expect("a line").split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
    let pid = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).expect("it is told");
    let status = daemon.wait().expect("it dies");
    assert!(status.signal().is_some() && !status.core_dumped(), "{status:?}");
}
