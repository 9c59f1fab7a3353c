//! The ledger's own tests, over files.

use std::{cell::Cell, sync::Arc};

use kms_core::Ledger;
use kms_testkit::ledger_suite::Backend;

use super::*;

thread_local! {
    /// The journal asks for the time on the thread that calls it, and each test has one of its own.
    static NOW: Cell<u64> = const { Cell::new(1_000) };
}

struct Files {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Files {
    fn new() -> Self {
        let (directory, path) = place();
        Self { _directory: directory, path }
    }
}

impl Backend for Files {
    fn open(&self) -> Arc<dyn Ledger> {
        Arc::new(SqliteJournal::open(&self.path, || NOW.get()).unwrap())
    }

    fn set_time(&self, now: u64) {
        NOW.set(now);
    }
}

kms_testkit::ledger_suite!(Files::new());
