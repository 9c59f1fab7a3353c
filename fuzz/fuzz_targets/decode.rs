//! The payload of a pending transaction, and what nodes answer to the questions it leads to.
//!
//! The first byte picks a recorded transaction, whose wallets sign; then come lines: the payload,
//! and one answer each, as JSON.
#![no_main]

use std::sync::LazyLock;

use kms_core::{Answer, ChainOptions, DecodeInput, Query};
use kms_fuzz::{Recorded, chain};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static RECORDED: LazyLock<Recorded> = LazyLock::new(Recorded::load);

fuzz_target!(|data: &[u8]| {
    let Some((pick, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut lines = text.split('\n');
    let Some((pending, signers, keys)) = RECORDED.pending(*pick, lines.next().unwrap_or_default())
    else {
        return;
    };
    let options = ChainOptions {
        allow_account_changes: true,
        allow_flow_nft: true,
        allow_rekeyed: true,
        ..ChainOptions::default()
    };
    let order = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let Ok(mut draft) = chain().decode(&order) else { return };
    for _ in 0..64 {
        let Some(query) = draft.next_query() else { break };
        let answer = match query {
            Query::PublicKey(key) => match RECORDED.public_key(&keys, &key) {
                Some(key) => Answer::PublicKey(key),
                None => return,
            },
            Query::Node(_) => match lines.next().map(serde_json::from_str::<Value>) {
                Some(Ok(value)) => Answer::Node(value),
                _ => return,
            },
        };
        if draft.answer(answer).is_err() {
            return;
        }
    }
    if let Ok(unsigned) = draft.finish() {
        let _ = unsigned.effects().to_string();
        let _ = unsigned.claims();
    }
});
