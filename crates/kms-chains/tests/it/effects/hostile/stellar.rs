//! Stellar: every operation that pays, lends, trusts, sponsors, blocks or hands over.

use data_encoding::BASE64;
use kms_testkit::vectors::SignCase;
use stellar_xdr::{
    AccountId, AllowTrustOp, AlphaNum4, Asset, AssetCode, AssetCode4,
    BeginSponsoringFutureReservesOp, BumpSequenceOp, ChangeTrustAsset, ChangeTrustOp,
    ClaimClaimableBalanceOp, ClaimPredicate, ClaimableBalanceId, Claimant, ClaimantV0, ClawbackOp,
    ContractId, CreateAccountOp, CreateClaimableBalanceOp, CreatePassiveSellOfferOp, DataValue,
    Hash, HostFunction, Int128Parts, InvokeContractArgs, InvokeHostFunctionOp, Limits,
    ManageBuyOfferOp, ManageDataOp, ManageSellOfferOp, MuxedAccount, MuxedAccountMed25519,
    Operation, OperationBody, PathPaymentStrictReceiveOp, PathPaymentStrictSendOp, PaymentOp,
    Preconditions, PreconditionsV2, Price, PublicKey, ScAddress, ScVal, SequenceNumber,
    SetOptionsOp, Signer, SignerKey, SorobanAuthorizationEntry, SorobanAuthorizedFunction,
    SorobanAuthorizedInvocation, SorobanCredentials, TransactionEnvelope, Uint256, WriteXdr as _,
};

use super::Hostile;
use crate::effects::stellar::{key, read_envelope, spell};

const THIEF: [u8; 32] = [0x66; 32];

const fn account(key: [u8; 32]) -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key)))
}

const fn plain(key: [u8; 32]) -> MuxedAccount {
    MuxedAccount::Ed25519(Uint256(key))
}

const fn muxed(key: [u8; 32]) -> MuxedAccount {
    MuxedAccount::MuxedEd25519(MuxedAccountMed25519 { id: 7, ed25519: Uint256(key) })
}

const fn usd() -> AlphaNum4 {
    AlphaNum4 { asset_code: AssetCode4(*b"USD\0"), issuer: account(THIEF) }
}

const fn token() -> Asset {
    Asset::CreditAlphanum4(usd())
}

fn envelope(base: &SignCase, change: impl FnOnce(&mut stellar_xdr::Transaction)) -> String {
    let text = base.pending["serializedTransaction"].as_str().expect("a payload");
    let mut envelope = read_envelope(text);
    let TransactionEnvelope::Tx(own) = &mut envelope else { unreachable!("version 1") };
    change(&mut own.tx);
    BASE64.encode(&envelope.to_xdr(Limits::none()).expect("an envelope"))
}

fn with(base: &SignCase, source: Option<MuxedAccount>, body: OperationBody) -> String {
    let operation = Operation { source_account: source, body };
    envelope(base, |own| own.operations = vec![operation].try_into().expect("an operation"))
}

fn payment(to: MuxedAccount, amount: i64) -> OperationBody {
    OperationBody::Payment(PaymentOp { destination: to, asset: Asset::Native, amount })
}

pub(super) fn make(base: &SignCase, _: &str) -> Vec<Hostile> {
    let text = base.pending["serializedTransaction"].as_str().expect("a payload");
    let TransactionEnvelope::Tx(envelope_of_base) = read_envelope(text) else {
        unreachable!("version 1")
    };
    let own = key(&envelope_of_base.tx.source_account);
    let thief = spell(THIEF);
    let thief = thief.as_str();
    let price = || Price { n: 1, d: 1_000_000 };
    let mut all: Vec<_> = named()
        .into_iter()
        .map(|(what, body)| Hostile::told(what, &with(base, None, body), &[thief]))
        .collect();
    all.extend(
        unnamed(own, price)
            .into_iter()
            .map(|(what, body)| Hostile::told(what, &with(base, None, body), &[])),
    );
    let of_others = with(base, Some(plain([0x77; 32])), payment(plain(THIEF), 9));
    all.push(Hostile::told("payment of another account", &of_others, &[thief]));
    all.extend(tokens(base, own));
    all.push(Hostile::told("a jump of the number", &jump(base, own), &[]));
    all.push(Hostile::takes_over(
        "everything that is left",
        &with(base, None, OperationBody::AccountMerge(muxed(THIEF))),
        &[thief],
    ));
    all.push(Hostile::takes_over("a signer", &with(base, None, signer()), &[thief]));
    all
}

/// Operations that name the thief.
fn named() -> Vec<(&'static str, OperationBody)> {
    let mut all = payments();
    all.extend(rights());
    all
}

fn payments() -> Vec<(&'static str, OperationBody)> {
    let claimant =
        ClaimantV0 { destination: account(THIEF), predicate: ClaimPredicate::Unconditional };
    vec![
        ("payment", payment(plain(THIEF), 9)),
        ("to a number of an account", payment(muxed(THIEF), 9)),
        (
            "a new account",
            OperationBody::CreateAccount(CreateAccountOp {
                destination: account(THIEF),
                starting_balance: 9,
            }),
        ),
        (
            "a claimable balance",
            OperationBody::CreateClaimableBalance(CreateClaimableBalanceOp {
                asset: Asset::Native,
                amount: 9,
                claimants: vec![Claimant::ClaimantTypeV0(claimant)].try_into().expect("one"),
            }),
        ),
    ]
}

fn rights() -> Vec<(&'static str, OperationBody)> {
    vec![
        (
            "trust",
            OperationBody::ChangeTrust(ChangeTrustOp {
                line: ChangeTrustAsset::CreditAlphanum4(usd()),
                limit: i64::MAX,
            }),
        ),
        (
            "a sponsorship",
            OperationBody::BeginSponsoringFutureReserves(BeginSponsoringFutureReservesOp {
                sponsored_id: account(THIEF),
            }),
        ),
        (
            "authorized trust",
            OperationBody::AllowTrust(AllowTrustOp {
                trustor: account(THIEF),
                asset: AssetCode::CreditAlphanum4(AssetCode4(*b"USD\0")),
                authorize: 1,
            }),
        ),
        (
            "a clawback",
            OperationBody::Clawback(ClawbackOp { asset: token(), from: muxed(THIEF), amount: 9 }),
        ),
        (
            "a contract",
            OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
                host_function: HostFunction::InvokeContract(InvokeContractArgs {
                    contract_address: ScAddress::Contract(ContractId(Hash([0x55; 32]))),
                    function_name: "transfer".try_into().expect("a name"),
                    args: vec![ScVal::Address(ScAddress::Account(account(THIEF)))]
                        .try_into()
                        .expect("arguments"),
                }),
                auth: vec![].try_into().expect("none"),
            }),
        ),
    ]
}

/// A token's transfer to oneself that lets more happen, or that another pays for.
fn tokens(base: &SignCase, own: [u8; 32]) -> Vec<Hostile> {
    let contract = |byte| ScAddress::Contract(ContractId(Hash([byte; 32])));
    let transfer = |token: ScAddress, from: [u8; 32], to: [u8; 32], units: i64| {
        let address = |key| ScVal::Address(ScAddress::Account(account(key)));
        let (hi, lo) = (units.signum().min(0), u64::from_ne_bytes(units.to_ne_bytes()));
        let amount = ScVal::I128(Int128Parts { hi, lo });
        InvokeContractArgs {
            contract_address: token,
            function_name: "transfer".try_into().expect("a name"),
            args: vec![address(from), address(to), amount].try_into().expect("arguments"),
        }
    };
    let invocation = |call: &InvokeContractArgs, sub: Vec<_>| SorobanAuthorizedInvocation {
        function: SorobanAuthorizedFunction::ContractFn(call.clone()),
        sub_invocations: sub.try_into().expect("calls"),
    };
    let by_source = |root_invocation| SorobanAuthorizationEntry {
        credentials: SorobanCredentials::SourceAccount,
        root_invocation,
    };
    let call = |call: &InvokeContractArgs, auth: Vec<_>| {
        let operation = InvokeHostFunctionOp {
            host_function: HostFunction::InvokeContract(call.clone()),
            auth: auth.try_into().expect("entries"),
        };
        with(base, None, OperationBody::InvokeHostFunction(operation))
    };
    let to_self = transfer(contract(0x55), own, own, 1);
    let theft = transfer(contract(0x44), own, THIEF, i64::MAX);
    let from_thief = transfer(contract(0x55), THIEF, own, 1);
    let negative = transfer(contract(0x55), own, own, -1);
    let thief = spell(THIEF);
    let (all, stolen) = (contract(0x55).to_string(), contract(0x44).to_string());
    let below =
        call(&to_self, vec![by_source(invocation(&to_self, vec![invocation(&theft, vec![])]))]);
    let beside =
        vec![by_source(invocation(&to_self, vec![])), by_source(invocation(&theft, vec![]))];
    let other = call(&to_self, vec![by_source(invocation(&theft, vec![]))]);
    vec![
        Hostile::told("a token's transfer", &call(&theft, vec![]), &[&thief]),
        Hostile::told("a theft below a transfer", &below, &[&thief, &all, &stolen]),
        Hostile::told("a theft beside a transfer", &call(&to_self, beside), &[&thief, &stolen]),
        Hostile::told("a theft in the place of a transfer", &other, &[&thief, &stolen]),
        Hostile::told("a transfer of others", &call(&from_thief, vec![]), &[&thief, &all]),
        Hostile::told("a negative transfer", &call(&negative, vec![]), &[&all]),
    ]
}

/// A payment to oneself whose number need not be the account's next, and is the last of all.
fn jump(base: &SignCase, own: [u8; 32]) -> String {
    envelope(base, |transaction| {
        let body = payment(plain(own), 1);
        let operation = Operation { source_account: None, body };
        transaction.operations = vec![operation].try_into().expect("an operation");
        transaction.seq_num = SequenceNumber(i64::MAX);
        transaction.cond = Preconditions::V2(PreconditionsV2 {
            min_seq_num: Some(SequenceNumber(1)),
            ..PreconditionsV2::default()
        });
    })
}

fn signer() -> OperationBody {
    let key = SignerKey::Ed25519(Uint256(THIEF));
    OperationBody::SetOptions(SetOptionsOp {
        signer: Some(Signer { key, weight: 255 }),
        ..SetOptionsOp::default()
    })
}

/// Operations that name nobody.
fn unnamed(own: [u8; 32], price: impl Fn() -> Price) -> Vec<(&'static str, OperationBody)> {
    let sell = ManageSellOfferOp {
        selling: Asset::Native,
        buying: token(),
        amount: 9,
        price: price(),
        offer_id: 0,
    };
    let buy = ManageBuyOfferOp {
        selling: Asset::Native,
        buying: token(),
        buy_amount: 9,
        price: price(),
        offer_id: 0,
    };
    let passive = CreatePassiveSellOfferOp {
        selling: Asset::Native,
        buying: token(),
        amount: 9,
        price: price(),
    };
    let send = PathPaymentStrictSendOp {
        send_asset: Asset::Native,
        send_amount: 9,
        destination: plain(own),
        dest_asset: token(),
        dest_min: 1,
        path: vec![].try_into().expect("no path"),
    };
    let receive = PathPaymentStrictReceiveOp {
        send_asset: Asset::Native,
        send_max: 9,
        destination: plain(own),
        dest_asset: token(),
        dest_amount: 1,
        path: vec![].try_into().expect("no path"),
    };
    let claim = ClaimClaimableBalanceOp {
        balance_id: ClaimableBalanceId::ClaimableBalanceIdTypeV0(Hash([1; 32])),
    };
    let data = ManageDataOp {
        data_name: String::from("config").try_into().map(stellar_xdr::String64).expect("a name"),
        data_value: Some(DataValue(vec![1].try_into().expect("a byte"))),
    };
    vec![
        (
            "the last number of all",
            OperationBody::BumpSequence(BumpSequenceOp { bump_to: SequenceNumber(i64::MAX) }),
        ),
        ("a sale", OperationBody::ManageSellOffer(sell)),
        ("a purchase", OperationBody::ManageBuyOffer(buy)),
        ("a passive sale", OperationBody::CreatePassiveSellOffer(passive)),
        ("an exchange to oneself", OperationBody::PathPaymentStrictSend(send)),
        ("a bounded exchange to oneself", OperationBody::PathPaymentStrictReceive(receive)),
        ("a claim", OperationBody::ClaimClaimableBalance(claim)),
        ("data", OperationBody::ManageData(data)),
        ("inflation", OperationBody::Inflation),
        ("nothing to oneself", payment(plain(own), 0)),
    ]
}
