use kms_core::{
    Allowance, Amount, Asset, ChainId, Coverage, Effects, Fee, Network, Transfer, Unexplained,
};
use serde_json::json;

fn nothing() -> Effects {
    let fee = Fee::native(Amount::from_base_units(7));
    Effects::new(ChainId::new("ETH"), Network::Mainnet, fee)
}

fn transfer(to: &str, units: u64, to_self: bool) -> Transfer {
    let amount = Amount::from_base_units(units);
    Transfer { asset: Asset::Native, to: to.to_owned(), amount, to_self, tag: None }
}

#[test]
fn what_shows_nothing_is_never_complete() {
    let mut moves_nothing = nothing();
    moves_nothing.add_transfer(transfer("somebody", 0, false));
    for effects in [nothing(), moves_nothing] {
        assert_eq!(effects.coverage(), Coverage::Partial);
        let told = effects.to_json();
        assert_eq!(
            (&told["isComplete"], &told["calls"][0]),
            (&json!(false), &told["unexplained"][0]["what"])
        );
        assert_eq!(effects.unexplained().count(), 1);
    }
    let mut change = nothing();
    change.add_transfer(transfer("us", 1, true));
    let mut lends = nothing();
    let asset = Asset::Native;
    lends.add_allowance(Allowance { asset, spender: String::from("them"), amount: None });
    for effects in [change, lends] {
        assert_eq!((effects.coverage(), effects.unexplained().count()), (Coverage::Full, 0));
    }
}

#[test]
fn all_who_are_or_may_be_paid_are_receivers() {
    let mut effects = nothing();
    effects.add_payer("us");
    effects.add_transfer(transfer("paid", 1, false));
    effects.add_transfer(transfer("us", 1, true));
    let asset = Asset::Native;
    effects.add_allowance(Allowance { asset, spender: String::from("spender"), amount: None });
    effects.add_unexplained(Unexplained::new("a sentence about nobody"));
    effects.add_unexplained(Unexplained::new("escrow").for_receiver("escrowed"));
    effects.add_unexplained(Unexplained::call("contract"));
    let receivers: Vec<_> = effects.receivers().into_iter().collect();
    assert_eq!(receivers, ["contract", "escrowed", "paid", "spender"]);
}

#[test]
fn programs_read_everything_by_its_name() {
    let mut effects = nothing();
    effects.add_payer("b");
    effects.add_payer("a");
    effects
        .add_transfer(Transfer { tag: Some(String::from("muxed:7")), ..transfer("x", 5, false) });
    effects.tag_transfers(Some("text:lunch"));
    effects.add_unexplained(Unexplained::new("escrow").for_receiver("y"));
    effects.add_unexplained(Unexplained::call("z"));
    let told = json!({
        "from": ["a", "b"],
        "transfers": [
            { "asset": "native", "to": "x", "amount": "5", "toSelf": false, "tag": "muxed:7 text:lunch" },
        ],
        "allowances": [],
        "calls": ["escrow", "z"],
        "unexplained": [
            { "what": "escrow", "receiver": "y", "contract": null },
            { "what": "z", "receiver": null, "contract": "z" },
        ],
        "accounts": {},
        "maxFee": { "asset": "native", "amount": "7" },
        "isComplete": false,
    });
    assert_eq!(effects.to_json(), told);
    let text = "5 native to x (tag \"muxed:7 text:lunch\"); calls escrow for y; calls z; \
                fee at most 7 native";
    assert_eq!(effects.to_string(), text);
}
