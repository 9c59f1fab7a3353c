//! A daemon's round against the sandbox: poll, look-ups, signature, broadcast, verdict.

use bitcoin::consensus::encode::serialize_hex;
use kms_chains::CHAINS;
use kms_core::{
    AddressIndex, Chain, ChainOptions, Failure, FourEyes, Gate, IndexedWallet, Network, Pending,
    PendingRequest, Ports, PublicKey, Road, SignatureId, TransactionId, process,
};
use kms_sandbox::{
    Expected, Running, Sample, Sandbox, Signer, State, TransactionState, Wallet, samples,
};
use kms_testkit::NoJournal;
use serde_json::{Value, json};

use crate::{
    client::call,
    signer::{Api, Keys, Yes},
};

const WALLET: &str = "a6bf3c0f-f9ab-4bde-bad6-ebf39c1fd5e9";

fn keys(chain: &dyn Chain, network: Network, is_mnemonic: bool) -> Keys {
    Keys::new(chain, network, is_mnemonic, 7)
}

fn read(pending: &Value, chain: &'static dyn Chain, network: Network) -> Pending {
    let id = |text: &Value| SignatureId::parse(text.as_str().unwrap()).unwrap();
    let index = |value: &Value| {
        value.as_u64().map(|index| AddressIndex::new(u32::try_from(index).unwrap()).unwrap())
    };
    let signatures = pending["signatures"].as_array().cloned().unwrap_or_default();
    Pending::new(PendingRequest {
        id: TransactionId::parse(pending["id"].as_str().unwrap()).unwrap(),
        chain: chain.spec().id,
        network,
        hashes: pending["hashes"].as_array().unwrap().iter().map(id).collect(),
        signatures: signatures
            .iter()
            .map(|one| IndexedWallet { wallet: id(&one["id"]), index: index(&one["index"]) })
            .collect(),
        index: index(&pending["index"]),
        withdrawal: None,
        payload: pending["serializedTransaction"].as_str().unwrap().to_owned(),
        as_received: pending.to_string(),
    })
}

/// Polls for the wallet and signs what is offered.
async fn round(
    sandbox: &Running,
    chain: &'static dyn Chain,
    keys: &Keys,
) -> Vec<Result<TransactionId, Failure>> {
    let api = Api(sandbox.address());
    let path = format!("/v3/kms/pending/{}", chain.spec().id);
    let ids = json!({ "signatureIds": ["another", WALLET] });
    let offered = call(api.0, "POST", &path, &ids).await.json();
    let mut outcomes = Vec::new();
    for pending in offered.as_array().unwrap() {
        let pending = read(pending, chain, keys.facts.network);
        let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(Yes)));
        let (allow_account_changes, allow_flow_nft) = (true, true);
        let options =
            ChainOptions { allow_account_changes, allow_flow_nft, ..ChainOptions::default() };
        let ports = Ports { lookup: &api, keys, journal: &NoJournal, broadcaster: &api };
        outcomes
            .push(process(pending, Road { chain, options: &options, gate: &gate, ports }).await);
    }
    outcomes
}

fn assert_verified(states: &[TransactionState]) {
    for told in states {
        assert_eq!(told.state, State::Verified, "{} {:?}", told.chain, told.raw);
        assert!(told.txid.is_some());
    }
}

#[tokio::test]
async fn samples_of_every_chain_are_signed_and_verified() {
    for network in [Network::Testnet, Network::Mainnet] {
        for index in [None, Some(AddressIndex::ONE)] {
            let sandbox = Sandbox::start(None).await.unwrap();
            for chain in CHAINS {
                let keys = keys(*chain, network, index.is_some());
                let id = SignatureId::parse(WALLET).unwrap();
                let key = keys.public_key();
                let wallet = Wallet { id: &id, index, public_key: key };
                for sample in samples(*chain, network, wallet).unwrap() {
                    sandbox.offer(sample).unwrap();
                }
                for outcome in round(&sandbox, *chain, &keys).await {
                    assert!(outcome.is_ok(), "{}: {outcome:?}", chain.spec().id);
                }
                assert!(round(&sandbox, *chain, &keys).await.is_empty(), "offered once");
            }
            assert_eq!(
                sandbox.states().len(),
                CHAINS.len() + 7,
                "Algorand, Cardano, Ethereum, Flow, MultiversX, Solana and VeChain have two"
            );
            assert_verified(&sandbox.states());
            sandbox.shutdown().await;
        }
    }
}

#[tokio::test]
async fn types_that_the_original_never_made_are_verified() {
    let to = "0xc4ba409b99ed68d18187fd6f92875f4ab74cb023";
    let list = json!([{ "address": to, "storageKeys": [format!("0x{}", "ab".repeat(32))] }]);
    let fees = |payload: Value| {
        let mut payload = payload;
        payload["maxFeePerGas"] = json!("0x2540be400");
        payload["maxPriorityFeePerGas"] = json!("0x3b9aca00");
        payload
    };
    let payloads = [
        ("CELO", fees(json!({ "to": to, "value": "0x5" }))),
        ("CELO", fees(json!({ "to": to, "value": "0x5", "feeCurrency": to }))),
        (
            "CELO",
            fees(json!({ "to": to, "feeCurrency": to, "accessList": list, "gasLimit": "0x9c40" })),
        ),
        ("KLAY", fees(json!({ "to": to, "value": 5 }))),
        ("KLAY", json!({ "to": to, "value": 5, "accessList": list, "gas": 40000 })),
        ("ETH", fees(json!({ "to": to, "value": 5, "type": 2 }))),
        ("MATIC", json!({ "to": to, "value": 5, "accessList": list, "gas": 40000 })),
        ("BSC", json!({ "data": "0x6001600155", "gas": 90000 })),
    ];
    let sandbox = Sandbox::start(None).await.unwrap();
    for (code, payload) in payloads {
        let chain = kms_chains::find(code).unwrap();
        let keys = keys(chain, Network::Testnet, false);
        offer(&sandbox, code, &payload, keys.public_key().clone());
        for outcome in round(&sandbox, chain, &keys).await {
            assert!(outcome.is_ok(), "{code} {payload}: {outcome:?}");
        }
    }
    assert_verified(&sandbox.states());
    let raws: Vec<_> = sandbox.states().into_iter().filter_map(|told| told.raw).collect();
    let starts = ["0x02", "0x7b", "0x7b", "0x7802", "0x7801", "0x02", "0x01", "0xf8"];
    for (raw, start) in raws.iter().zip(starts) {
        assert!(raw.starts_with(start), "{raw} {start}");
    }
}

/// Outputs that are locked by a key itself, not by its hash.
#[tokio::test]
async fn outputs_of_bare_keys_are_verified() {
    let sandbox = Sandbox::start(None).await.unwrap();
    for code in ["BTC", "LTC", "DOGE"] {
        let chain = kms_chains::find(code).unwrap();
        let keys = keys(chain, Network::Testnet, false);
        let script: String =
            keys.public_key().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let locked = format!("21{script}ac");
        let paid = bitcoin::Transaction {
            version: bitcoin::transaction::Version::ONE,
            lock_time: bitcoin::absolute::LockTime::from_consensus(u32::from(code.as_bytes()[0])),
            input: vec![bitcoin::TxIn::default()],
            output: vec![bitcoin::TxOut {
                value: bitcoin::Amount::from_sat(500_020_000),
                script_pubkey: bitcoin::ScriptBuf::from_hex(&locked).unwrap(),
            }],
        };
        let (spent, raw) = (paid.compute_txid().to_string(), serialize_hex(&paid));
        let payload = json!({
            "version": 1,
            "inputs": [{
                "prevTxId": spent,
                "outputIndex": 0,
                "output": { "satoshis": 500_020_000, "script": locked },
            }],
            "outputs": [{ "satoshis": 480_020_000, "script": locked }],
        });
        let payload = match code {
            "DOGE" => payload.to_string(),
            _ => payload.to_string().replace("480020000", "500000000"),
        };
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let id = offer(&sandbox, code, &payload, keys.public_key().clone());
        for outcome in round(&sandbox, chain, &keys).await {
            assert!(outcome.is_err(), "{code}: its node does not know what is spent");
        }
        let path = format!("/v3/kms/{id}");
        call(sandbox.address(), "DELETE", &path, &Value::Null).await;
        let sample = sample(code, &payload, keys.public_key().clone());
        sandbox.offer(sample.with_previous([(spent, raw)].into())).unwrap();
        for outcome in round(&sandbox, chain, &keys).await {
            assert!(outcome.is_ok(), "{code}: {outcome:?}");
        }
    }
    assert_eq!(sandbox.states().len(), 3);
    assert_verified(&sandbox.states());
}

/// Types of Klaytn that the vectors leave out.
#[tokio::test]
async fn further_types_of_klaytn_are_verified() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let chain = kms_chains::find("KLAY").unwrap();
    let keys = keys(chain, Network::Testnet, false);
    let generator = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    let deploy = "FEE_DELEGATED_SMART_CONTRACT_DEPLOY_WITH_RATIO";
    for payload in [
        json!({ "type": "ACCOUNT_UPDATE", "publicKey": generator }),
        json!({ "type": "ACCOUNT_UPDATE", "legacyKey": true }),
        json!({ "type": "ACCOUNT_UPDATE", "failKey": true }),
        json!({ "type": "FEE_DELEGATED_ACCOUNT_UPDATE_WITH_RATIO", "legacyKey": true, "feeRatio": 9 }),
        json!({ "type": deploy, "data": "0x6001", "value": 0, "feeRatio": 30 }),
        json!({ "type": "FEE_DELEGATED_CANCEL_WITH_RATIO", "feeRatio": 99 }),
    ] {
        offer(&sandbox, "KLAY", &payload, keys.public_key().clone());
        for outcome in round(&sandbox, chain, &keys).await {
            assert!(outcome.is_ok(), "{payload}: {outcome:?}");
        }
    }
    assert_verified(&sandbox.states());
    let raws: Vec<_> = sandbox.states().into_iter().filter_map(|told| told.raw).collect();
    for (raw, start) in raws.iter().zip(["0x20", "0x20", "0x20", "0x22", "0x2a", "0x3a"]) {
        assert!(raw.starts_with(start), "{raw} {start}");
    }
    assert_eq!(raws.len(), 6);
}

fn offer(sandbox: &Running, code: &str, payload: &Value, key: PublicKey) -> TransactionId {
    sandbox.offer(sample(code, payload, key)).unwrap()
}

fn sample(code: &str, payload: &Value, key: PublicKey) -> Sample {
    let pending = json!({
        "chain": code,
        "hashes": [WALLET],
        "serializedTransaction": payload.to_string(),
    });
    let expected = Expected { network: Network::Testnet, signers: vec![Signer::PublicKey(key)] };
    let pending = pending.as_object().unwrap().clone();
    Sample::new(pending, expected).unwrap()
}

#[tokio::test]
async fn nonces_grow_as_transactions_are_accepted() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let to = "0xc4ba409b99ed68d18187fd6f92875f4ab74cb023";
    for code in ["ETH", "MATIC", "KLAY", "CELO"] {
        let chain = kms_chains::find(code).unwrap();
        let keys = keys(chain, Network::Testnet, false);
        let payload = json!({ "to": to, "value": "0x1" });
        offer(&sandbox, code, &payload, keys.public_key().clone());
        offer(&sandbox, code, &payload, keys.public_key().clone());
        let given = json!({ "to": to, "value": "0x1", "nonce": 41 });
        offer(&sandbox, code, &given, keys.public_key().clone());
        offer(&sandbox, code, &payload, keys.public_key().clone());
        round(&sandbox, chain, &keys).await;
        offer(&sandbox, code, &given, keys.public_key().clone());
        let failures = round(&sandbox, chain, &keys).await;
        let failure = failures.into_iter().next().unwrap().unwrap_err().to_string();
        assert!(failure.contains("nonce 41 of"), "{failure}");
        assert!(failure.contains("was used by transaction 0x"), "{failure}");
    }
    let states = sandbox.states();
    let verified = states.iter().filter(|told| told.state == State::Verified).count();
    assert_eq!((states.len(), verified), (20, 16));
}

#[tokio::test]
async fn a_wallet_other_than_the_expected_one_is_found_out() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let chain = kms_chains::find("ETH").unwrap();
    let right = keys(chain, Network::Testnet, false);
    let wrong = Keys::new(chain, Network::Testnet, false, 8);
    let payload = json!({ "to": "0xc4ba409b99ed68d18187fd6f92875f4ab74cb023", "value": 1 });
    offer(&sandbox, "ETH", &payload, right.public_key().clone());
    round(&sandbox, chain, &wrong).await;
    let states = sandbox.states();
    let State::Rejected(reason) = &states.first().unwrap().state else { panic!("{states:?}") };
    assert!(reason.starts_with("signed by 0x"), "{reason}");
}
