//! A sealing key shared among people: any `threshold` of its shares give the key, fewer do not.
//! With one less, 224 of its 256 bits are still to be guessed (the digest tells a right guess
//! apart with 32 bits); with two less, nothing is known.
//!
//! Shares are those of [SLIP-39], with words, so that they can be written down by hand and read by
//! other programs. New shares form one group without a passphrase; shares from other programs are
//! also read with groups and a passphrase.
//!
//! Nothing secret is used as an index or decides a branch, but for a check's outcome: products in
//! the field are computed and the word list is gone through, not looked up. Only a word's length
//! shows.
//!
//! [SLIP-39]: https://github.com/satoshilabs/slips/blob/master/slip-0039.md

mod checksum;
mod combine;
mod error;
mod feistel;
mod field;
mod share;
mod sharing;
mod split;
mod words;

pub use combine::{combine, combine_secret};
pub use error::ShareError;
pub use share::Share;
pub use split::split;
