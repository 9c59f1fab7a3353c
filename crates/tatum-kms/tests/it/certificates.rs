//! An authority of the test's own, and certificates of it, made by openssl.

use std::{fs, path::Path, process::Command};

/// Makes `ca.pem` with `ca.key.pem` in a directory.
pub(crate) fn authority(directory: &Path) {
    let new = ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=authority"];
    let files = ["-keyout", "ca.key.pem", "-out", "ca.pem"];
    openssl(directory, &[&new[..], &KEY, &files].concat());
}

/// A certificate of the directory's authority, `NAME.pem`, with its key, `NAME.key.pem`. `names`
/// are as openssl has them: `DNS:localhost,IP:127.0.0.1`.
pub(crate) fn certificate(directory: &Path, name: &str, names: &str, purpose: &str) {
    let own = |end: &str| format!("{name}.{end}");
    let (key, request, certificate) = (own("key.pem"), own("csr"), own("pem"));
    let subject = format!("/CN={name}");
    let new = ["req", "-nodes", "-subj", &subject, "-keyout", &key, "-out", &request];
    openssl(directory, &[&new[..], &KEY].concat());
    let extensions = format!("subjectAltName={names}\nextendedKeyUsage={purpose}\n");
    fs::write(directory.join("extensions"), extensions).expect("written");
    let by = ["-CA", "ca.pem", "-CAkey", "ca.key.pem", "-CAcreateserial", "-days", "2"];
    let files = ["-extfile", "extensions", "-in", &request, "-out", &certificate];
    openssl(directory, &[&["x509", "-req"][..], &by, &files].concat());
}

const KEY: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

fn openssl(directory: &Path, arguments: &[&str]) {
    let ran = Command::new("openssl").args(arguments).current_dir(directory).output();
    let ran = ran.expect("openssl runs");
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}
