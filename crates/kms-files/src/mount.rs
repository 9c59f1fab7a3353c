use std::path::Path;

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use crate::folder_of;

/// Tells whether a file that is there lies on another mount than its folder, so that nothing beside
/// it goes where it goes.
#[must_use]
pub fn is_mounted_alone(file: &Path) -> bool {
    let mount = |path: &Path| {
        let flags = StatxFlags::MNT_ID | StatxFlags::BASIC_STATS;
        let found = statx(CWD, path, AtFlags::empty(), flags).ok()?;
        // A kernel that does not know mounts by number leaves it zero.
        Some((found.stx_mnt_id, found.stx_dev_major, found.stx_dev_minor))
    };
    match (mount(file), mount(folder_of(file))) {
        (Some(file), Some(folder)) => file != folder,
        _ => false,
    }
}
