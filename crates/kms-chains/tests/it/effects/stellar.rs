//! Stellar: envelopes of XDR, read by the library of the format alone.

use alloy_primitives::U256;
use data_encoding::BASE64;
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use stellar_xdr::{
    AccountId, AlphaNum4, AlphaNum12, Asset as XdrAsset, AssetCode4, AssetCode12, BumpSequenceOp,
    ChangeTrustAsset, ChangeTrustOp, ClaimPredicate, Claimant, ClaimantV0, CreateAccountOp,
    CreateClaimableBalanceOp, FeeBumpTransactionInnerTx, Hash, Limits, ManageSellOfferOp, Memo,
    MuxedAccount, MuxedAccountMed25519, Operation, OperationBody, PathPaymentStrictReceiveOp,
    PathPaymentStrictSendOp, PaymentOp, Price, PublicKey, ReadXdr as _, TransactionEnvelope,
    Uint256, WriteXdr as _,
};

use super::{Asked, Said, note, road::Signed, tagged, wire::digits};

pub(super) const fn key(account: &MuxedAccount) -> [u8; 32] {
    match account {
        MuxedAccount::Ed25519(Uint256(key)) => *key,
        MuxedAccount::MuxedEd25519(MuxedAccountMed25519 { ed25519: Uint256(key), .. }) => *key,
    }
}

pub(super) fn spell(key: [u8; 32]) -> String {
    MuxedAccount::Ed25519(Uint256(key)).to_string()
}

fn asset(asset: &XdrAsset) -> Asset {
    let token = |code: &[u8], AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(issuer)))| {
        let code: Vec<u8> = code.iter().copied().take_while(|letter| *letter != 0).collect();
        let code = String::from_utf8(code).expect("a code");
        Asset::Token { contract: format!("{code}:{}", spell(issuer)) }
    };
    match asset.clone() {
        XdrAsset::Native => Asset::Native,
        XdrAsset::CreditAlphanum4(own) => token(&own.asset_code.0, own.issuer),
        XdrAsset::CreditAlphanum12(own) => token(&own.asset_code.0, own.issuer),
    }
}

/// The account, with the number of a muxed address and the memo.
fn receiver(account: &MuxedAccount, memo: &Memo) -> String {
    let number = match account {
        MuxedAccount::Ed25519(_) => None,
        MuxedAccount::MuxedEd25519(own) => Some(format!("muxed:{}", own.id)),
    };
    let memo = match memo {
        Memo::None => None,
        Memo::Text(text) => note(text.as_slice()),
        Memo::Id(id) => Some(format!("id:{id}")),
        Memo::Hash(hash) => Some(format!("hash:{}", digits(&hash.0))),
        Memo::Return(hash) => Some(format!("return:{}", digits(&hash.0))),
    };
    let parts: Vec<_> = [number, memo].into_iter().flatten().collect();
    tagged(spell(key(account)), (!parts.is_empty()).then(|| parts.join(" ")))
}

/// Adds what an operation of the signer's does.
fn add(said: &mut Said, (own, memo): ([u8; 32], &Memo), operation: &Operation, source: [u8; 32]) {
    if operation.source_account.as_ref().map_or(source, key) != own {
        said.is_opaque = true;
        return;
    }
    let units = |units: i64| U256::try_from(units).expect("an amount");
    let mut moved = |kind: &XdrAsset, to: &MuxedAccount, amount: i64| {
        said.moved.push((asset(kind), receiver(to, memo), units(amount)));
    };
    match &operation.body {
        OperationBody::CreateAccount(own) => {
            let AccountId(PublicKey::PublicKeyTypeEd25519(to)) = own.destination.clone();
            moved(&XdrAsset::Native, &MuxedAccount::Ed25519(to), own.starting_balance);
        }
        OperationBody::Payment(own) => moved(&own.asset, &own.destination, own.amount),
        OperationBody::PathPaymentStrictSend(own) => {
            moved(&own.send_asset, &own.destination, own.send_amount);
            said.is_opaque |= own.send_asset != own.dest_asset;
        }
        OperationBody::PathPaymentStrictReceive(own) => {
            moved(&own.send_asset, &own.destination, own.send_max);
            said.is_opaque |= own.send_asset != own.dest_asset;
        }
        OperationBody::CreateClaimableBalance(own) => {
            for Claimant::ClaimantTypeV0(claimant) in own.claimants.iter() {
                let to = claimant.destination.to_string();
                said.allowed.push((asset(&own.asset), to, Some(units(own.amount))));
            }
        }
        _ => said.is_opaque = true,
    }
}

/// The source, the operations and the fee; of a fee bump those of what it pays for.
fn content(envelope: &TransactionEnvelope) -> ([u8; 32], &[Operation], u64) {
    match envelope {
        TransactionEnvelope::TxV0(whole) => {
            (whole.tx.source_account_ed25519.0, &whole.tx.operations, whole.tx.fee.into())
        }
        TransactionEnvelope::Tx(whole) => {
            (key(&whole.tx.source_account), &whole.tx.operations, whole.tx.fee.into())
        }
        TransactionEnvelope::TxFeeBump(whole) => {
            let FeeBumpTransactionInnerTx::Tx(inner) = &whole.tx.inner_tx;
            let fee = u64::try_from(whole.tx.fee).expect("a fee");
            (key(&inner.tx.source_account), &inner.tx.operations, fee)
        }
    }
}

fn memo(envelope: &TransactionEnvelope) -> &Memo {
    match envelope {
        TransactionEnvelope::TxV0(whole) => &whole.tx.memo,
        TransactionEnvelope::Tx(whole) => &whole.tx.memo,
        TransactionEnvelope::TxFeeBump(whole) => {
            let FeeBumpTransactionInnerTx::Tx(inner) = &whole.tx.inner_tx;
            &inner.tx.memo
        }
    }
}

/// The account whose key ends as the last signature's says.
fn signer(envelope: &TransactionEnvelope) -> [u8; 32] {
    let (source, operations, _) = content(envelope);
    let (signatures, payer) = match envelope {
        TransactionEnvelope::TxV0(whole) => (&whole.signatures, None),
        TransactionEnvelope::Tx(whole) => (&whole.signatures, None),
        TransactionEnvelope::TxFeeBump(whole) => {
            (&whole.signatures, Some(key(&whole.tx.fee_source)))
        }
    };
    let hint = signatures.last().expect("a signature").hint.0;
    let sources = operations.iter().filter_map(|own| own.source_account.as_ref().map(key));
    let mut all = payer.into_iter().chain([source]).chain(sources);
    all.find(|key| key.ends_with(&hint)).expect("a signer")
}

pub(super) fn read_envelope(text: &str) -> TransactionEnvelope {
    let bytes = BASE64.decode(text.as_bytes()).expect("base64");
    TransactionEnvelope::from_xdr(bytes, Limits::none()).expect("an envelope")
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let envelope = read_envelope(signed.raw);
    let own = signer(&envelope);
    let (source, operations, fee) = content(&envelope);
    let pays = match &envelope {
        TransactionEnvelope::TxFeeBump(whole) => key(&whole.tx.fee_source) == own,
        _ => source == own,
    };
    let mut said = Said {
        beside: format!("{operations:?}"),
        moved: Vec::new(),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(if pays { fee } else { 0 })),
        is_opaque: false,
        own: vec![spell(own)],
    };
    let memo = memo(&envelope);
    operations.iter().for_each(|operation| add(&mut said, (own, memo), operation, source));
    said
}

fn account(own: [u8; 32]) -> impl Strategy<Value = MuxedAccount> {
    let key = prop_oneof![5 => any::<[u8; 32]>(), 1 => Just(own)];
    (key, any::<Option<u64>>()).prop_map(|(key, id)| match id {
        None => MuxedAccount::Ed25519(Uint256(key)),
        Some(id) => MuxedAccount::MuxedEd25519(MuxedAccountMed25519 { id, ed25519: Uint256(key) }),
    })
}

fn kind() -> impl Strategy<Value = XdrAsset> {
    any::<(u8, [u8; 32])>().prop_map(|(kind, issuer)| {
        let issuer = AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(issuer)));
        match kind % 3 {
            0 => XdrAsset::Native,
            1 => XdrAsset::CreditAlphanum4(AlphaNum4 { asset_code: AssetCode4(*b"USD\0"), issuer }),
            _ => XdrAsset::CreditAlphanum12(AlphaNum12 {
                asset_code: AssetCode12(*b"LONGNAME\0\0\0\0"),
                issuer,
            }),
        }
    })
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(0),
        1 => Just(1),
        1 => Just(i64::MAX),
        8 => 1..i64::MAX,
        1 => Just(-1),
    ]
}

fn memos() -> impl Strategy<Value = Memo> {
    any::<(u8, u64, [u8; 32])>().prop_map(|(kind, id, bytes)| match kind % 6 {
        0 => Memo::None,
        1 => Memo::Text(id.to_string().try_into().expect("a short text")),
        2 => Memo::Text(bytes[..20].to_vec().try_into().expect("a short text")),
        3 => Memo::Id(id),
        4 => Memo::Hash(Hash(bytes)),
        _ => Memo::Return(Hash(bytes)),
    })
}

fn id(account: &MuxedAccount) -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key(account))))
}

fn body(own: [u8; 32]) -> impl Strategy<Value = OperationBody> {
    let parts = (account(own), kind(), kind(), amount(), 0_usize..11);
    parts.prop_map(|(to, first, second, amount, place)| match place {
        0 => OperationBody::CreateAccount(CreateAccountOp {
            destination: id(&to),
            starting_balance: amount,
        }),
        1 | 2 => OperationBody::PathPaymentStrictSend(PathPaymentStrictSendOp {
            dest_asset: if place == 1 { first.clone() } else { second },
            send_asset: first,
            send_amount: amount,
            destination: to,
            dest_min: 1,
            path: vec![].try_into().expect("no path"),
        }),
        3 => OperationBody::PathPaymentStrictReceive(PathPaymentStrictReceiveOp {
            send_asset: first,
            send_max: amount,
            destination: to,
            dest_asset: second,
            dest_amount: 1,
            path: vec![].try_into().expect("no path"),
        }),
        4 => OperationBody::CreateClaimableBalance(CreateClaimableBalanceOp {
            asset: first,
            amount,
            claimants: vec![Claimant::ClaimantTypeV0(ClaimantV0 {
                destination: id(&to),
                predicate: ClaimPredicate::Unconditional,
            })]
            .try_into()
            .expect("a claimant"),
        }),
        5 => OperationBody::BumpSequence(BumpSequenceOp { bump_to: amount.into() }),
        6 => OperationBody::ChangeTrust(ChangeTrustOp {
            line: ChangeTrustAsset::Native,
            limit: amount,
        }),
        7 => OperationBody::ManageSellOffer(ManageSellOfferOp {
            selling: first,
            buying: second,
            amount,
            price: Price { n: 1, d: 1 },
            offer_id: 0,
        }),
        _ => OperationBody::Payment(PaymentOp { destination: to, asset: first, amount }),
    })
}

/// Reads the content of operations from their own fields, not from an envelope's.
fn asked_by(body: &OperationBody, memo: &Memo, asked: &mut Asked) {
    let units = |units: i64| U256::try_from(units.max(0)).expect("an amount");
    let mut pay = |kind: &XdrAsset, to: &MuxedAccount, amount| {
        asked.moved.push((asset(kind), receiver(to, memo), units(amount)));
    };
    match body {
        OperationBody::CreateAccount(own) => {
            let AccountId(PublicKey::PublicKeyTypeEd25519(to)) = own.destination.clone();
            pay(&XdrAsset::Native, &MuxedAccount::Ed25519(to), own.starting_balance);
        }
        OperationBody::Payment(own) => pay(&own.asset, &own.destination, own.amount),
        OperationBody::PathPaymentStrictSend(own) => {
            pay(&own.send_asset, &own.destination, own.send_amount);
            asked.is_opaque |= own.send_asset != own.dest_asset;
        }
        OperationBody::PathPaymentStrictReceive(own) => {
            pay(&own.send_asset, &own.destination, own.send_max);
            asked.is_opaque |= own.send_asset != own.dest_asset;
        }
        OperationBody::CreateClaimableBalance(own) => {
            let [Claimant::ClaimantTypeV0(claimant)] = own.claimants.as_slice() else {
                unreachable!("one claimant");
            };
            let to = claimant.destination.to_string();
            asked.allowed.push((asset(&own.asset), to, Some(units(own.amount))));
        }
        _ => asked.is_opaque = true,
    }
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let text = base.pending["serializedTransaction"].as_str().expect("a payload").to_owned();
    let (own, ..) = content(&read_envelope(&text));
    let fee = prop_oneof![6 => 100_u32..100_000, 1 => any::<u32>()];
    let foreign = proptest::option::weighted(0.1, account([7; 32]));
    let operations = proptest::collection::vec((body(own), foreign), 1..5);
    (operations, fee, memos())
        .prop_map(move |(operations, fee, memo)| {
            let mut envelope = read_envelope(&text);
            let mut asked = Asked {
                beside: String::new(),
                payload: String::new(),
                moved: Vec::new(),
                allowed: Vec::new(),
                fee: Some(U256::from(fee)),
                is_opaque: false,
            };
            for (body, source) in &operations {
                match source {
                    None => asked_by(body, &memo, &mut asked),
                    Some(_) => asked.is_opaque = true,
                }
            }
            let all = operations.into_iter();
            let all: Vec<_> =
                all.map(|(body, source_account)| Operation { source_account, body }).collect();
            asked.beside = format!("{all:?}");
            let TransactionEnvelope::Tx(own) = &mut envelope else { unreachable!("version 1") };
            own.tx.operations = all.try_into().expect("operations");
            own.tx.fee = fee;
            own.tx.memo = memo;
            let bytes = envelope.to_xdr(Limits::none()).expect("an envelope");
            asked.payload = BASE64.encode(&bytes);
            asked
        })
        .boxed()
}
