//! The password from files, descriptors, credentials and commands; what is told of it; the
//! check-up of an installation.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::{
    locked::{has_opened, locked},
    mock::{Mock, Reply},
    program::{PASSWORD, Place, Ran},
};

const TRY: [&str; 2] = ["checkconfig", "--try"];

#[test]
fn a_file_of_the_owners_holds_the_password() {
    let place = locked();
    let own = place.write("own", &format!("{PASSWORD}\n"), 0o400);
    let open = place.write("open", PASSWORD, 0o640);
    let at = |place: Place, path: &PathBuf| {
        place.with("TATUM_KMS_PASSWORD_FILE", path.to_str().expect("a path"))
    };
    let place = at(place, &own);
    has_opened(&place.run(&TRY));
    let told = place.run(&["checkconfig"]);
    assert!(told.stdout.contains("Password source                  : file"), "{told:?}");
    let place = at(place, &open);
    let ran = place.run(&TRY);
    assert!(ran.stderr.contains("chmod 600"), "{ran:?}");
    assert_eq!(ran.code, Some(3));
}

#[test]
fn a_descriptor_gives_the_password_once() {
    let place = locked().with("TATUM_KMS_PASSWORD_FD", "3");
    place.write("own", PASSWORD, 0o600);
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 3< own"]);
    has_opened(&Ran::of(&place.run_by(shell, &TRY)));
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat own | { exec 3<&0; exec \"$0\" \"$@\" < /dev/null; }"]);
    has_opened(&Ran::of(&place.run_by(shell, &TRY)));
    let ran = place.run(&TRY);
    assert!(ran.stderr.contains("file descriptor 3 cannot be read"), "{ran:?}");
    place.with("TATUM_KMS_PASSWORD_FD", "three").run(&TRY).fails(2, "is not a number");
}

#[test]
fn systemd_gives_the_password_as_a_credential() {
    let place = locked();
    fs::create_dir(place.path().join("credentials")).expect("made");
    place.write("credentials/tatum-kms-password", PASSWORD, 0o400);
    place.write("credentials/other", "wrong", 0o400);
    let directory = place.path().join("credentials");
    let place = place.with("CREDENTIALS_DIRECTORY", directory.to_str().expect("a path"));
    has_opened(&place.run(&TRY));
    let place = place.with("TATUM_KMS_CREDENTIAL", "other");
    assert!(place.run(&TRY).stderr.contains("wrong password"));
    for bad in ["../own", ".hidden", "a/b"] {
        let place =
            Place::new().with("TATUM_KMS_CREDENTIAL", bad).with("CREDENTIALS_DIRECTORY", "/");
        let ran = place.run(&["checkconfig", "--password-source", "credential", "--try"]);
        assert!(ran.stderr.contains("is not the name of a credential"), "{ran:?}");
    }
    let ran = Place::new().run(&["checkconfig", "--password-source", "credential", "--try"]);
    assert!(ran.stderr.contains("LoadCredential="), "{ran:?}");
}

#[test]
fn a_command_prints_the_password_and_sees_no_secret_of_ours() {
    let place = locked().with("TATUM_API_KEY", "key of the API");
    place.write("own", PASSWORD, 0o600);
    let command = |place: Place, line: &str| place.with("TATUM_KMS_PASSWORD_COMMAND", line);
    let place = command(place, "cat own");
    has_opened(&place.run(&TRY));
    let place = command(place, "env > seen; cat own");
    has_opened(&place.run(&TRY));
    let seen = fs::read_to_string(place.path().join("seen")).expect("written");
    assert!(seen.contains("HOME=") && !seen.contains("key of the API"), "{seen}");
    assert!(!seen.contains("TATUM"), "{seen}");
    for (line, words) in [
        ("exit 3", "failed with exit status: 3"),
        ("true", "is empty"),
        ("printf 'a\\nb'", "must print one line"),
        ("/nonexistent", "failed with exit status: 127"),
        ("head -c 100000 /dev/zero | tr '\\0' y", "failed with"),
    ] {
        let place = command(Place::new().without("TATUM_KMS_PASSWORD"), line);
        let ran = place.run(&TRY);
        assert_eq!(ran.code, Some(3), "{line}: {ran:?}");
        assert!(ran.stderr.contains(words), "{line}: {ran:?}");
    }
}

#[test]
fn a_keyring_that_is_not_there_is_told_apart_from_an_entry_that_is_not() {
    let tools = tempfile::tempdir().expect("a directory");
    let tool = |script: &str| {
        let path = tools.path().join("secret-tool");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("set");
    };
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let place = locked().with("PATH", &path);
    let source = ["checkconfig", "--password-source", "keyring", "--try"];
    if !["/usr/bin/secret-tool", "/bin/secret-tool"]
        .iter()
        .any(|tool| fs::exists(tool).unwrap_or(false))
    {
        let ran = place.run(&source);
        assert!(ran.stderr.contains("install libsecret-tools"), "{ran:?}");
    }
    tool("exit 1");
    let ran = place.run(&source);
    assert!(ran.stderr.contains("secret-tool store"), "{ran:?}");
    tool(&format!(
        "[ \"$*\" = 'lookup service tatum-kms account wallet' ] && printf '%s' '{PASSWORD}'"
    ));
    has_opened(&place.run(&source));
}

#[test]
fn all_that_a_source_needs_is_told_and_what_counts_in_its_place() {
    let of_vault = |place: &Place| {
        let told = place.run(&["checkconfig", "--password-source", "vault"]).stdout;
        let needs = told.lines().filter_map(|line| line.strip_prefix("Password source needs"));
        needs.map(|need| need.trim_start_matches([' ', ':']).to_owned()).collect::<Vec<_>>()
    };
    let place = locked().with("TATUM_KMS_VAULT_PATH", "kms");
    let (path, token) = ("TATUM_KMS_VAULT_PATH is set", "TATUM_KMS_VAULT_TOKEN");
    let missing = format!("{token} is missing");
    assert_eq!(of_vault(&place), ["TATUM_KMS_VAULT_ADDR is missing", path, &missing]);
    let place = place.with("VAULT_ADDR", "http://127.0.0.1:9").with("VAULT_TOKEN", "t");
    let set = format!("{token} is set");
    assert_eq!(of_vault(&place), ["TATUM_KMS_VAULT_ADDR is set", path, &set]);
    let place = place.with("TATUM_KMS_VAULT_ROLE_ID", "r");
    let secret_id = "TATUM_KMS_VAULT_SECRET_ID is missing";
    assert_eq!(of_vault(&place), ["TATUM_KMS_VAULT_ADDR is set", path, secret_id]);
    let place = place.with("TATUM_KMS_VAULT_KUBERNETES_ROLE", "k");
    assert_eq!(of_vault(&place), ["TATUM_KMS_VAULT_ADDR is set", path]);
}

#[test]
fn a_source_without_its_variables_says_which() {
    let place = locked();
    for (source, needed) in [
        ("env", "TATUM_KMS_PASSWORD is not set"),
        ("file", "TATUM_KMS_PASSWORD_FILE is not set"),
        ("fd", "TATUM_KMS_PASSWORD_FD is not set"),
        ("command", "TATUM_KMS_PASSWORD_COMMAND is not set"),
        ("aws", "TATUM_KMS_AWS_SECRET_NAME is not set"),
        ("azure", "TATUM_KMS_AZURE_VAULTURL is not set"),
        ("google", "TATUM_KMS_GOOGLE_SECRET is not set"),
        ("vault", "TATUM_KMS_VAULT_ADDR is not set"),
        ("vgs", "TATUM_KMS_VGS_ALIAS is not set"),
    ] {
        let ran = place.run(&["list", "--password-source", source]);
        ran.fails(2, needed);
        let told = place.run(&["checkconfig", "--password-source", source]);
        assert!(told.stdout.contains(&format!("Password source                  : {source}\n")));
        assert!(told.stdout.contains(" is missing"), "{told:?}");
    }
    assert_eq!(place.run(&["list", "--password-source", "nowhere"]).code, Some(2));
    assert_eq!(place.run(&["list", "--password-source", "aws", "--vgs"]).code, Some(2));
}

fn verdicts(ran: &Ran) -> Vec<(String, String)> {
    let findings: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let one = |finding: &Value| (text(&finding["subject"]), text(&finding["verdict"]));
    findings.as_array().expect("a list").iter().map(one).collect()
}

#[test]
fn a_check_up_finds_what_is_wrong_and_says_what_to_do() {
    let mock = Mock::start();
    mock.reply("GET /v3/kms/000000000000000000000000", Reply::Json(404, json!({})));
    mock.relay(|path, _| path.starts_with("/eyes/").then(|| (404, json!({}))));
    let place = locked().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
    let own = place.write("own", PASSWORD, 0o600);
    let place = place.with("TATUM_KMS_PASSWORD_FILE", own.to_str().expect("a path"));
    let url = format!("{}/eyes", mock.url());
    let all = ["doctor", "--try", "--json", "--externalUrl", &url];
    let ran = place.run(&all);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let found = verdicts(&ran);
    for subject in [
        "store",
        "store format",
        "directory",
        "password source",
        "password",
        "disk",
        "API key",
        "clock",
        "four-eye endpoint",
    ] {
        assert!(
            found.contains(&(subject.to_owned(), String::from("good"))),
            "{subject}: {found:?}"
        );
    }
    fs::set_permissions(place.store(), fs::Permissions::from_mode(0o644)).expect("set");
    let ran = place.run(&["doctor"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("is accessible to other users (mode 644)"), "{ran:?}");
    assert!(ran.stdout.contains("chmod 600 it"), "{ran:?}");
    mock.reply("GET /v3/kms/000000000000000000000000", Reply::Json(401, json!({})));
    place.run(&["doctor"]);
    let ran = place.run(&["doctor", "--json"]);
    assert!(verdicts(&ran).contains(&(String::from("API key"), String::from("wrong"))), "{ran:?}");
    let gone = place.with("TATUM_API_URL", "http://127.0.0.1:9").run(&["doctor", "--json"]);
    assert!(verdicts(&gone).contains(&(String::from("API"), String::from("wrong"))), "{gone:?}");
    assert!(!format!("{gone:?}").contains(PASSWORD));
}

#[test]
fn a_check_up_finds_values_that_are_none() {
    let place = locked()
        .with("VAULT_ADDR", "http://127.0.0.1:9")
        .with("VAULT_TOKEN", "t")
        .with("TATUM_KMS_VAULT_PATH", "kms");
    let source = |place: &Place| {
        let ran = place.run(&["doctor", "--testnet", "--password-source", "vault"]);
        let line = ran.stdout.lines().find(|line| line.contains("password source"));
        line.expect("a line").to_owned()
    };
    assert!(source(&place).starts_with("good"));
    let place = place.with("VAULT_ADDR", "http://vault.example");
    assert!(source(&place).contains("travels unencrypted from vault.example"));
    let place = place.with("VAULT_ADDR", "https://vault.example");
    assert!(source(&place).starts_with("good"));
    let place = place.with("TATUM_KMS_VAULT_KV_VERSION", "3");
    let told = source(&place);
    assert!(told.starts_with("wrong") && told.contains("is neither 1 nor 2"), "{told}");
    let place = place.without("TATUM_KMS_VAULT_KV_VERSION");
    let told = source(&place.with("TATUM_KMS_CA_FILE", "/nonexistent"));
    assert!(told.starts_with("wrong") && told.contains("/nonexistent"), "{told}");
}

#[test]
fn a_check_up_looks_at_what_the_approver_needs() {
    let place = Place::new();
    let url = ["doctor", "--externalUrl", "http://127.0.0.1:9"];
    let told = place.run(&[&url[..], &["--four-eyes-ca", "/nonexistent"]].concat());
    assert!(told.stdout.contains("wrong    four-eye endpoint  /nonexistent"), "{told:?}");
    let told = place.run(&["doctor"]);
    assert!(told.stdout.contains("warning  four-eye endpoint  not checked"), "{told:?}");
    assert!(!place.run(&["doctor", "--testnet"]).stdout.contains("four-eye"));
}
