//! Secret values: typed, redacted and wiped on drop.
//!
//! Every secret the program handles is one of the newtypes below. None of them implements
//! `Display`, `Serialize`, `Clone`, `PartialEq` or `Deref`; `Debug` prints the type's name and
//! nothing else. The content comes out through one method, `expose`, so one search finds every
//! reader.
//!
//! `tests/misuse/` shows what does not compile, with the compiler's messages.

use std::fmt;

use kms_pages::{LockedArray, LockedText};
use subtle::ConstantTimeEq as _;

pub use kms_pages::{unlocked_bytes, with_wiped_stack};

/// A secret made of text, in locked memory: the buffer it is made from is wiped.
macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(LockedText);

        impl $name {
            /// Moves `text` to where the secret lives, and wipes where it was.
            pub fn new(text: String) -> Self {
                Self(LockedText::new(text))
            }

            /// The text itself. The caller is responsible for every copy made of it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// A secret made of a fixed number of bytes, built in place in locked memory.
macro_rules! secret_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        pub struct $name(LockedArray<$length>);

        impl $name {
            /// Fills the secret where it will live, so that no copy is left on the stack.
            pub fn init_with(fill: impl FnOnce(&mut [u8; $length])) -> Self {
                Self(LockedArray::init_with(fill))
            }

            /// Like [`init_with`](Self::init_with), for a filling that can fail. Bytes written
            /// before the failure are wiped.
            ///
            /// # Errors
            /// Whatever `fill` returns.
            pub fn try_init_with<E>(
                fill: impl FnOnce(&mut [u8; $length]) -> Result<(), E>,
            ) -> Result<Self, E> {
                let mut outcome = Ok(());
                let secret = Self::init_with(|bytes| outcome = fill(bytes));
                outcome.map(|()| secret)
            }

            /// The bytes themselves. The caller is responsible for every copy made of them.
            pub fn expose(&self) -> &[u8; $length] {
                self.0.expose()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

secret_text! {
    /// The password that opens the wallet store.
    Password
}

secret_text! {
    /// A recovery phrase, exactly as its owner wrote it.
    Mnemonic
}

secret_text! {
    /// A private key in its chain's own spelling (hex, WIF, family seed, …), not yet read.
    SecretText
}

secret_text! {
    /// The key that identifies the owner to the remote API.
    ApiKey
}

secret_bytes! {
    /// A 32-byte private key, scheme not yet known.
    PrivateKey, 32
}

secret_bytes! {
    /// A private key of ed25519 that is its own expansion: scalar and nonce key.
    ExtendedPrivateKey, 64
}

secret_bytes! {
    /// The seed that an XRPL key is made from.
    FamilySeed, 16
}

secret_bytes! {
    /// The 64 bytes a recovery phrase is stretched to (BIP-39).
    Seed, 64
}

secret_bytes! {
    /// A private key and the chain code its children are made with (SLIP-10).
    ChainNode, 64
}

secret_bytes! {
    /// An extended private key and its chain code (BIP32-Ed25519).
    ExtendedChainNode, 96
}

secret_bytes! {
    /// A symmetric key that seals records, or seals the key that does.
    SealingKey, 32
}

impl SecretText {
    /// Returns true if it contains only white space.
    pub fn is_blank(&self) -> bool {
        self.expose().trim().is_empty()
    }

    /// The text without the white space around it.
    pub fn trimmed(&self) -> Self {
        Self::new(self.expose().trim().to_owned())
    }

    /// The text as a recovery phrase.
    pub fn to_mnemonic(&self) -> Mnemonic {
        Mnemonic::new(self.expose().to_owned())
    }

    /// The text as a password of the wallet store.
    pub fn to_password(&self) -> Password {
        Password::new(self.expose().to_owned())
    }

    /// Compares in a time that depends on the lengths only.
    pub fn is_same(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Mnemonic {
    /// The phrase as a text to store.
    pub fn to_text(&self) -> SecretText {
        SecretText::new(self.expose().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_names_the_type_only() {
        let password = Password::new(String::from("hunter2"));
        assert_eq!(format!("{password:?}"), "Password");
        let key = PrivateKey::init_with(|bytes| bytes.fill(7));
        assert_eq!(format!("{key:?}"), "PrivateKey");
    }

    #[test]
    fn a_buffer_with_spare_room_keeps_its_text() {
        let mut text = String::with_capacity(64);
        text.push_str("abandon");
        assert_eq!(Mnemonic::new(text).expose(), "abandon");
    }

    #[test]
    fn a_failed_filling_yields_no_secret() {
        let outcome = SealingKey::try_init_with(|_| Err("no randomness"));
        assert_eq!(outcome.err(), Some("no randomness"));
    }
}
