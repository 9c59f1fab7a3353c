//! Protections requested from the kernel before any secret is in memory.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core file is written when the process dies, and no other process of the same user may
/// trace it or read its memory.
///
/// # Errors
/// When the kernel refuses. Then nothing secret should be read.
pub(crate) fn forbid_dumps() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
