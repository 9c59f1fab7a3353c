//! The claims beside the store: which daemons sign there, on which journal, as of when. Two daemons
//! on one journal are safe; two on different journals are not.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use kms_core::JournalId;
use serde_json::{Value, json};

const ENDING: &str = ".claim";
/// A claim that was not renewed for so long counts for nothing.
const FRESH_FOR: Duration = Duration::from_mins(3);
const BYTES_MAX: usize = 64 << 10;

/// The daemon that signs for a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Claim {
    pub(crate) host: String,
    /// The running system and what numbers its processes: changes with each boot, and from one
    /// container to the next.
    system: String,
    pub(crate) pid: u32,
    journal: String,
    /// In milliseconds since 1970.
    at: u64,
}

impl Claim {
    /// The claim of this process.
    pub(crate) fn own(journal: JournalId, now: u64) -> Self {
        let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let line = |path| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        Self {
            host: line("/proc/sys/kernel/hostname"),
            system: format!("{} {}", line("/proc/sys/kernel/random/boot_id"), namespace.display()),
            pid: std::process::id(),
            journal: journal.to_string(),
            at: now,
        }
    }

    /// Returns true if another process may be signing with another journal. `own` is the claim of
    /// this process; without a journal it is about to create one, which always differs.
    fn forbids(&self, own: &Self, has_journal: bool, runs: impl Fn(u32) -> bool) -> bool {
        let is_gone = self.is_here(own) && !runs(self.pid);
        let is_same_journal = has_journal && self.journal == own.journal;
        self.is_fresh(own.at) && !is_same_journal && !is_gone
    }

    fn is_here(&self, own: &Self) -> bool {
        (&self.host, &self.system) == (&own.host, &own.system)
    }

    fn is_fresh(&self, now: u64) -> bool {
        u128::from(self.at.abs_diff(now)) < FRESH_FOR.as_millis()
    }

    fn is_same_process(&self, other: &Self) -> bool {
        (&self.host, &self.system, self.pid) == (&other.host, &other.system, other.pid)
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            host: text("host")?,
            system: text("system")?,
            pid: u32::try_from(value.get("pid")?.as_u64()?).ok()?,
            journal: text("journal")?,
            at: value.get("at")?.as_u64()?,
        })
    }

    fn to_json(&self) -> Value {
        let Self { host, system, pid, journal, at } = self;
        json!({ "host": host, "system": system, "pid": pid, "journal": journal, "at": at })
    }
}

/// The daemon of a store that is known to be alive.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Life {
    /// A process of this system, which renewed its claim so many milliseconds ago.
    Here {
        pid: u32,
        renewed: u64,
    },
    /// One of another host or container.
    Elsewhere {
        host: String,
    },
    Nobody,
}

impl Life {
    /// `own` is the claim of this process.
    fn of(claims: Vec<Claim>, own: &Claim, runs: impl Fn(u32) -> bool) -> Self {
        let mut fresh: Vec<_> = claims.into_iter().filter(|claim| claim.is_fresh(own.at)).collect();
        if let Some(here) = fresh.iter().find(|claim| claim.is_here(own) && runs(claim.pid)) {
            return Self::Here { pid: here.pid, renewed: own.at.saturating_sub(here.at) };
        }
        fresh.retain(|claim| !claim.is_here(own));
        let elsewhere = fresh.into_iter().next();
        elsewhere.map_or(Self::Nobody, |claim| Self::Elsewhere { host: claim.host })
    }
}

/// The file with the claim. If two processes write at once, one claim may be lost until it is
/// renewed.
#[derive(Clone, Debug)]
pub(crate) struct ClaimFile(PathBuf);

impl ClaimFile {
    pub(crate) fn of(store: &Path) -> Self {
        Self(kms_files::beside(store, ENDING))
    }

    /// The claim of a daemon that may be signing on another journal.
    pub(crate) fn foreign(&self, journal: Option<JournalId>, now: u64) -> Option<Claim> {
        let own = Claim::own(journal.unwrap_or(JournalId([0; 16])), now);
        let mut claims = self.read().into_iter();
        claims.find(|claim| claim.forbids(&own, journal.is_some(), runs_here))
    }

    /// Looks for a daemon of the store.
    ///
    /// # Errors
    /// When there is a file of claims that this user must not read.
    pub(crate) fn look(&self, now: u64) -> io::Result<Life> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Life::Nobody),
            Err(error) => return Err(error),
        };
        let (claims, own) = (read_claims(&text), Claim::own(JournalId([0; 16]), now));
        Ok(Life::of(claims, &own, runs_here))
    }

    fn read(&self) -> Vec<Claim> {
        read_claims(&fs::read_to_string(&self.0).unwrap_or_default())
    }

    /// Claims the store, or renews the claim.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(crate) fn renew(&self, own: &Claim) -> io::Result<()> {
        let mut claims = self.read();
        claims.retain(|claim| claim.is_fresh(own.at) && !claim.is_same_process(own));
        claims.push(own.clone());
        self.write(&claims)
    }

    /// Takes this process's own claim away.
    pub(crate) fn release(&self, own: &Claim) {
        let mut claims = self.read();
        let before = claims.len();
        claims.retain(|claim| !claim.is_same_process(own));
        if claims.is_empty() {
            let _ = fs::remove_file(&self.0);
        } else if claims.len() < before {
            let _ = self.write(&claims);
        }
    }

    fn write(&self, claims: &[Claim]) -> io::Result<()> {
        let text = Value::Array(claims.iter().map(Claim::to_json).collect()).to_string();
        kms_files::replace(&self.0, text.as_bytes())
    }
}

/// Reads what daemons wrote. A claim that cannot be read was written by no daemon, or not to its
/// end.
fn read_claims(text: &str) -> Vec<Claim> {
    let value = if text.len() > BYTES_MAX { Value::Null } else { text.parse().unwrap_or_default() };
    value.as_array().into_iter().flatten().filter_map(Claim::read).collect()
}

/// Without `/proc` nobody is known to be gone.
fn runs_here(pid: u32) -> bool {
    let proc = Path::new("/proc");
    !proc.join("self").exists() || proc.join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000_000;
    const JOURNAL: JournalId = JournalId([1; 16]);

    fn claim(host: &str, pid: u32, journal: JournalId, at: u64) -> Claim {
        Claim {
            host: host.to_owned(),
            system: String::from("boot"),
            pid,
            journal: journal.to_string(),
            at,
        }
    }

    #[test]
    fn only_a_fresh_claim_on_another_journal_by_somebody_who_lives_forbids() {
        let own = claim("here", 1, JOURNAL, NOW);
        let other = JournalId([2; 16]);
        let (alive, dead) = (|_| true, |_| false);
        assert!(claim("there", 9, other, NOW - 179_000).forbids(&own, true, dead));
        assert!(claim("here", 9, other, NOW).forbids(&own, true, alive));
        assert!(claim("there", 9, JOURNAL, NOW).forbids(&own, false, alive), "a new journal");
        assert!(!claim("there", 9, JOURNAL, NOW).forbids(&own, true, alive), "the same journal");
        assert!(!claim("there", 9, other, NOW - 181_000).forbids(&own, true, alive), "stale");
        assert!(
            !claim("there", 9, other, NOW + 181_000).forbids(&own, true, alive),
            "a wrong clock"
        );
        assert!(!claim("here", 9, other, NOW).forbids(&own, true, dead), "its process is gone");
        let elsewhere = Claim { system: String::from("other"), ..claim("here", 1, other, NOW) };
        assert!(elsewhere.forbids(&own, true, dead), "another machine or container of that name");
    }

    #[test]
    fn a_daemon_lives_while_its_process_runs_here_and_renews_its_claim() {
        let own = claim("here", 7, JOURNAL, NOW);
        let life = |claims: &[&Claim], runs: bool| {
            Life::of(claims.iter().copied().cloned().collect(), &own, |_| runs)
        };
        let here = claim("here", 1, JOURNAL, NOW - 179_000);
        let there = claim("there", 2, JOURNAL, NOW);
        let alive = Life::Here { pid: 1, renewed: 179_000 };
        let elsewhere = Life::Elsewhere { host: String::from("there") };
        assert_eq!(life(&[&there, &here], true), alive);
        assert_eq!(life(&[&here], false), Life::Nobody, "its process is gone");
        assert_eq!(life(&[&here, &there], false), elsewhere);
        let silent = claim("here", 1, JOURNAL, NOW - 181_000);
        assert_eq!(life(&[&silent], true), Life::Nobody, "it hangs");
        assert_eq!(life(&[], true), Life::Nobody);
    }

    #[test]
    fn claims_stand_side_by_side_and_each_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = ClaimFile::of(&folder.path().join("wallet.dat"));
        let path = folder.path().join("wallet.dat.claim");
        assert!(file.foreign(None, NOW).is_none());
        let (one, two) = (claim("there", 9, JOURNAL, NOW), claim("there", 10, JOURNAL, NOW));
        let stale = claim("there", 11, JOURNAL, NOW - 181_000);
        for claim in [&stale, &one, &two, &one] {
            file.renew(claim).unwrap();
        }
        assert_eq!(file.read(), [two.clone(), one.clone()]);
        assert_eq!(file.foreign(None, NOW), Some(two.clone()));
        assert_eq!(file.foreign(Some(JOURNAL), NOW), None);
        file.release(&two);
        file.release(&Claim::own(JOURNAL, NOW));
        assert_eq!(file.read(), std::slice::from_ref(&one));
        file.release(&one);
        assert!(!path.exists());
        for garbage in ["", "{}", r#"[{"host":1}]"#, "[7]"] {
            fs::write(&path, garbage).unwrap();
            assert!(file.foreign(None, NOW).is_none(), "{garbage}");
        }
    }
}
