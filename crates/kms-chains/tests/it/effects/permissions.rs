//! Calls whose effect depends on who makes them: permits, bundles, and bundles of another contract.

use alloy_primitives::{Address, U256};
use kms_core::{Asset, Effects};
use serde_json::json;

use super::{
    calls::{bundle, call, word},
    cases, chain,
    evm::spell,
    road,
    wire::prefixed,
};

const TOKEN: Address = Address::repeat_byte(0x55);
const OTHER: Address = Address::repeat_byte(0x66);
/// <https://github.com/Uniswap/permit2>: the same on every chain.
const PERMIT2: &str = "0x000000000022d473030f116ddee9f6b43ac78ba3";
const PERMIT: &str = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)";
const DAI_PERMIT: &str = "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)";

/// The effects of a call by the wallet of a recorded case.
fn effects(to: &str, data: impl Fn(Address) -> Vec<u8>) -> Effects {
    let base = cases("ETH").into_iter().find(|case| case.name == "eth-native-explicit");
    let base = base.expect("a case");
    let (usual, _) = road::answered(chain("ETH"), &base).expect("it is signed");
    let own = usual.from().first().expect("a payer").parse().expect("an address");
    let payload = json!({
        "to": to, "nonce": 1, "gas": 1_000_000, "gasPrice": "1000000000", "chainId": 11_155_111,
        "data": prefixed(&data(own)),
    });
    let case = road::with_payload(&base, &payload.to_string());
    road::answered(chain("ETH"), &case).expect("it is signed").0
}

fn allowed(effects: &Effects) -> Vec<(String, String, Option<String>)> {
    let line = |one: &kms_core::Allowance| {
        let amount = one.amount.as_ref().map(ToString::to_string);
        (one.asset.to_string(), one.spender.clone(), amount)
    };
    effects.allowances().iter().map(line).collect()
}

fn whats(effects: &Effects) -> Vec<(String, Option<String>, Option<String>)> {
    let line = |one: &kms_core::Unexplained| {
        (one.what.clone(), one.receiver.clone(), one.contract.clone())
    };
    effects.unexplained().map(line).collect()
}

#[test]
fn a_permit_is_an_allowance_of_whoever_signed_it() {
    let (five, one) = (U256::from(5), U256::from(1));
    let token = format!("token {}", spell(TOKEN));
    let of = |owner: Option<Address>| {
        effects(&spell(TOKEN), move |own| {
            let owner = word(owner.unwrap_or(own));
            call(PERMIT, &[owner, word(OTHER), five, U256::MAX, U256::from(27), one, one])
        })
    };
    let ours = of(None);
    assert_eq!(allowed(&ours), [(token.clone(), spell(OTHER), Some("5".into()))]);
    assert_eq!(whats(&ours), []);
    let theirs = of(Some(TOKEN));
    assert_eq!(allowed(&theirs), []);
    let what = format!("a permit of {}", spell(TOKEN));
    assert_eq!(whats(&theirs), [(what, Some(spell(OTHER)), Some(spell(TOKEN)))]);
    for (is_allowed, amount) in [(one, None), (U256::ZERO, Some("0".into()))] {
        let dai = effects(&spell(TOKEN), |own| {
            let words = [word(own), word(OTHER), five, five, is_allowed, U256::from(27), one, one];
            call(DAI_PERMIT, &words)
        });
        assert_eq!(allowed(&dai), [(token.clone(), spell(OTHER), amount)]);
    }
}

#[test]
fn permit2_keeps_allowances_of_other_tokens() {
    let approve = |to: &str, amount: U256| {
        effects(to, move |_| {
            let words = [word(TOKEN), word(OTHER), amount, U256::ZERO];
            call("approve(address,address,uint160,uint48)", &words)
        })
    };
    let token = format!("token {}", spell(TOKEN));
    let all = U256::MAX >> 96;
    assert_eq!(
        allowed(&approve(PERMIT2, U256::from(7))),
        [(token.clone(), spell(OTHER), Some("7".into()))]
    );
    assert_eq!(allowed(&approve(PERMIT2, all)), [(token, spell(OTHER), None)]);
    let elsewhere = approve(&spell(TOKEN), all);
    assert_eq!(
        (allowed(&elsewhere), elsewhere.receivers().contains(&*spell(OTHER))),
        (vec![], true)
    );
}

/// A contract that calls itself acts for its caller: so does the token of this bundle.
#[test]
fn a_contract_calls_itself_for_its_caller() {
    let pay = call("transfer(address,uint256)", &[word(OTHER), U256::from(5)]);
    let inner = bundle("multicall(bytes[])", &[], &[(vec![], pay.clone()), (vec![], pay)]);
    let outer =
        effects(&spell(TOKEN), |_| bundle("multicall(bytes[])", &[], &[(vec![], inner.clone())]));
    let token = Asset::Token { contract: spell(TOKEN) };
    let paid: Vec<_> = outer.transfers().iter().map(|one| (&one.asset, one.to.as_str())).collect();
    assert_eq!(paid, [(&token, &*spell(OTHER)); 2]);
    let bundles = whats(&outer).into_iter().filter(|(what, ..)| *what == spell(TOKEN)).count();
    assert_eq!(bundles, 2, "a bundle is never all that is known");
}

/// Multicall3 moves its own tokens, and ours only by an allowance: no payment of ours is made up.
#[test]
fn another_contract_calls_for_itself() {
    let multicall = "0xca11bde05977b3631167028862be2a173976ca11";
    let told = effects(multicall, |own| {
        let pay = call("transfer(address,uint256)", &[word(OTHER), U256::from(5)]);
        let take = [word(own), word(OTHER), U256::from(6)];
        let take = call("transferFrom(address,address,uint256)", &take);
        let allow = call("approve(address,uint256)", &[word(OTHER), U256::from(7)]);
        let part = |data| (vec![word(TOKEN), U256::ZERO], data);
        let parts = [part(pay), part(take), part(allow)];
        bundle("aggregate3((address,bool,bytes)[])", &[], &parts)
    });
    assert_eq!((told.transfers(), told.allowances()), (&[][..], &[][..]));
    let token = format!("token {}", spell(TOKEN));
    for what in [
        format!("5 {token} that {multicall} moves"),
        format!("6 {token} that {multicall} moves"),
        format!("{token} that {multicall} allows to spend"),
    ] {
        let entry = (what, Some(spell(OTHER)), Some(spell(TOKEN)));
        assert!(whats(&told).contains(&entry), "{entry:?} in {told:?}");
    }
    assert!(whats(&told).contains(&(multicall.into(), None, Some(multicall.into()))));
}

/// Bundles of bundles are read to a depth, beyond which the contract is named.
#[test]
fn a_bundle_has_an_end() {
    let mut data = call("transfer(address,uint256)", &[word(OTHER), U256::from(5)]);
    for _ in 0..40 {
        data = bundle("multicall(bytes[])", &[], &[(vec![], data)]);
    }
    let told = effects(&spell(TOKEN), |_| data.clone());
    assert_eq!(told.transfers(), []);
    assert!((2..10).contains(&whats(&told).len()), "{told:?}");
}
