//! The daemon's lives: it is started, killed, asked to stop, and started again.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use crate::program::Place;

/// A step in hand may be a request that hangs, and a few more.
const STOP_TIME: Duration = Duration::from_secs(60);
/// The time that a daemon needs to open everything and poll once.
const WARM_UP: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) starts: u32,
    pub(super) kills: u32,
    pub(super) stops: u32,
    /// The exit statuses that nobody asked for.
    pub(super) wrong_ends: Vec<String>,
}

pub(super) struct Lives<'a> {
    place: &'a Place,
    arguments: Vec<String>,
    child: Child,
    started: Instant,
    /// Memory of this life, in kB, with the time since its start.
    resident: Vec<(Duration, u64)>,
    pub(super) counts: Counts,
}

impl<'a> Lives<'a> {
    pub(super) fn begin(place: &'a Place, arguments: &[&str]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(|one| (*one).to_owned()).collect();
        let child = start(place, &arguments);
        let counts = Counts { starts: 1, ..Counts::default() };
        let (started, resident) = (Instant::now(), Vec::new());
        Self { place, arguments, child, started, resident, counts }
    }

    pub(super) fn kill(&mut self) {
        self.counts.kills += 1;
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
        self.again();
    }

    /// SIGTERM, and a new start.
    pub(super) fn stop(&mut self) {
        self.end();
        self.again();
    }

    /// SIGTERM, for the last time.
    pub(super) fn end(&mut self) {
        self.counts.stops += 1;
        let pid = rustix::process::Pid::from_child(&self.child);
        // It may have ended by itself, which the status shows.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let deadline = Instant::now() + STOP_TIME;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a status") {
                if !status.success() {
                    self.counts.wrong_ends.push(format!("asked to stop, it ended with {status}"));
                }
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.counts.wrong_ends.push(format!("asked to stop, it did not in {STOP_TIME:?}"));
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }

    /// Starts it again if it has ended by itself, which it must not; notes its memory.
    pub(super) fn look(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a status") {
            self.counts.wrong_ends.push(format!("it ended by itself with {status}"));
            self.again();
        }
        let age = self.started.elapsed();
        if let Some(resident) = resident(self.child.id()).filter(|_| age > WARM_UP) {
            self.resident.push((age, resident));
        }
    }

    fn again(&mut self) {
        self.child = start(self.place, &self.arguments);
        self.started = Instant::now();
        self.resident.clear();
        self.counts.starts += 1;
    }

    /// Memory of this life, in kB: the median of its first quarter and of its last, and how long
    /// it was.
    pub(super) fn memory(&self) -> (u64, u64, Duration) {
        let quarter = self.resident.len().div_ceil(4);
        let (first, last) =
            (&self.resident[..quarter], &self.resident[self.resident.len() - quarter..]);
        (median(first), median(last), self.started.elapsed())
    }

    /// The last line of the log that names a transaction.
    pub(super) fn last_word(&self, id: &str) -> String {
        let log = std::fs::read_to_string(log_path(self.place)).expect("the log");
        let word = log.lines().rev().find(|line| line.contains(&format!("{id}:")));
        word.unwrap_or("the log does not name it").to_owned()
    }

    pub(super) fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(log_path(self.place)).expect("the log");
        let lines: Vec<_> = log.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Lives<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_path(place: &Place) -> PathBuf {
    place.path().join("daemon.log")
}

fn start(place: &Place, arguments: &[String]) -> Child {
    let log: File =
        OpenOptions::new().create(true).append(true).open(log_path(place)).expect("a log");
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut command = place.command(&arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("the program starts")
}

/// The physical memory of a process, in kB.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn median(samples: &[(Duration, u64)]) -> u64 {
    let mut values: Vec<_> = samples.iter().map(|(_, value)| *value).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
