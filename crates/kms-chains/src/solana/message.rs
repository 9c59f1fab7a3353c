//! Messages of the old kind and of versions 0 and 1, read and written byte for byte.
//! <https://solana.com/docs/core/transactions#message>

use std::collections::HashSet;

use kms_core::DecodeError;

use super::v1::{self, Config};

pub(super) const KEY_BYTES: usize = 32;
pub(super) type Key = [u8; KEY_BYTES];

const HEADER_BYTES: usize = 3;
/// The mark of a version in the first byte; messages of the old kind have the number of signatures
/// there.
const VERSIONED: u8 = 0x80;
pub(super) const VERSION_0: u8 = VERSIONED;
pub(super) const VERSION_1: u8 = VERSIONED | 1;
/// A transaction, signatures and all, fits one packet, unless its message has version 1.
/// <https://solana.com/docs/core/transactions#transaction-size>
const TRANSACTION_MAX_BYTES: usize = 1_232;
/// Accounts that an instruction can point to.
const ACCOUNTS_MAX: usize = 256;
pub(super) const SIGNATURE_BYTES: usize = 64;
pub(super) type Signature = [u8; SIGNATURE_BYTES];

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Message {
    pub(super) version: Version,
    pub(super) header: Header,
    pub(super) keys: Vec<Key>,
    pub(super) blockhash: Key,
    pub(super) instructions: Vec<Instruction>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Version {
    Legacy,
    /// With look-ups of further accounts, as they are, and the number of accounts that they add.
    V0 {
        lookups: Vec<u8>,
        looked_up: usize,
    },
    V1(Config),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) signers: u8,
    pub(super) read_only_signers: u8,
    pub(super) read_only_others: u8,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Instruction {
    pub(super) program: u8,
    pub(super) accounts: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// The version of a message that has one.
pub(super) fn version(bytes: &[u8]) -> Option<u8> {
    bytes.first().filter(|first| **first >= VERSIONED).map(|first| first & !VERSIONED)
}

/// # Errors
/// When the bytes are not a message. Bytes after a message of the old kind are dropped, as in the
/// original.
pub(super) fn read(bytes: &[u8]) -> Result<Message, DecodeError> {
    let malformed = || DecodeError::field("txData", "is not a Solana message");
    let version = version(bytes);
    if version == Some(1) {
        return v1::read(bytes);
    }
    if bytes.len() > TRANSACTION_MAX_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let mut reader = match (version, bytes) {
        (None, bytes) => Reader(bytes),
        (Some(0), [_, rest @ ..]) => Reader(rest),
        (Some(version), _) => {
            let what = format!("Solana messages of version {version}");
            return Err(DecodeError::Unsupported(what.into()));
        }
    };
    let is_version_0 = version.is_some();
    let message = reader.message(is_version_0).ok_or_else(malformed)?;
    let is_exact = !is_version_0 || reader.0.is_empty();
    if is_exact && message.is_sound() { Ok(message) } else { Err(malformed()) }
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn key(&mut self) -> Option<Key> {
        self.bytes(KEY_BYTES)?.try_into().ok()
    }

    /// Seven bits a byte, in the shortest form only.
    fn length(&mut self) -> Option<usize> {
        let mut length = 0_usize;
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let is_shortest = shift == 0 || byte != 0;
                return Some(length).filter(|length| is_shortest && *length <= 0xffff);
            }
        }
        None
    }

    pub(super) fn header(&mut self) -> Option<Header> {
        Some(Header {
            signers: self.byte()?,
            read_only_signers: self.byte()?,
            read_only_others: self.byte()?,
        })
    }

    fn message(&mut self, is_version_0: bool) -> Option<Message> {
        let header = self.header()?;
        let keys = self.length()?;
        let keys = (0..keys).map(|_| self.key()).collect::<Option<_>>()?;
        let blockhash = self.key()?;
        let instructions = self.length()?;
        let instructions = (0..instructions).map(|_| self.instruction()).collect::<Option<_>>()?;
        let version = if is_version_0 { self.version_0()? } else { Version::Legacy };
        Some(Message { version, header, keys, blockhash, instructions })
    }

    fn version_0(&mut self) -> Option<Version> {
        let before = self.0;
        let looked_up = self.lookups()?;
        let used = before.len().saturating_sub(self.0.len());
        Some(Version::V0 { lookups: before.get(..used)?.to_vec(), looked_up })
    }

    pub(super) fn signatures(&mut self, count: usize) -> Option<Vec<Signature>> {
        (0..count).map(|_| self.bytes(SIGNATURE_BYTES)?.try_into().ok()).collect()
    }

    fn instruction(&mut self) -> Option<Instruction> {
        let program = self.byte()?;
        let accounts = self.length()?;
        let accounts = self.bytes(accounts)?.to_vec();
        let data = self.length()?;
        Some(Instruction { program, accounts, data: self.bytes(data)?.to_vec() })
    }

    /// A table's key and the places of accounts in it, to be written and to be read.
    fn lookups(&mut self) -> Option<usize> {
        let mut accounts = 0_usize;
        for _ in 0..self.length()? {
            self.key()?;
            let before = accounts;
            for _ in 0..2 {
                let places = self.length()?;
                self.bytes(places)?;
                accounts = accounts.checked_add(places)?;
            }
            if accounts == before {
                return None;
            }
        }
        Some(accounts)
    }
}

impl Message {
    /// Returns true if every index points to an account, and the payer is one that is written. Only
    /// the old kind may name an account twice; the two are merged.
    pub(super) fn is_sound(&self) -> bool {
        let Header { signers, read_only_signers, read_only_others } = self.header;
        let keys = self.keys.len();
        let others = keys.checked_sub(usize::from(signers));
        let looked_up = match self.version {
            Version::V0 { looked_up, .. } => looked_up,
            Version::Legacy | Version::V1(_) => 0,
        };
        let accounts = keys.saturating_add(looked_up);
        let is_there = |index: &u8| usize::from(*index) < accounts;
        let is_unique = || self.keys.iter().collect::<HashSet<_>>().len() == keys;
        read_only_signers < signers
            && accounts <= ACCOUNTS_MAX
            && (self.version == Version::Legacy || is_unique())
            && others.is_some_and(|others| usize::from(read_only_others) <= others)
            && self.instructions.iter().all(|instruction| {
                instruction.program != 0
                    && usize::from(instruction.program) < keys
                    && instruction.accounts.iter().all(is_there)
            })
    }

    pub(super) fn signers(&self) -> &[Key] {
        self.keys.get(..usize::from(self.header.signers)).unwrap_or_default()
    }

    pub(super) fn is_signer(&self, place: usize) -> bool {
        place < usize::from(self.header.signers)
    }

    pub(super) fn is_writable(&self, place: usize) -> bool {
        let Header { signers, read_only_signers, read_only_others } = self.header;
        if self.is_signer(place) {
            place < usize::from(signers.saturating_sub(read_only_signers))
        } else {
            place < self.keys.len().saturating_sub(usize::from(read_only_others))
        }
    }

    /// Returns true if the message and its signatures are too long for the network.
    pub(super) fn is_too_long(&self) -> bool {
        let signatures = usize::from(self.header.signers).saturating_mul(SIGNATURE_BYTES);
        let length = self.to_bytes().len().saturating_add(signatures);
        match self.version {
            // One byte says how many signatures there are: more than 127 are too long by far.
            Version::Legacy | Version::V0 { .. } => {
                length.saturating_add(1) > TRANSACTION_MAX_BYTES
            }
            Version::V1(_) => length > v1::TRANSACTION_MAX_BYTES,
        }
    }

    /// The position of the blockhash in [`to_bytes`](Self::to_bytes).
    pub(super) fn blockhash_position(&self) -> usize {
        let mut head = Vec::new();
        write_length(&mut head, self.keys.len());
        let keys = self.keys.len().saturating_mul(KEY_BYTES);
        let of_legacy = HEADER_BYTES.saturating_add(head.len()).saturating_add(keys);
        match self.version {
            Version::Legacy => of_legacy,
            Version::V0 { .. } => of_legacy.saturating_add(1),
            Version::V1(_) => v1::BLOCKHASH_POSITION,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let lookups = match &self.version {
            Version::V1(config) => return v1::to_bytes(self, config),
            Version::V0 { lookups, .. } => {
                out.push(VERSION_0);
                lookups.as_slice()
            }
            Version::Legacy => &[],
        };
        out.extend(self.header.to_bytes());
        write_length(&mut out, self.keys.len());
        self.keys.iter().for_each(|key| out.extend(key));
        out.extend(self.blockhash);
        write_length(&mut out, self.instructions.len());
        for instruction in &self.instructions {
            out.push(instruction.program);
            write_length(&mut out, instruction.accounts.len());
            out.extend(&instruction.accounts);
            write_length(&mut out, instruction.data.len());
            out.extend(&instruction.data);
        }
        out.extend(lookups);
        out
    }
}

impl Header {
    pub(super) const fn to_bytes(self) -> [u8; HEADER_BYTES] {
        [self.signers, self.read_only_signers, self.read_only_others]
    }
}

/// Seven bits a byte, least significant first.
pub(super) fn write_length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    while rest > 0x7f {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The signatures of a transaction, and the message that they sign: they come before it, with their
/// number, and after one of version 1.
pub(super) fn split_transaction(bytes: &[u8]) -> Option<(Vec<Signature>, &[u8])> {
    if version(bytes) == Some(1) {
        return v1::split_transaction(bytes);
    }
    let mut reader = Reader(bytes);
    let count = reader.length()?;
    Some((reader.signatures(count)?, reader.0))
}

/// The transaction of a message and its signatures.
pub(super) fn join_transaction(signatures: &[Signature], message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if version(message) == Some(1) {
        return [message, signatures.as_flattened()].concat();
    }
    write_length(&mut out, signatures.len());
    out.extend(signatures.as_flattened());
    out.extend(message);
    out
}
