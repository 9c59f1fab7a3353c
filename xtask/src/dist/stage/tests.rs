use std::process::Command;

use crate::root;

const UNIT: &str = "packaging/systemd/tatum-kms.service";

/// Runs a program; returns its output and whether it succeeded, or `None` if it is not installed.
fn ran(program: &str, set: impl FnOnce(&mut Command) -> &mut Command) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    let answer = set(command.env("LC_ALL", "C")).output().ok()?;
    let told = [answer.stdout, answer.stderr].concat();
    Some((answer.status.success(), String::from_utf8_lossy(&told).into_owned()))
}

/// 15 is 1.5 of 10.
#[test]
fn the_service_is_exposed_to_little() {
    let unit = root().expect("the workspace").join(UNIT);
    let look = ["security", "--offline=true", "--no-pager", "--threshold=15"];
    if let Some((is_good, told)) = ran("systemd-analyze", |tool| tool.args(look).arg(unit)) {
        assert!(is_good, "{told}");
    }
}

#[test]
fn systemd_knows_every_line_of_the_unit() {
    let unit = std::fs::read_to_string(root().expect("the workspace").join(UNIT)).expect("a unit");
    let place = tempfile::tempdir().expect("a directory");
    let copy = place.path().join("tatum-kms.service");
    // The program is not installed here.
    std::fs::write(&copy, unit.replace("/usr/bin/tatum-kms", "/bin/true")).expect("written");
    let verify = ["verify", "--man=no", "--no-pager"];
    if let Some((is_good, told)) = ran("systemd-analyze", |tool| tool.args(verify).arg(copy)) {
        assert_eq!((is_good, told.as_str()), (true, ""));
    }
}

#[test]
fn every_shell_script_of_the_packages_can_be_read() {
    let packaging = root().expect("the workspace").join("packaging");
    for script in [
        "deb/postinst",
        "deb/postrm",
        "deb/prerm",
        "prove-install.sh",
        "tatum-kms-setup.sh",
        "tools.sh",
    ] {
        let (is_good, told) =
            ran("sh", |sh| sh.arg("-n").arg(packaging.join(script))).expect("a shell");
        assert_eq!((is_good, told.as_str()), (true, ""), "{script}");
    }
}
