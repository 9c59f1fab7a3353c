//! The amounts of inputs: those in the transactions that are spent against those in the payload.

use kms_core::{Answer, ChainOptions, DecodeInput, Signers};
use serde_json::json;

use super::{
    super::{draft::UtxoDraft, previous},
    *,
};

/// Of each chain, what one transaction may spend whose signatures do not commit to all of it.
fn kinds() -> Vec<(&'static Utxo, Vec<&'static str>)> {
    let [bitcoin, litecoin, dogecoin, bitcoin_cash] = ALL;
    vec![
        (bitcoin, vec![P2PKH]),
        (bitcoin, vec![P2PK]),
        (bitcoin, vec![P2WPKH, P2WPKH]),
        (bitcoin, vec![P2SH_P2WPKH, P2SH_P2WPKH]),
        (bitcoin, vec![P2WPKH, P2PKH]),
        (litecoin, vec![P2PKH]),
        (litecoin, vec![P2WPKH, P2SH_P2WPKH, P2PKH]),
        (dogecoin, vec![P2PKH]),
        (dogecoin, vec![P2PK, P2PKH]),
        (bitcoin_cash, vec![P2PKH, P2PKH]),
    ]
}

/// A hundred coins.
const WORTH: u64 = 10_000_000_000;

fn spending(kinds: &[&str]) -> Vec<Spent> {
    (1..).zip(kinds).map(|(number, kind)| spent(number, WORTH, kind)).collect()
}

#[test]
fn amounts_that_are_true_pass_and_each_transaction_is_read_once() {
    for (chain, kinds) in kinds() {
        let spent = spending(&kinds);
        let paid = WORTH * u64::try_from(kinds.len()).unwrap() - usual_fee(chain);
        let ended = run_honestly(chain, &spent, &[(paid, STRANGER)]);
        let ids: Vec<_> = spent.iter().map(|spent| spent.outpoint().txid.to_string()).collect();
        assert_eq!(ended.asked, ids, "{} {kinds:?}", chain.spec.id);
        let unsigned = ended.outcome.unwrap();
        assert_eq!(unsigned.effects().max_fee().amount.to_string(), usual_fee(chain).to_string());
    }
}

/// The fee looks usual by the payload's own numbers.
#[test]
fn an_input_that_is_worth_more_or_less_than_said_is_refused() {
    for (chain, kinds) in kinds() {
        for place in 0..kinds.len() {
            for lie in [1_000_000_000, WORTH - 1, WORTH + 1, 4 * WORTH] {
                let mut spent = spending(&kinds);
                spent[place].stated_amount = lie;
                let sum: u64 = spent.iter().map(|spent| spent.stated_amount).sum();
                let ended = run_honestly(chain, &spent, &[(sum - usual_fee(chain), STRANGER)]);
                let outpoint = spent[place].outpoint();
                assert_eq!(
                    ended.refusal(),
                    format!(
                        "input {place} spends {outpoint}, whose amount is {WORTH} base units, but \
                         the payload says {lie} base units"
                    ),
                    "{} {kinds:?}",
                    chain.spec.id
                );
            }
        }
    }
}

/// BIP-143, and Bitcoin Cash's digest: with another amount the signature is good for nothing.
#[test]
fn the_only_input_whose_signature_commits_to_its_amount_needs_no_word() {
    let [bitcoin, litecoin, _, bitcoin_cash] = ALL;
    for (chain, kind) in [
        (bitcoin, P2WPKH),
        (bitcoin, P2SH_P2WPKH),
        (litecoin, P2WPKH),
        (litecoin, P2SH_P2WPKH),
        (bitcoin_cash, P2PKH),
    ] {
        let ended = run_honestly(chain, &[spent(1, WORTH, kind)], &[(WORTH - 2_000, STRANGER)]);
        assert_eq!(ended.asked, Vec::<String>::new());
        assert!(ended.outcome.is_ok(), "{} {kind}", chain.spec.id);
    }
}

#[test]
fn outputs_of_one_transaction_are_read_together_and_by_their_own_number() {
    for chain in ALL {
        let transaction = paying(1, &[(1_000_000, STRANGER), (WORTH, P2PKH), (WORTH / 2, P2PKH)]);
        let output = |vout: u32, amount: u64| Spent {
            transaction: transaction.clone(),
            vout,
            stated_amount: amount,
            stated_script: P2PKH.to_owned(),
        };
        let outputs = [(WORTH + WORTH / 2 - usual_fee(chain), STRANGER)];
        let ended = run_honestly(chain, &[output(2, WORTH / 2), output(1, WORTH)], &outputs);
        assert_eq!(ended.asked, [transaction.compute_txid().to_string()]);
        assert!(ended.outcome.is_ok(), "{}", chain.spec.id);
        let swapped = run_honestly(chain, &[output(1, WORTH / 2), output(2, WORTH)], &outputs);
        assert!(swapped.refusal().contains("whose amount is"), "{}", chain.spec.id);
        let none = run_honestly(chain, &[output(1, WORTH), output(3, WORTH / 2)], &outputs);
        assert!(none.refusal().ends_with("but that transaction has 3 outputs"));
    }
}

#[test]
fn an_output_with_another_script_than_said_is_refused() {
    for chain in ALL {
        let mut spent = spending(&[P2PKH, P2PKH]);
        spent[1].transaction = paying(9, &[(WORTH, P2WPKH)]);
        let ended = run_honestly(chain, &spent, &[(2 * WORTH - usual_fee(chain), STRANGER)]);
        let refusal = ended.refusal();
        let expected = format!("whose script is {P2WPKH}, but the payload says {P2PKH}");
        assert!(refusal.contains(&expected), "{refusal}");
    }
}

/// Tokens of Bitcoin Cash stand before the script of the output that holds them (CHIP-2022-02).
#[test]
fn an_output_that_holds_tokens_is_not_spent_as_one_without() {
    let mut spent = spending(&[P2PKH, P2PKH]);
    let tokens = format!("ef{}1005{P2PKH}", "22".repeat(32));
    spent[0].transaction = paying(9, &[(WORTH, &tokens)]);
    let ended = run_honestly(&networks::BITCOIN_CASH, &spent, &[(2 * WORTH - 2_000, STRANGER)]);
    assert!(ended.refusal().contains("whose script is ef2222"));
}

#[test]
fn an_answer_that_is_not_the_transaction_is_refused() {
    let spent = [spent(1, WORTH, P2PKH)];
    let good = serialize_hex(&spent[0].transaction);
    let richer = serialize_hex(&paying(1, &[(WORTH + 1, P2PKH)]));
    let half = &good[..good.len() / 2];
    let answers = [
        json!(null),
        json!(""),
        json!("zz"),
        json!(richer),
        json!(half),
        json!(format!("0x{good}")),
        json!(format!("{good}00")),
        json!(&good[..good.len() - 2]),
        json!({ "hex": good }),
        json!([good]),
        json!("00".repeat(4_000_001)),
        json!("01000000000000000000"),
    ];
    for chain in &ALL[..3] {
        let payload = payload(chain, &spent, &[(WORTH - usual_fee(chain), STRANGER)]);
        let run = |answer: &serde_json::Value| {
            run(chain, &payload, &ChainOptions::default(), &|_| answer.clone())
        };
        for answer in &answers {
            let refusal = run(answer).refusal();
            assert!(refusal.starts_with("the answer to `getrawtransaction` is not"), "{refusal}");
        }
        assert!(run(&json!(good)).outcome.is_ok());
        assert!(run(&json!(good.to_uppercase())).outcome.is_ok());
    }
}

#[test]
fn an_operator_may_take_the_payloads_word() {
    let trusting = ChainOptions { trust_input_amounts: true, ..ChainOptions::default() };
    for (chain, kinds) in kinds() {
        let paid = WORTH * u64::try_from(kinds.len()).unwrap() - usual_fee(chain);
        let payload = payload(chain, &spending(&kinds), &[(paid, STRANGER)]);
        let ended = run(chain, &payload, &trusting, &|id| panic!("asked for {id}"));
        assert!(ended.outcome.is_ok());
    }
}

/// Nobody is asked for what cannot be signed anyway.
#[test]
fn a_transaction_without_a_key_for_an_input_asks_no_node() {
    let spent = [spent(1, WORTH, P2PKH), spent(2, WORTH, STRANGER)];
    let ended = run_honestly(&networks::BITCOIN, &spent, &[(2 * WORTH - 2_000, STRANGER)]);
    assert_eq!(ended.asked, Vec::<String>::new());
    assert!(ended.refusal().contains("is not signed"));
}

#[test]
fn a_fee_that_is_absurd_by_the_payloads_own_numbers_asks_no_node() {
    for chain in ALL {
        let spent = [spent(1, WORTH, P2PKH), spent(2, WORTH, P2PKH)];
        for paid in [WORTH, 2 * WORTH, 2 * WORTH + 1] {
            let ended = run_honestly(chain, &spent, &[(paid, STRANGER)]);
            assert_eq!(ended.asked, Vec::<String>::new());
            let refusal = ended.refusal();
            let is_told =
                refusal.starts_with("the fee of") || refusal.contains("exceed the inputs");
            assert!(is_told, "{} {paid}: {refusal}", chain.spec.id);
        }
    }
}

#[test]
fn more_transactions_than_one_of_the_network_could_spend_are_not_read() {
    let input = |number: u32| {
        json!({
            "prevTxId": format!("{number:064x}"), "outputIndex": 0,
            "output": { "satoshis": 1_000_000, "script": P2PKH },
        })
    };
    let payload = json!({
        "version": 2,
        "inputs": (0..2_001).map(input).collect::<Vec<_>>(),
        "outputs": [{ "satoshis": 2_000_000_000, "script": STRANGER }],
    });
    let payload = payload.to_string();
    let ended =
        run(&networks::BITCOIN, &payload, &ChainOptions::default(), &|id| panic!("asked: {id}"));
    assert_eq!(
        ended.refusal(),
        "field `inputs`: spend outputs of 2001 transactions; the maximum is 2000"
    );
}

#[test]
fn a_draft_without_its_answers_is_not_finished() {
    let paid = WORTH - 2_000;
    let payload = payload(&networks::LITECOIN, &[spent(1, WORTH, P2PKH)], &[(paid, STRANGER)]);
    let (pending, keys) = pending(&networks::LITECOIN, COMPRESSED, &payload);
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let mut draft = UtxoDraft::new(&networks::LITECOIN, &input).unwrap();
    let key = keys.public_key(&signers.keys()[0]).unwrap();
    kms_core::Draft::answer(&mut draft, Answer::PublicKey(key)).unwrap();
    let ended = kms_core::Draft::finish(Box::new(draft));
    assert_eq!(ended.unwrap_err().to_string(), "the transaction still lacks `amount of an input`");
}

/// The first payment of Bitcoin's, in block 170.
const OLD: (&str, &str) = (
    "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd370400000000484730440220\
     4e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd\
     12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f\
     07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a\
     704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6\
     909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000",
);

/// BIP-143's example of native P2WPKH: two outputs of 1.1234 and 2.2345 BTC.
const WITH_WITNESS: (&str, &str) = (
    "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609",
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000049483045\
     0221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99\
     f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b30\
     9fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a\
     783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac00024730\
     4402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c451833156140\
     6f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad2\
     53f62fc70f07aeee635711000000",
);

fn amounts(txid: &str, digits: &str) -> Result<Vec<u64>, String> {
    let outputs = previous::outputs(txid.parse().unwrap(), &json!(digits));
    let outputs = outputs.map_err(|error| error.to_string())?;
    Ok(outputs.iter().map(|output| output.value.to_sat()).collect())
}

#[test]
fn transactions_with_and_without_witness_have_the_ids_of_the_network() {
    assert_eq!(amounts(OLD.0, OLD.1), Ok(vec![1_000_000_000, 4_000_000_000]));
    assert_eq!(amounts(WITH_WITNESS.0, WITH_WITNESS.1), Ok(vec![112_340_000, 223_450_000]));
    let other_amount = WITH_WITNESS.1.replace("202cb20600", "202cb20700");
    assert!(amounts(WITH_WITNESS.0, &other_amount).is_err());
    let other_lock_time = format!("{}12000000", &OLD.1[..OLD.1.len() - 8]);
    assert!(amounts(OLD.0, &other_lock_time).is_err());
}

/// The transaction at the end of a block by which Litecoin Core 0.21.4 pays into and out of the
/// extension block, on its private network.
const OF_EXTENSION_BLOCK: (&str, &str) = (
    "a37d3fbb33ccf9bd09d11b9e36e36608d6a5d931e4a0bd3b4f7ad7fd07fd6d85",
    "0200000000080129f207d448f658ba5506632f611e4d5933ac4f9c95c0934aa33f22b54ee731f30000000000ffffff\
     ff01200f814a000000002258205da8fdebe9b5d88e06f7146ab40b30e32741407d4ed6b7ceb778d13bc9c6bcbb0000\
     000000",
);

/// LIP-3: what the flag 8 marks stands behind the witness and is not hashed: nothing in a
/// transaction of the block's own, and what concerns the extension block in one on its way there.
#[test]
fn litecoins_extension_blocks_do_not_change_an_id() {
    let (id, raw) = OF_EXTENSION_BLOCK;
    assert_eq!(amounts(id, raw), Ok(vec![1_249_972_000]));
    let (id, plain) = OLD;
    let (version, rest) = plain.split_at(8);
    let (body, lock_time) = rest.split_at(rest.len() - 8);
    let on_its_way = format!("{version}0008{body}01{}{lock_time}", "ab".repeat(2_000));
    assert_eq!(amounts(id, &on_its_way), Ok(vec![1_000_000_000, 4_000_000_000]));
    let (version, rest) = WITH_WITNESS.1.split_at(8);
    let (body, lock_time) = rest.split_at(rest.len() - 8);
    let body = body.strip_prefix("0001").unwrap();
    let both = format!("{version}0009{body}00{lock_time}");
    assert_eq!(amounts(WITH_WITNESS.0, &both), Ok(vec![112_340_000, 223_450_000]));
}
