//! Accounts of look-up tables, which the message does not name.

use super::*;

/// A case of version 0 whose one instruction is about an account of a table.
fn with_looked_up(program: &str, data: &[u8]) -> Value {
    let base = case("sol-sdk-v0-two-tables");
    let mut message = message_of(&base);
    let program = bs58::decode(program).into_vec().unwrap().try_into().unwrap();
    message.keys.push(program);
    message.header.read_only_others += 1;
    let (program, looked_up) = (message.keys.len() - 1, message.keys.len());
    message.instructions = vec![message::Instruction {
        program: u8::try_from(program).unwrap(),
        accounts: vec![u8::try_from(looked_up).unwrap(), 0, 0],
        data: data.to_vec(),
    }];
    message.keys.dedup();
    let digits = crate::codec::hex::encode(&message.to_bytes());
    with_payload(base, &json!({ "txData": digits }))
}

#[test]
fn who_is_put_in_charge_of_an_account_of_a_table_needs_permission_too() {
    const STAKE: &str = "Stake11111111111111111111111111111111111111";
    let thief = [9; 32];
    for (program, data) in [
        (TOKEN, [&[6, 2, 1][..], &thief].concat()),
        (TOKEN, [&[255, 1, 35, 6, 2, 1][..], &thief].concat()),
        (STAKE, [&[1, 0, 0, 0][..], &thief, &[0; 4]].concat()),
    ] {
        let case = with_looked_up(program, &data);
        let error = effects(&case).unwrap_err();
        assert!(error.contains("--allow-account-changes"), "{program}: {error}");
        let told = allowed(&case);
        assert!(told.receivers().contains(spell(&thief).as_str()), "{told:?}");
        assert_eq!(told.coverage(), Coverage::Partial);
    }
}
