//! The password from the vendors' clouds. Each vendor's own client speaks to a server that answers
//! as the vendor's documentation says, under the vendor's own names (`internet`).

mod aws;
mod azure;
mod google;
mod internet;
mod vgs;

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use internet::{Call, Internet, Reply};
use serde_json::Value;

use crate::program::{PASSWORD, Place, Ran};

/// A place with a store in it and no password set, whose way out is that internet.
fn place(internet: &Internet) -> Place {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH", "--testnet"]).code, Some(0));
    place
        .without("TATUM_KMS_PASSWORD")
        .with("HTTPS_PROXY", &internet.url())
        .with("SSL_CERT_FILE", internet.authority().to_str().expect("a path"))
        .with("TATUM_API_KEY", "key of the API")
}

fn try_it(place: &Place, source: &str) -> Ran {
    place.run(&["checkconfig", "--password-source", source, "--try"])
}

fn opens(place: &Place, source: &str) {
    let ran = try_it(place, source);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("fetched, and opens the wallet store"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
}

/// One line says why, what to do, and nothing of a secret.
fn fails(place: &Place, source: &str, words: &[&str]) {
    let ran = try_it(place, source);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.stderr).expect("JSON");
    let told = told["error"].as_str().expect("a text");
    assert_eq!(told.lines().count(), 1, "{told}");
    for words in words {
        assert!(told.contains(words), "{words}: {told}");
    }
    for secret in [PASSWORD, SECRET] {
        assert!(!format!("{ran:?}").contains(secret), "{ran:?}");
    }
}

/// By which the vendors' servers know who asks.
const SECRET: &str = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY";

/// What the vault holds, and what has gone wrong.
#[derive(Clone, Debug, Default)]
struct Case {
    password: String,
    trouble: Option<&'static str>,
}

impl Case {
    fn good() -> Self {
        Self { password: PASSWORD.to_owned(), trouble: None }
    }

    fn trouble(what: &'static str) -> Self {
        Self { trouble: Some(what), ..Self::good() }
    }
}

/// The secret is changed in the store and at the vendor: no start with the old one, one with the
/// new, and nobody is asked again by a daemon that runs.
fn rotates(place: Place, source: &str, internet: &Internet) {
    let new = "a new password";
    let file = file(&place, "new", new, 0o600);
    let place = place.with("TATUM_KMS_NEW_PASSWORD_FILE", file.to_str().expect("a path"));
    let changed = place.run(&["changepassword", "--password-source", source]);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    fails(&place, source, &["wrong password"]);
    internet.set(Case { password: new.to_owned(), trouble: None });
    opens(&place, source);
}

fn file(place: &Place, name: &str, content: &str, mode: u32) -> PathBuf {
    let path = place.path().join(name);
    fs::write(&path, content).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
    path
}
