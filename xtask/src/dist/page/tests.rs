use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::dist::{
    Place, artefacts::Artefacts, call, crates::SECTION, packages::Packing, stage, sums,
};

#[test]
fn a_block_says_what_it_vouches_for_or_that_it_is_for_elsewhere() {
    let text =
        "a\n```sh checks=\"*.deb SHA256SUMS\"\nfirst\n\nsecond\n```\nb\n```sh elsewhere\nc\n```\n";
    let expected = Block {
        checks: vec![String::from("*.deb"), String::from("SHA256SUMS")],
        script: String::from("first\n\nsecond"),
        line: 2,
    };
    assert_eq!(blocks(text).expect("read"), [expected]);
    let error = blocks("a\n```sh\nb\n```\n").expect_err("says nothing").to_string();
    assert_eq!(error, "docs/verify.md:2: a block that says no `checks`");
    assert!(blocks("nothing\n").is_err());
}

#[test]
fn a_command_that_overlooks_a_flipped_byte_or_a_missing_file_is_noticed() {
    let release = tempfile::tempdir().expect("a directory");
    fs::write(release.path().join("a.deb"), "content").expect("written");
    let told = |script: &str, checks: &str| {
        let checks = vec![String::from(checks)];
        let block = Block { checks, script: String::from(script), line: 1 };
        block.check(release.path()).map_err(|error| error.to_string())
    };
    assert_eq!(told("grep -q content a.deb", "*.deb"), Ok(()));
    let expected = Err(String::from("succeeds although a byte of a.deb is flipped"));
    assert_eq!(told("test -e a.deb", "*.deb"), expected);
    assert_eq!(told("test -e a.deb", "*.rpm"), Err(String::from("there is no *.rpm")));
    let expected = Err(String::from("fails on the release: no"));
    assert_eq!(told("echo no >&2; false", "*.deb"), expected);
}

/// A release whose program is a stand-in, with a list of crates inside it, and whose RPM and image
/// are none; everything else is made as a real one is.
fn stand_in(root: &Path, work: &Path) -> PathBuf {
    let place = Place {
        root: root.to_owned(),
        tools: work.join("tools"),
        work: work.join("work"),
        profile: String::from("dev"),
        epoch: String::from("1700000000"),
    };
    let (out, program) = (work.join("out"), work.join("program"));
    for folder in [&place.work, &out] {
        fs::create_dir(folder).expect("made");
    }
    let list = "{\"packages\":[{\"name\":\"a\",\"version\":\"1.0.0\"},\
                {\"name\":\"tatum-kms\",\"version\":\"0.1.0\",\"root\":true}]}";
    let section = miniz_oxide::deflate::compress_to_vec_zlib(list.as_bytes(), 9);
    fs::write(work.join("list"), section).expect("written");
    call("objcopy", |objcopy| {
        objcopy
            .arg("--add-section")
            .arg(format!("{SECTION}={}", work.join("list").display()))
            .args([Path::new("/bin/true"), &program])
    })
    .expect("a program with a list");
    let artefacts = Artefacts::of("0.1.0", true);
    let sbom = "{\"metadata\":{\"component\":{\"name\":\"tatum-kms\",\"version\":\"0.1.0\"}},\
                \"components\":[{\"name\":\"a\",\"version\":\"1.0.0\"}]}";
    fs::write(out.join(&artefacts.sbom), sbom).expect("written");
    for name in artefacts.image.iter().chain([&artefacts.rpm]) {
        fs::write(out.join(name), "a stand-in").expect("written");
    }
    let tree = stage::stage(&place, &program).expect("staged");
    let packing = Packing { place: &place, tree: &tree, artefacts: &artefacts, out: &out };
    packing.archive().expect("an archive");
    packing.deb("2.17").expect("a package");
    sums::write(&artefacts, &out).expect("sums");
    out
}

/// Elsewhere than on Debian nothing is packed.
fn can_pack() -> bool {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    ["dpkg-deb", "objcopy", "python3"].into_iter().all(has)
}

/// A key without a password, for this test alone.
fn sign(work: &Path, out: &Path) {
    let key = work.join("key");
    call("minisign", |tool| {
        let tool = tool.args(["-G", "-W", "-p"]).arg(work.join("key.pub")).arg("-s").arg(&key);
        tool.stdout(Stdio::null())
    })
    .expect("a key");
    sums::sign(&key, out).expect("signed");
}

#[test]
fn every_command_of_the_page_takes_a_release_and_none_takes_a_changed_one() {
    if !can_pack() {
        return;
    }
    let root = crate::root().expect("the workspace");
    let place = tempfile::tempdir().expect("a directory");
    let out = stand_in(&root, place.path());
    if Command::new("minisign").arg("-v").output().is_ok() {
        sign(place.path(), &out);
        verify(&root, &out).expect("verified");
        return;
    }
    // A machine without minisign checks all but the signature.
    let text = fs::read_to_string(root.join(PAGE)).expect("the page");
    let blocks = blocks(&text).expect("blocks");
    let unsigned = blocks.iter().filter(|block| !block.script.contains("minisign"));
    assert_eq!(unsigned.clone().count().saturating_add(1), blocks.len());
    for block in unsigned {
        block.check(&out).expect("verified");
    }
}

#[test]
fn what_is_packed_has_its_modes_and_nothing_of_the_folder_it_was_packed_in() {
    if !can_pack() {
        return;
    }
    let root = crate::root().expect("the workspace");
    let place = tempfile::tempdir().expect("a directory");
    let out = stand_in(&root, place.path());
    let unpacked = place.path().join("unpacked");
    let deb = out.join(Artefacts::of("0.1.0", false).deb);
    call("dpkg-deb", |tool| tool.arg("--raw-extract").arg(&deb).arg(&unpacked)).expect("unpacked");
    let mode = |path: &str| {
        let metadata = fs::metadata(unpacked.join(path)).expect(path);
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!(mode("usr/bin/tatum-kms"), 0o755);
    assert_eq!(mode("usr/sbin/tatum-kms-setup"), 0o755);
    assert_eq!(mode("etc/tatum-kms/tatum-kms.env"), 0o640);
    assert_eq!(mode("usr/lib/systemd/system/tatum-kms.service"), 0o644);
    assert_eq!(mode("usr/share/bash-completion/completions/tatum-kms"), 0o644);
    assert_eq!(mode("usr/share/man/man1/tatum-kms-daemon.1.gz"), 0o644);
    assert_eq!(mode("DEBIAN/postinst"), 0o755);
    let control = fs::read_to_string(unpacked.join("DEBIAN/control")).expect("control");
    assert!(
        control.contains("\nDepends: adduser, ca-certificates, libc6 (>= 2.17)\n"),
        "{control}"
    );
    assert!(!control.contains('@') || control.matches('@').count() == 1, "{control}");
}
