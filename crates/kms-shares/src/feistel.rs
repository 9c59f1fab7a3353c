//! The encryption of a secret before it is shared: four rounds of a Feistel network whose round
//! function is PBKDF2. Bytes of shares that leak then tell nothing of the bytes of the secret.

use std::mem;

use kms_secret::Password;
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::share::Set;

/// Iterations of each round, times two to the power of the exponent.
const ITERATIONS: u32 = 2500;
const ROUNDS: [u8; 4] = [0, 1, 2, 3];

pub(crate) fn encrypt(secret: &[u8], passphrase: &Password, set: &Set) -> Zeroizing<Vec<u8>> {
    network(secret, ROUNDS, passphrase, set)
}

/// The secret for this passphrase. No passphrase is wrong: each yields a secret.
pub(crate) fn decrypt(encrypted: &[u8], passphrase: &Password, set: &Set) -> Zeroizing<Vec<u8>> {
    let mut reversed = ROUNDS;
    reversed.reverse();
    network(encrypted, reversed, passphrase, set)
}

fn network(input: &[u8], rounds: [u8; 4], passphrase: &Password, set: &Set) -> Zeroizing<Vec<u8>> {
    let (left, right) = input.split_at(input.len() / 2);
    let mut left = Zeroizing::new(left.to_vec());
    let mut right = Zeroizing::new(right.to_vec());
    for round in rounds {
        let mut mixed = mask(round, &right, passphrase, set);
        mixed.iter_mut().zip(left.iter()).for_each(|(mixed, left)| *mixed ^= left);
        left = mem::replace(&mut right, mixed);
    }
    Zeroizing::new([right.as_slice(), left.as_slice()].concat())
}

fn mask(round: u8, half: &[u8], passphrase: &Password, set: &Set) -> Zeroizing<Vec<u8>> {
    let password = Zeroizing::new([&[round], passphrase.expose().as_bytes()].concat());
    let identifier = set.identifier.to_be_bytes();
    let salt = Zeroizing::new(if set.extendable {
        half.to_vec()
    } else {
        [b"shamir", identifier.as_slice(), half].concat()
    });
    let iterations = ITERATIONS.wrapping_shl(u32::from(set.iteration_exponent));
    let mut mask = Zeroizing::new(vec![0; half.len()]);
    pbkdf2_hmac::<Sha256>(&password, &salt, iterations, &mut mask);
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encrypted_is_decrypted_and_depends_on_all_that_it_should() {
        let password = |text: &str| Password::new(text.to_owned());
        let old = Set {
            identifier: 7,
            extendable: false,
            iteration_exponent: 0,
            group_threshold: 1,
            group_count: 1,
        };
        let new = Set { extendable: true, ..old };
        let secret = [5; 18];
        for set in [old, new] {
            let encrypted = encrypt(&secret, &password("p"), &set);
            assert_eq!(*decrypt(&encrypted, &password("p"), &set), secret);
            assert_ne!(*decrypt(&encrypted, &password("q"), &set), secret);
            let dearer = Set { iteration_exponent: 1, ..set };
            assert_ne!(*decrypt(&encrypted, &password("p"), &dearer), secret);
            let renamed = Set { identifier: 8, ..set };
            let same = *decrypt(&encrypted, &password("p"), &renamed) == secret;
            assert_eq!(same, set.extendable, "the identifier is salt of old sets only");
        }
    }
}
