//! Messages of version 1: what they may spend on computing is in the header, and the signatures come
//! last. <https://github.com/solana-foundation/solana-improvement-documents/pull/385>

use kms_core::DecodeError;

use super::message::{
    Header, Instruction, KEY_BYTES, Message, Reader, SIGNATURE_BYTES, Signature, VERSION_1, Version,
};

pub(super) const TRANSACTION_MAX_BYTES: usize = 4_096;
const KEYS_MAX: usize = 64;
const INSTRUCTIONS_MAX: usize = 64;
const SIGNERS_MAX: u8 = 12;
/// Behind the version, the header and the mask.
pub(super) const BLOCKHASH_POSITION: usize = 8;

/// The bits of the mask say which values are there. Of the first two, both or none are set.
const PRIORITY_FEE: u32 = 0b11;
const COMPUTE_UNITS: u32 = 0b100;
const LOADED_BYTES: u32 = 0b1000;
const HEAP_BYTES: u32 = 0b1_0000;
const KNOWN: u32 = PRIORITY_FEE | COMPUTE_UNITS | LOADED_BYTES | HEAP_BYTES;

const HEAP_UNIT: u32 = 1 << 10;
const HEAP_LEAST: u32 = 32 << 10;
const HEAP_MOST: u32 = 256 << 10;

/// The limits of what the message may spend. A value that is missing is the least that is possible: no priority
/// fee, and no computing at all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Config {
    /// In lamports, for the whole transaction.
    pub(super) priority_fee: Option<u64>,
    pub(super) compute_units: Option<u32>,
    /// Of accounts, at most.
    pub(super) loaded_bytes: Option<u32>,
    pub(super) heap_bytes: Option<u32>,
}

fn wrong(problem: &'static str) -> DecodeError {
    DecodeError::field("txData", problem)
}

/// # Errors
/// When the bytes are not exactly a message of version 1, or one that no node takes.
pub(super) fn read(bytes: &[u8]) -> Result<Message, DecodeError> {
    if bytes.len() > TRANSACTION_MAX_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let mut reader = Reader(bytes);
    let message = reader.message_1()?;
    if !reader.0.is_empty() {
        return Err(wrong("has bytes behind a message of version 1"));
    }
    check(&message)?;
    Ok(message)
}

/// # Errors
/// The limit of the version that the message exceeds.
fn check(message: &Message) -> Result<(), DecodeError> {
    let is_heap =
        |size: u32| (HEAP_LEAST..=HEAP_MOST).contains(&size) && size.is_multiple_of(HEAP_UNIT);
    let Version::V1(config) = &message.version else { return Ok(()) };
    if message.header.signers > SIGNERS_MAX {
        Err(wrong("has more than 12 signers"))
    } else if message.keys.len() > KEYS_MAX {
        Err(wrong("has more than 64 accounts"))
    } else if message.instructions.len() > INSTRUCTIONS_MAX {
        Err(wrong("has more than 64 instructions"))
    } else if config.heap_bytes.is_some_and(|size| !is_heap(size)) {
        Err(wrong("has a heap size that is no multiple of 1024 from 32768 to 262144"))
    } else if message.is_sound() {
        Ok(())
    } else {
        Err(wrong("is not a Solana message of version 1"))
    }
}

impl Reader<'_> {
    fn message_1(&mut self) -> Result<Message, DecodeError> {
        let short = || wrong("is not a Solana message of version 1");
        let (header, mask) = self.head_1().ok_or_else(short)?;
        if mask & !KNOWN != 0 {
            return Err(wrong("has a config mask with bits that have no meaning yet"));
        }
        if ![0, PRIORITY_FEE].contains(&(mask & PRIORITY_FEE)) {
            return Err(wrong("has a config mask with one of the two bits of the priority fee"));
        }
        self.rest_1(header, mask).ok_or_else(short)
    }

    fn head_1(&mut self) -> Option<(Header, u32)> {
        self.byte().filter(|version| *version == VERSION_1)?;
        Some((self.header()?, self.number_32()?))
    }

    fn rest_1(&mut self, header: Header, mask: u32) -> Option<Message> {
        let blockhash = self.key()?;
        let (instructions, keys) = (self.byte()?, self.byte()?);
        let keys = (0..keys).map(|_| self.key()).collect::<Option<_>>()?;
        let config = self.config(mask)?;
        let heads =
            (0..instructions).map(|_| self.instruction_head()).collect::<Option<Vec<_>>>()?;
        let instructions = heads.into_iter().map(|(program, accounts, data)| {
            let accounts = self.bytes(accounts.into())?.to_vec();
            Some(Instruction { program, accounts, data: self.bytes(data.into())?.to_vec() })
        });
        let instructions = instructions.collect::<Option<_>>()?;
        let version = Version::V1(config);
        Some(Message { version, header, keys, blockhash, instructions })
    }

    fn number_32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    fn config(&mut self, mask: u32) -> Option<Config> {
        let mut config = Config::default();
        if mask & PRIORITY_FEE != 0 {
            config.priority_fee = Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?));
        }
        for (bit, value) in [
            (COMPUTE_UNITS, &mut config.compute_units),
            (LOADED_BYTES, &mut config.loaded_bytes),
            (HEAP_BYTES, &mut config.heap_bytes),
        ] {
            if mask & bit != 0 {
                *value = Some(self.number_32()?);
            }
        }
        Some(config)
    }

    /// The program, and the lengths of accounts and data.
    fn instruction_head(&mut self) -> Option<(u8, u8, u16)> {
        let (program, accounts) = (self.byte()?, self.byte()?);
        Some((program, accounts, u16::from_le_bytes(self.bytes(2)?.try_into().ok()?)))
    }
}

impl Config {
    fn mask(&self) -> u32 {
        let bit = |is_there: bool, bit: u32| if is_there { bit } else { 0 };
        bit(self.priority_fee.is_some(), PRIORITY_FEE)
            | bit(self.compute_units.is_some(), COMPUTE_UNITS)
            | bit(self.loaded_bytes.is_some(), LOADED_BYTES)
            | bit(self.heap_bytes.is_some(), HEAP_BYTES)
    }

    fn values(&self) -> Vec<u8> {
        let fee = self.priority_fee.iter().flat_map(|fee| fee.to_le_bytes());
        let others = [self.compute_units, self.loaded_bytes, self.heap_bytes];
        fee.chain(others.into_iter().flatten().flat_map(u32::to_le_bytes)).collect()
    }
}

/// A message that was read, or made of one: its counts fit their bytes.
pub(super) fn to_bytes(message: &Message, config: &Config) -> Vec<u8> {
    let Message { header, keys, blockhash, instructions, .. } = message;
    let mut out = vec![VERSION_1];
    out.extend(header.to_bytes());
    out.extend(config.mask().to_le_bytes());
    out.extend(blockhash);
    out.extend([instructions.len() as u8, keys.len() as u8]);
    out.extend(keys.as_flattened());
    out.extend(config.values());
    for Instruction { program, accounts, data } in instructions {
        out.extend([*program, accounts.len() as u8]);
        out.extend((data.len() as u16).to_le_bytes());
    }
    for Instruction { accounts, data, .. } in instructions {
        out.extend(accounts);
        out.extend(data);
    }
    out
}

/// The second byte says how many signatures stand at the end.
pub(super) fn split_transaction(bytes: &[u8]) -> Option<(Vec<Signature>, &[u8])> {
    let count = usize::from(*bytes.get(1)?);
    let length = bytes.len().checked_sub(count.checked_mul(SIGNATURE_BYTES)?)?;
    let (message, signatures) = bytes.split_at_checked(length)?;
    Some((Reader(signatures).signatures(count)?, message))
}

const _: () = assert!(KEY_BYTES == kms_core::LATE_VALUE_BYTES);
