//! `/proc/self/mountinfo`, as proc_pid_mountinfo(5) describes it.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

/// Fields before the mount's root: its id, its parent's, its device.
const BEFORE_ROOT: usize = 3;

/// One line of the table.
#[derive(Debug)]
pub(super) struct Mount {
    /// Folder of the file system that is seen at the mount point.
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    /// Name of the file system: `ext4`, `overlay`.
    pub(super) kind: String,
}

/// Everything that this process sees mounted.
#[derive(Debug)]
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    pub(super) fn read() -> io::Result<Self> {
        fs::read("/proc/self/mountinfo").map(|table| Self::parse(&table))
    }

    /// A line that is not understood is left out.
    pub(super) fn parse(table: &[u8]) -> Self {
        Self(table.split(|byte| *byte == b'\n').filter_map(parse_line).collect())
    }

    /// The mount that an absolute path without symbolic links lies on. The last of several mounts
    /// at one point covers the others.
    pub(super) fn of(&self, path: &Path) -> Option<&Mount> {
        let covering = self.0.iter().filter(|mount| path.starts_with(&mount.point));
        covering.max_by_key(|mount| mount.point.components().count())
    }
}

/// Optional fields stand between the mount options and a lone hyphen.
fn parse_line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ').skip(BEFORE_ROOT);
    let (root, point) = (unescape(fields.next()?), unescape(fields.next()?));
    fields.find(|field| *field == b"-")?;
    let kind = String::from_utf8_lossy(fields.next()?).into_owned();
    Some(Mount { root, point, kind })
}

/// White space and backslashes stand as three octal digits after a backslash.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'\\').then(|| octal(after)).flatten();
        let (byte, length) = escaped.map_or((*first, 0), |byte| (byte, 3));
        bytes.push(byte);
        rest = after.get(length..).unwrap_or_default();
    }
    PathBuf::from(OsString::from_vec(bytes))
}

fn octal(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits.get(..3)?).ok()?;
    u8::from_str_radix(digits, 8).ok()
}
