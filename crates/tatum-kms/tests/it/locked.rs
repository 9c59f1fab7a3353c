//! A place whose password comes from elsewhere.

use serde_json::Value;

use crate::program::{PASSWORD, Place, Ran};

/// A place with a store in it and no password set.
pub(crate) fn locked() -> Place {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH", "--testnet"]).code, Some(0));
    place.without("TATUM_KMS_PASSWORD")
}

pub(crate) fn opens(place: &Place, source: &str) {
    has_opened(&try_it(place, source));
}

pub(crate) fn has_opened(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("fetched; it opens the wallet store"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
}

/// One line says why, in these words among others.
pub(crate) fn fails(place: &Place, source: &str, words: &[&str]) -> Ran {
    let ran = try_it(place, source);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told: Value = serde_json::from_str(&ran.stderr).expect("JSON");
    let told = told["error"].as_str().expect("a text");
    assert_eq!(told.lines().count(), 1, "{told}");
    for words in words {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
    ran
}

fn try_it(place: &Place, source: &str) -> Ran {
    place.run(&["checkconfig", "--password-source", source, "--try"])
}
