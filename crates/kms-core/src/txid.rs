//! Ids of transactions on their chains: computed here, and compared with what others name.

use thiserror::Error;

/// The recorded bytes have no id, because they are not a transaction.
#[derive(Clone, Copy, Debug, Error)]
#[error(
    "the recorded bytes are not a signed transaction of this chain; check the journal before you \
     send them by other means"
)]
pub struct TxidError;

/// Compares an id from elsewhere with the computed one: hexadecimal digits in either case, with or
/// without `0x`; every other notation (base58, base32) exactly.
pub fn is_same_txid(own: &str, named: &str) -> bool {
    let (own, named) = (bare(own), bare(named));
    let is_hex = own.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hex { own.eq_ignore_ascii_case(named) } else { own == named }
}

fn bare(id: &str) -> &str {
    id.strip_prefix("0x").or_else(|| id.strip_prefix("0X")).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_ids_are_the_same_in_either_case_and_with_or_without_a_prefix() {
        let own = "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788";
        let bare = own.strip_prefix("0x").unwrap();
        for named in [own, bare, &bare.to_ascii_uppercase(), &own.to_ascii_uppercase()] {
            assert!(is_same_txid(own, named), "{named}");
            assert!(is_same_txid(bare, named), "{named}");
        }
        for other in ["", "0x", &bare[1..], &format!("{bare}00"), &format!("0x0x{bare}")] {
            assert!(!is_same_txid(own, other), "{other}");
        }
    }

    #[test]
    fn ids_in_letters_of_both_cases_are_the_same_to_the_letter_only() {
        let own = "CAiJmZFyZewVDi9TAHBqy4BdX8jh3PBUmsmyyDjs7A3R";
        assert!(is_same_txid(own, own));
        assert!(!is_same_txid(own, &own.to_ascii_lowercase()));
    }
}
