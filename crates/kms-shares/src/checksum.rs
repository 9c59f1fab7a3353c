//! RS1024: three words that notice any three wrong ones.

use zeroize::Zeroizing;

pub(crate) const CHECKSUM_WORDS: usize = 3;
const WORD_BITS: u32 = 10;
const GENERATOR: [u32; 10] = [
    0x00e0_e040,
    0x01c1_c080,
    0x0383_8100,
    0x0707_0200,
    0x0e0e_0009,
    0x1c0c_2412,
    0x3808_6c24,
    0x3090_fc48,
    0x21b1_f890,
    0x03f3_f120,
];

/// Returns true if the last three of `words` fit the others.
pub(crate) fn is_right(words: &[u16], extendable: bool) -> bool {
    remainder(words, extendable) == 1
}

/// The three words to append to `words`.
pub(crate) fn of(words: &[u16], extendable: bool) -> [u16; CHECKSUM_WORDS] {
    let with_room = Zeroizing::new([words, &[0; CHECKSUM_WORDS]].concat());
    let sum = remainder(&with_room, extendable) ^ 1;
    // Ten bits fit.
    let word = |place: u32| u16::try_from((sum >> (WORD_BITS * place)) & 0x3ff).unwrap_or_default();
    [word(2), word(1), word(0)]
}

fn remainder(words: &[u16], extendable: bool) -> u32 {
    let customization = if extendable { b"shamir_extendable".as_slice() } else { b"shamir" };
    let customization = customization.iter().map(|letter| u32::from(*letter));
    customization.chain(words.iter().map(|word| u32::from(*word))).fold(1, |sum, word| {
        let top = sum >> 20;
        let shifted = ((sum & 0xf_ffff) << WORD_BITS) ^ word;
        (0_u32..).zip(GENERATOR).fold(shifted, |sum, (place, generator)| {
            sum ^ (generator & ((top >> place) & 1).wrapping_neg())
        })
    })
}
