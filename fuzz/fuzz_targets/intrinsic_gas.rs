//! The least gas of a transaction, against another formula for it: by the byte, as the EIPs have it.
//!
//! The first bytes are the kind, the sizes of an access list and the gas limit; the rest is data.
#![no_main]

use std::sync::LazyLock;

use kms_core::{ChainOptions, DecodeError, DecodeInput};
use kms_fuzz::{Recorded, chain};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

static RECORDED: LazyLock<Recorded> = LazyLock::new(Recorded::load);

const ADDRESS: &str = "0x0000000000000000000000000000000000000001";
const KEY: &str = "0x0000000000000000000000000000000000000000000000000000000000000000";

fuzz_target!(|input: &[u8]| {
    let Some((&[kind, addresses, keys, a, b, c, d], data)) = input.split_first_chunk() else {
        return;
    };
    let gas = u32::from_be_bytes([a, b, c, d]);
    let creates = kind % 2 == 1;
    let list = vec![json!({ "address": ADDRESS, "storageKeys": vec![KEY; keys.into()] }); addresses.into()];
    let digits: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut payload = json!({ "gas": gas, "gasPrice": "1000000000", "data": format!("0x{digits}"), "accessList": list });
    if !creates {
        payload["to"] = json!(ADDRESS);
    }
    let Some((pending, signers, _)) = RECORDED.pending(0, &payload.to_string()) else { return };
    let options = ChainOptions::default();
    let order = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let outcome = chain().decode(&order).map(|_| ());
    let too_large = creates && data.len() > 49_152;
    let least = least(data, creates, addresses.into(), keys.into());
    match outcome {
        Err(DecodeError::GasTooLow { given, needed }) => {
            assert_eq!((given, needed), (gas.into(), least));
            assert!(given < needed && !too_large);
        }
        Err(other) => assert!(too_large, "{other}"),
        // No gas at all: the node is asked.
        Ok(()) => assert!(!too_large && (gas == 0 || u64::from(gas) >= least)),
    }
});

fn least(data: &[u8], creates: bool, addresses: u64, keys: u64) -> u64 {
    let mut usual = 21_000 + addresses * (2_400 + keys * 1_900);
    let mut floor = 21_000;
    for (place, byte) in data.iter().enumerate() {
        usual += if *byte == 0 { 4 } else { 16 };
        floor += if *byte == 0 { 10 } else { 40 };
        if creates && place % 32 == 0 {
            usual += 2;
        }
    }
    floor.max(usual + if creates { 32_000 } else { 0 })
}
