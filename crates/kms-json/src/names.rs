//! Names of JSON members as case-insensitive readers see them: Go's `encoding/json`, C#'s and
//! Jackson's options, PHP, SQL. If two members have the same name for such a reader, it sees
//! another payload than the one that is signed.

use std::collections::HashSet;

/// The first two names that are equal.
pub(crate) fn equal_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<[&'a str; 2]> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name)).map(|name| [name, name])
}

/// Finds two names that are equal without regard to case, or twice the same.
pub fn twin_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<[&'a str; 2]> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by(|one, other| folded(one).cmp(folded(other)));
    names.array_windows().find(|[one, other]| is_one_name(one, other)).copied()
}

/// Returns true if two names are equal without regard to case.
pub fn is_one_name(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// Lower case alone would leave `ſ` apart from `s`, upper case alone `K` (Kelvin) from `k`.
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unicode's CaseFolding.txt, status C: U+017F folds to s, U+212A to k, U+03C2 to U+03C3.
    #[test]
    fn names_that_differ_in_case_only_are_one() {
        for (one, other) in [
            ("to", "To"),
            ("gasPrice", "GASPRICE"),
            ("hashes", "ha\u{17f}hes"),
            ("token", "to\u{212a}en"),
            ("\u{3c3}", "\u{3c2}"),
            ("\u{e9}t\u{e9}", "\u{c9}T\u{c9}"),
        ] {
            assert!(is_one_name(one, other), "{one} {other}");
            assert_eq!(twin_names([one, "x", other]), Some([one, other]));
        }
        for (one, other) in [("to", "t0"), ("to", "too"), ("to", "to ")] {
            assert!(!is_one_name(one, other), "{one} {other}");
        }
        assert_eq!(twin_names(["to", "value", "data"]), None);
        assert_eq!(twin_names(["to", "value", "to"]), Some(["to", "to"]));
    }
}
