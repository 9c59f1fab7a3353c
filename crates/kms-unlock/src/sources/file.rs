//! A file, an open descriptor, or a credential of systemd.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use kms_secret::{Password, SecretText};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Need;
use crate::{error::UnlockError, not_empty};

/// The variable that names the file.
pub(crate) const NEEDS: &[Need] = &[Need::of("TATUM_KMS_PASSWORD_FILE").or_file(CONTAINER_SECRET)];

/// The variable that names the descriptor.
pub(crate) const DESCRIPTOR_NEEDS: &[Need] = &[Need::of("TATUM_KMS_PASSWORD_FD")];

/// The file in which Docker and Podman mount a secret of this name.
pub const CONTAINER_SECRET: &str = "/run/secrets/tatum_kms_password";

const BYTES_MAX: u64 = 4_096;
/// A chain of certificates with its key is longer than a password.
const TEXT_BYTES_MAX: u64 = 65_536;
/// The folders where container run-times mount secrets that are inaccessible outside the container,
/// whatever their mode.
const CONTAINER_SECRETS: [&str; 2] = ["/run/secrets", "/var/run/secrets"];
/// Any access of group and others.
const FOREIGN_ACCESS: u32 = 0o077;

/// Reads the password from a file that only its owner has access to. A line end at the end of
/// the file is left out.
pub(crate) fn read(path: &Path) -> Result<Password, UnlockError> {
    let bytes = read_bytes(path, BYTES_MAX)?;
    as_text(path, &bytes)?;
    match read_line(&bytes, BYTES_MAX) {
        Some(line) => not_empty(line.to_owned()),
        None => Err(UnlockError::FileContent { path: path.to_owned(), most: BYTES_MAX }),
    }
}

fn as_text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, UnlockError> {
    kms_files::text(bytes).map_err(|source| UnlockError::NotText { path: path.to_owned(), source })
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

/// Reads what an open file descriptor of this process gives, to its end. A thread that waits for
/// it without end does not keep the process.
pub(crate) async fn read_descriptor(number: u32) -> Result<Password, UnlockError> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || sender.send(read_descriptor_to_end(number)));
    let gone = |error| UnlockError::Descriptor { number, source: io::Error::other(error) };
    receiver.await.map_err(gone)?
}

fn read_descriptor_to_end(number: u32) -> Result<Password, UnlockError> {
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    let failed = |source| UnlockError::Descriptor { number, source };
    let file = File::open(&path).map_err(failed)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(BYTES_MAX).unwrap_or(0) + 1));
    file.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    match read_line(&bytes, BYTES_MAX) {
        Some(line) => not_empty(line.to_owned()),
        None => Err(UnlockError::FileContent { path, most: BYTES_MAX }),
    }
}

/// Reads a credential that systemd put into the service's own directory.
pub(crate) fn read_credential(
    directory: Option<&Path>,
    name: &str,
) -> Result<Password, UnlockError> {
    let directory = directory.ok_or(UnlockError::NoCredentials)?;
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        Err(UnlockError::CredentialName(name.to_owned()))
    } else {
        read(&directory.join(name))
    }
}

/// Text of any length that fits, whoever else can read it.
pub(crate) fn read_text(path: &Path) -> Result<SecretText, UnlockError> {
    let failed = |source| UnlockError::File { path: path.to_owned(), source };
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    file.take(TEXT_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(SecretText::new(as_text(path, &bytes)?.to_owned()))
}

/// Reads another secret in the same way: the text of a file that only its owner has access to.
///
/// # Errors
/// When the file cannot be read, others have access to it, or it is not text or too long.
pub fn read_secret_file(path: &Path) -> Result<SecretText, UnlockError> {
    let bytes = read_bytes(path, TEXT_BYTES_MAX)?;
    if !u64::try_from(bytes.len()).is_ok_and(|length| length <= TEXT_BYTES_MAX) {
        return Err(UnlockError::FileContent { path: path.to_owned(), most: TEXT_BYTES_MAX });
    }
    Ok(SecretText::new(as_text(path, &bytes)?.to_owned()))
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), UnlockError> {
    let mode = metadata.mode() & 0o777;
    let is_container_secret = CONTAINER_SECRETS.iter().any(|place| path.starts_with(place))
        && !path.components().any(|part| part == std::path::Component::ParentDir);
    match (metadata.is_file(), mode & FOREIGN_ACCESS) {
        (false, _) => Err(UnlockError::NotAFile(path.to_owned())),
        (true, 0) => Ok(()),
        (true, _) if is_container_secret => Ok(()),
        (true, _) => Err(UnlockError::FileMode { path: path.to_owned(), mode }),
    }
}

/// The one line of text that the bytes are, if they are no more than `most`.
pub(crate) fn read_line(bytes: &[u8], most: u64) -> Option<&str> {
    if u64::try_from(bytes.len()).ok()? > most {
        return None;
    }
    let text = kms_files::text(bytes).ok()?;
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
    fn a_byte_order_mark_is_no_part_of_a_secret() {
        assert_eq!(file("\u{feff}hunter2\r\n".as_bytes(), 0o600).unwrap().expose(), "hunter2");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "\u{feff}hmac\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_secret_file(&path).unwrap().expose(), "hmac\n");
        assert_eq!(read_text(&path).unwrap().expose(), "hmac\n");
        assert_eq!(read_line("\u{feff}hunter2\n".as_bytes(), 99), Some("hunter2"));
    }

    #[test]
    fn text_in_another_encoding_is_named() {
        let error = file(b"\xff\xfeh\0i\0", 0o600).unwrap_err().to_string();
        assert!(error.contains("it is UTF-16") && error.contains("save it as UTF-8"), "{error}");
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
        for content in [&b"hunter2\nmore"[..], b"a\0b", &[b'x'; 4_097]] {
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
