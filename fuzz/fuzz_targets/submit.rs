//! Recorded bytes on their way to a chain's node, and what the node answers.
//!
//! Lines: the bytes as text, and one answer each, as JSON.
#![no_main]

use kms_core::{Network, RawTransaction};
use kms_fuzz::chain;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let raw = RawTransaction::from_text(lines.next().unwrap_or_default().to_owned());
    for network in [Network::Mainnet, Network::Testnet] {
        let Ok(Some(mut submission)) = chain().submission(network, &raw) else { return };
        for _ in 0..64 {
            let Some(_) = submission.next_step() else { break };
            let answer = lines.next().map(serde_json::from_str::<Value>);
            let Some(Ok(answer)) = answer else { return };
            if submission.outcome(Ok(answer)).is_err() {
                return;
            }
        }
        let _ = submission.tx_data();
    }
});
