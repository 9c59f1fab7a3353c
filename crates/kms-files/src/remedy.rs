//! Errors of the operating system, in its words and with a remedy.

use std::{fmt, io};

use rustix::io::Errno;

/// An error of the operating system, displayed with its remedy.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a>(&'a io::Error);

/// Displays an error with its remedy, if one is known.
#[must_use]
pub const fn told(error: &io::Error) -> Told<'_> {
    Told(error)
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        Errno::from_io_error(self.0)
            .and_then(remedy)
            .map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}

const fn remedy(error: Errno) -> Option<&'static str> {
    Some(match error {
        Errno::ROFS => {
            "mount the file system writable (without `ro`) for commands that change the store"
        }
        Errno::XDEV => {
            "the file is on another mount than its folder: mount the folder, not the file alone"
        }
        Errno::BUSY => {
            "the file is mounted by itself and cannot be replaced: mount the folder, not the file \
             alone"
        }
        Errno::ACCESS => {
            "run the program as the owner of file and folder, or give this user access (chown, \
             chmod; in a container, --user)"
        }
        Errno::PERM => {
            "run the program as the owner of the file, and check whether it is immutable (lsattr)"
        }
        Errno::NOSPC => "free some space; nothing was replaced",
        Errno::DQUOT => "free some space, or raise this user's disk quota",
        Errno::FBIG => "the file would exceed this user's file size limit: see `ulimit -f`",
        Errno::LOOP => "its symbolic links form a loop: name the file itself",
        Errno::NAMETOOLONG => "use a shorter path",
        Errno::NOENT => "check the path; a symbolic link may be broken",
        Errno::NOTDIR => "a part of the path is a file, not a folder: check the path",
        Errno::ISDIR => "name a file, not a folder",
        Errno::MFILE | Errno::NFILE => "raise the limit of open files (`ulimit -n`, LimitNOFILE=)",
        Errno::MLINK => "the file has too many hard links: move the `.legacy` files away",
        Errno::STALE => "the network file system lost the file: mount it again",
        Errno::IO => {
            "the disk could not be read or written: check it (`dmesg`), and restore the file from \
             a backup if it is damaged"
        }
        Errno::NOLCK | Errno::OPNOTSUPP => {
            "the file system does not support locks or hard links: use a local one"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_comes_with_what_to_do() {
        for (error, advice) in [
            (Errno::ROFS, "without `ro`"),
            (Errno::XDEV, "mount the folder"),
            (Errno::BUSY, "mount the folder"),
            (Errno::ACCESS, "run the program as the owner"),
            (Errno::PERM, "run the program as the owner"),
            (Errno::NOSPC, "free some space"),
            (Errno::DQUOT, "quota"),
            (Errno::LOOP, "name the file itself"),
            (Errno::NOTDIR, "not a folder"),
            (Errno::ISDIR, "name a file, not a folder"),
            (Errno::MFILE, "ulimit -n"),
            (Errno::IO, "dmesg"),
        ] {
            let error = io::Error::from(error);
            let said = told(&error).to_string();
            assert!(said.starts_with(&error.to_string()) && said.contains(advice), "{said}");
        }
    }

    #[test]
    fn a_real_error_of_the_system_has_its_remedy_and_ours_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let circle = folder.path().join("circle");
        std::os::unix::fs::symlink(&circle, &circle).unwrap();
        let error = std::fs::read(&circle).unwrap_err();
        assert!(told(&error).to_string().ends_with("name the file itself"));
        assert_eq!(told(&io::Error::other("own words")).to_string(), "own words");
    }
}
