//! The password from the vendors' clouds. Each vendor's own client speaks to a server that answers
//! as the vendor's documentation says, under the vendor's own names (`internet`).

mod aws;
mod azure;
mod google;
mod internet;
mod vgs;

use internet::{Call, Internet, Reply};

use crate::{
    locked::{self, locked, opens},
    program::{PASSWORD, Place},
};

/// A place with a store in it and no password set, whose way out is that internet.
fn place(internet: &Internet) -> Place {
    locked()
        .with("HTTPS_PROXY", &internet.url())
        .with("SSL_CERT_FILE", internet.authority().to_str().expect("a path"))
        .with("TATUM_API_KEY", "key of the API")
}

/// At once, as each takes its time.
#[test]
fn a_vendor_that_says_nothing_is_given_up() {
    let all = [
        aws::says_nothing,
        azure::says_nothing,
        azure::has_no_identity,
        google::says_nothing,
        vgs::says_nothing,
    ];
    std::thread::scope(|scope| {
        for one in all {
            scope.spawn(one);
        }
    });
}

/// By which the vendors' servers know who asks.
const SECRET: &str = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY";

fn fails(place: &Place, source: &str, words: &[&str]) {
    let ran = locked::fails(place, source, words);
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
}

/// The vendor's failures, one after another, and the message for each.
fn each_fails(
    internet: &Internet,
    place: &Place,
    source: &str,
    troubles: &[(&'static str, &[&str])],
) {
    for (what, words) in troubles {
        internet.set(Case::trouble(what));
        fails(place, source, words);
    }
    internet.set(Case::good());
}

/// The content of the vault, and its failure.
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

/// The secret is changed in the store and at the vendor: no start with the old one, one
/// with the new.
fn rotates(place: Place, source: &str, internet: &Internet) {
    let new = "a new password";
    let file = place.write("new", new, 0o600);
    let place = place.with("TATUM_KMS_NEW_PASSWORD_FILE", file.to_str().expect("a path"));
    let changed = place.run(&["changepassword", "--password-source", source]);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    fails(&place, source, &["wrong password"]);
    internet.set(Case { password: new.to_owned(), trouble: None });
    opens(&place, source);
}
