//! Bytes that are no message.

use super::*;

#[test]
fn no_bytes_make_it_panic() {
    for case in cases() {
        let digits = payload(&case)["txData"].as_str().unwrap().to_owned();
        // The long ones have nothing but data more.
        if digits.len() > 2_000 {
            continue;
        }
        let bytes = crate::codec::hex::decode(&digits).unwrap();
        for place in 0..bytes.len() {
            let _ =
                effects(&with_payload(case.clone(), &json!({ "txData": &digits[..2 * place] })));
            if place % 7 == 0 {
                for bits in [0x01, 0x80, 0xff] {
                    let mut altered = bytes.clone();
                    altered[place] ^= bits;
                    let altered = crate::codec::hex::encode(&altered);
                    let _ = effects(&with_payload(case.clone(), &json!({ "txData": altered })));
                }
            }
        }
    }
}

#[test]
fn lengths_have_one_spelling() {
    let good = crate::codec::hex::decode(
        payload(&case("sol-sdk-v0-transfer"))["txData"].as_str().unwrap(),
    )
    .unwrap();
    assert!(message::read(&good).is_ok());
    // The count of keys, in two bytes instead of one.
    let mut longer = good.clone();
    longer.splice(4..5, [good[4] | 0x80, 0]);
    assert!(message::read(&longer).is_err());
    // A second version, a payer that is not written, more signers than keys.
    for (place, value) in [(0, 0x81), (2, 1), (1, 9), (3, 9)] {
        let mut altered = good.clone();
        altered[place] = value;
        assert!(message::read(&altered).is_err(), "{place}");
    }
}
