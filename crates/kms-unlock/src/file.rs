use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use kms_secret::{Password, SecretText};
use zeroize::Zeroizing;

use crate::{error::UnlockError, not_empty};

const BYTES_MAX: u64 = 4_096;
/// A chain of certificates with its key is longer than a password.
const TEXT_BYTES_MAX: u64 = 65_536;
/// Any access of group and others.
const FOREIGN_ACCESS: u32 = 0o077;

/// Reads the password from a file that only its owner has access to. A line end at the end of
/// the file is left out.
pub(crate) fn read(path: &Path) -> Result<Password, UnlockError> {
    let bytes = read_bytes(path, BYTES_MAX)?;
    match read_line(&bytes) {
        Some(line) => not_empty(line.to_owned()),
        None => Err(UnlockError::FileContent { path: path.to_owned(), most: BYTES_MAX }),
    }
}

/// At most so many bytes and one more.
fn read_bytes(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
    let failed = |source: io::Error| UnlockError::File { path: path.to_owned(), source };
    // Opening a pipe would wait for its writer.
    check(path, &fs::metadata(path).map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    check(path, &file.metadata().map_err(failed)?)?;
    let capacity = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Reads another secret in the same way: the text of a file that only its owner has access to.
///
/// # Errors
/// When the file cannot be read, others have access to it, or it is no text or a long one.
pub fn read_secret_file(path: &Path) -> Result<SecretText, UnlockError> {
    let bytes = read_bytes(path, TEXT_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).ok();
    match text.filter(|text| u64::try_from(text.len()).is_ok_and(|length| length <= TEXT_BYTES_MAX))
    {
        Some(text) => Ok(SecretText::new(text.to_owned())),
        None => Err(UnlockError::FileContent { path: path.to_owned(), most: TEXT_BYTES_MAX }),
    }
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), UnlockError> {
    let mode = metadata.mode() & 0o777;
    match (metadata.is_file(), mode & FOREIGN_ACCESS) {
        (false, _) => Err(UnlockError::NotAFile(path.to_owned())),
        (true, 0) => Ok(()),
        (true, _) => Err(UnlockError::FileMode { path: path.to_owned(), mode }),
    }
}

fn read_line(bytes: &[u8]) -> Option<&str> {
    if u64::try_from(bytes.len()).ok()? > BYTES_MAX {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    (!line.contains(['\n', '\r', '\0'])).then_some(line)
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn file(content: &[u8], mode: u32) -> Result<Password, UnlockError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        read(&path)
    }

    #[test]
    fn the_line_end_is_no_part_of_the_password() {
        for content in ["hunter 2 ", "hunter 2 \n", "hunter 2 \r\n"] {
            assert_eq!(file(content.as_bytes(), 0o600).unwrap().expose(), "hunter 2 ");
        }
        assert_eq!(file(b"hunter2", 0o400).unwrap().expose(), "hunter2");
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        for mode in [0o640, 0o604, 0o644, 0o620, 0o666, 0o610] {
            let error = file(b"hunter2", mode).unwrap_err();
            assert!(matches!(error, UnlockError::FileMode { mode: found, .. } if found == mode));
            assert!(error.to_string().contains("chmod 600"));
        }
    }

    #[test]
    fn what_is_no_line_of_text_is_refused_without_showing_it() {
        for content in [&b"hunter2\nmore"[..], &[0xff, 0xfe], b"a\0b", &[b'x'; 4_097]] {
            let error = file(content, 0o600).unwrap_err();
            assert!(matches!(error, UnlockError::FileContent { .. }), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        for empty in [&b""[..], b"\n", b"\r\n"] {
            assert!(matches!(file(empty, 0o600), Err(UnlockError::Empty)));
        }
    }

    #[test]
    fn a_missing_file_and_a_folder_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(UnlockError::NotAFile(_))));
        let missing = read(&folder.path().join("missing")).unwrap_err();
        assert!(matches!(missing, UnlockError::File { .. }));
    }
}
