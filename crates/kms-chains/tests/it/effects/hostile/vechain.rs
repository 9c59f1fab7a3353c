//! VeChain: what the protocol's own contracts hand over.

use alloy_primitives::{Address, U256, address};
use kms_testkit::vectors::SignCase;
use serde_json::json;

use super::{Hostile, evm};
use crate::effects::{
    calls::{call, word},
    evm::spell,
    wire::prefixed,
};

const THIEF: Address = Address::repeat_byte(0x66);
const ENERGY: Address = address!("0000000000000000000000000000456e65726779");
const PROTOTYPE: Address = address!("000000000000000000000050726f746f74797065");

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let mut all = evm::vechain(base, own);
    let (own, thief) = (word(own.parse().expect("an address")), word(THIEF));
    let five = U256::from(5);
    let clauses = |to: Address, data: Vec<u8>| json!({ "nonce": 7, "clauses": [{ "to": spell(to), "data": prefixed(&data) }] });
    let (name, prototype) = (spell(THIEF), spell(PROTOTYPE));
    let told = [
        (ENERGY, call("move(address,address,uint256)", &[own, thief, five]), vec![&name]),
        (PROTOTYPE, call("addUser(address,address)", &[own, thief]), vec![&name, &prototype]),
        (PROTOTYPE, call("sponsor(address)", &[thief]), vec![&name, &prototype]),
        (PROTOTYPE, call("selectSponsor(address,address)", &[own, thief]), vec![&name]),
        (
            PROTOTYPE,
            call("setCreditPlan(address,uint256,uint256)", &[own, five, five]),
            vec![&prototype],
        ),
        (PROTOTYPE, call("setMaster(address)", &[thief]), vec![&prototype]),
    ];
    for (to, data, told) in told {
        let told: Vec<_> = told.into_iter().map(String::as_str).collect();
        all.push(Hostile::told("a contract of the protocol", &clauses(to, data), &told));
    }
    let master = call("setMaster(address,address)", &[own, thief]);
    all.push(Hostile::takes_over("a master", &clauses(PROTOTYPE, master), &[&name, &prototype]));
    all
}
