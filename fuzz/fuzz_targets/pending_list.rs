//! The API's answer to a poll.
#![no_main]

use kms_core::Network;
use kms_fuzz::chain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = kms_api::read_pending_list(text, chain().spec(), Network::Testnet);
});
