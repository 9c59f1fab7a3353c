//! Messages of both versions, read and written byte for byte.
//! <https://solana.com/docs/core/transactions#message>

use std::collections::HashSet;

use kms_core::DecodeError;

pub(super) const KEY_BYTES: usize = 32;
pub(super) type Key = [u8; KEY_BYTES];

/// The first byte of a message of version 0; others have the number of signatures there.
pub(super) const VERSION_0: u8 = 0x80;
/// A transaction, signatures and all, fits one packet.
/// <https://solana.com/docs/core/transactions#transaction-size>
pub(super) const TRANSACTION_MAX_BYTES: usize = 1_232;
/// Accounts that an instruction can point to.
const ACCOUNTS_MAX: usize = 256;
pub(super) const SIGNATURE_BYTES: usize = 64;
pub(super) type Signature = [u8; SIGNATURE_BYTES];

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Message {
    pub(super) is_version_0: bool,
    pub(super) header: Header,
    pub(super) keys: Vec<Key>,
    pub(super) blockhash: Key,
    pub(super) instructions: Vec<Instruction>,
    /// Look-ups of further accounts, as they are; messages of version 0 only.
    pub(super) lookups: Vec<u8>,
    /// The number of accounts that the look-up tables add.
    pub(super) looked_up: usize,
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

/// # Errors
/// When the bytes are not a message. Bytes after a message of the old kind are dropped, as in the
/// original.
pub(super) fn read(bytes: &[u8]) -> Result<Message, DecodeError> {
    let malformed = || DecodeError::field("txData", "is not a Solana message");
    if bytes.len() > TRANSACTION_MAX_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let (is_version_0, mut reader) = match bytes.strip_prefix(&[VERSION_0]) {
        Some(rest) => (true, Reader(rest)),
        None => (false, Reader(bytes)),
    };
    let message = reader.message(is_version_0).ok_or_else(malformed)?;
    let is_exact = !is_version_0 || reader.0.is_empty();
    if is_exact && message.is_sound() { Ok(message) } else { Err(malformed()) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn key(&mut self) -> Option<Key> {
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

    fn message(&mut self, is_version_0: bool) -> Option<Message> {
        let header = Header {
            signers: self.byte()?,
            read_only_signers: self.byte()?,
            read_only_others: self.byte()?,
        };
        let keys = self.length()?;
        let keys = (0..keys).map(|_| self.key()).collect::<Option<_>>()?;
        let blockhash = self.key()?;
        let instructions = self.length()?;
        let instructions = (0..instructions).map(|_| self.instruction()).collect::<Option<_>>()?;
        let before = self.0;
        let looked_up = if is_version_0 { self.lookups()? } else { 0 };
        let used = before.len().saturating_sub(self.0.len());
        let lookups = before.get(..used)?.to_vec();
        Some(Message { is_version_0, header, keys, blockhash, instructions, lookups, looked_up })
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
    fn is_sound(&self) -> bool {
        let Header { signers, read_only_signers, read_only_others } = self.header;
        let keys = self.keys.len();
        let others = keys.checked_sub(usize::from(signers));
        let accounts = keys.saturating_add(self.looked_up);
        let is_there = |index: &u8| usize::from(*index) < accounts;
        let is_unique = || self.keys.iter().collect::<HashSet<_>>().len() == keys;
        read_only_signers < signers
            && accounts <= ACCOUNTS_MAX
            && (!self.is_version_0 || is_unique())
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
        // One byte says how many signatures there are: more than 127 are too long by far.
        let length = self.to_bytes().len().saturating_add(signatures).saturating_add(1);
        length > TRANSACTION_MAX_BYTES
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.is_version_0 {
            out.push(VERSION_0);
        }
        let Header { signers, read_only_signers, read_only_others } = self.header;
        out.extend([signers, read_only_signers, read_only_others]);
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
        out.extend(&self.lookups);
        out
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

/// Signatures before a message: how many, and the message.
pub(super) fn split_transaction(bytes: &[u8]) -> Option<(Vec<Signature>, &[u8])> {
    let mut reader = Reader(bytes);
    let count = reader.length()?;
    let signatures = (0..count)
        .map(|_| reader.bytes(SIGNATURE_BYTES)?.try_into().ok())
        .collect::<Option<_>>()?;
    Some((signatures, reader.0))
}
