//! The complete transaction: checks, effects, signatures.

use bitcoin::{
    Amount as Satoshis, EcdsaSighashType, PublicKey, Script, ScriptBuf, Transaction, Witness,
    consensus::encode::serialize_hex,
    script::{Builder, PushBytesBuf},
    secp256k1::ecdsa,
    sighash::SighashCache,
};
use kms_core::{
    Amount, Claim, Effects, Fee, KeyRef, KeySignature, Permit, RawTransaction, ResolveError,
    Scheme, SignError, SigningMessage, SigningRequest, Unsigned,
};

use super::{
    Described,
    bitcash::{self, Digests},
    checks,
    draft::UtxoDraft,
    payment,
    script::{self, Unlock},
};

/// The key of an input, and what it has to show.
#[derive(Clone, Debug)]
pub(super) struct Spend {
    pub(super) key: KeyRef,
    pub(super) public: PublicKey,
    pub(super) unlock: Unlock,
}

#[derive(Debug)]
pub(super) struct Complete {
    scheme: Scheme,
    transaction: Transaction,
    spends: Vec<Spend>,
    prehashes: Vec<[u8; 32]>,
    claims: Vec<Claim>,
    effects: Effects,
}

impl Complete {
    pub(super) fn new(draft: UtxoDraft) -> Result<Self, ResolveError> {
        let spends = draft.spends()?;
        let described = &draft.described;
        let transaction = described.unsigned();
        let fee = checked_fee(&draft, &spends)?;
        let scheme = draft.row.spec.key.scheme;
        let prehashes = match scheme {
            Scheme::SchnorrBitcoinCash => bitcash_prehashes(described, &transaction, &spends),
            _ => bitcoin_prehashes(described, &transaction, &spends),
        };
        let claims = described.inputs.iter().map(|input| {
            let (chain, network) = (draft.row.spec.id, draft.network);
            Claim::Output {
                scope: format!("utxo:{chain}:{network}"),
                outpoint: input.outpoint.to_string(),
            }
        });
        Ok(Self {
            scheme,
            prehashes: prehashes.ok_or(ResolveError::Incomplete("script"))?,
            claims: claims.collect(),
            effects: effects(&draft, &spends, fee),
            transaction,
            spends,
        })
    }
}

/// The fee by the payload's own numbers, if it is within the chain's bounds.
pub(super) fn checked_fee(draft: &UtxoDraft, spends: &[Spend]) -> Result<u64, ResolveError> {
    let described = &draft.described;
    let fee = checks::fee(described)?;
    if !draft.options.skip_fee_checks {
        let vbytes = vbytes_max(&described.unsigned(), spends);
        draft.row.fee_rules.with(&draft.options.chain_limits).check(described, fee, vbytes)?;
    }
    Ok(fee)
}

fn bitcoin_prehashes(
    described: &Described,
    transaction: &Transaction,
    spends: &[Spend],
) -> Option<Vec<[u8; 32]>> {
    let mut cache = SighashCache::new(transaction);
    let prehash = |(place, spend): (usize, &Spend)| {
        let input = described.inputs.get(place)?;
        let script = input.script.as_ref()?;
        let all = EcdsaSighashType::All;
        match spend.unlock {
            Unlock::P2pkh | Unlock::P2pk => {
                let hash = cache.legacy_signature_hash(place, script, all.to_u32()).ok()?;
                Some(*AsRef::<[u8; 32]>::as_ref(&hash))
            }
            Unlock::P2wpkh | Unlock::P2shP2wpkh => {
                let amount = Satoshis::from_sat(input.amount);
                let program = script::p2wpkh(&spend.public);
                let hash = cache.p2wpkh_signature_hash(place, &program, amount, all).ok()?;
                Some(*AsRef::<[u8; 32]>::as_ref(&hash))
            }
        }
    };
    spends.iter().enumerate().map(prehash).collect()
}

fn bitcash_prehashes(
    described: &Described,
    transaction: &Transaction,
    spends: &[Spend],
) -> Option<Vec<[u8; 32]>> {
    let digests = Digests::of(transaction);
    let prehash = |(place, spend): (usize, &Spend)| {
        let amount = described.inputs.get(place)?.amount;
        digests.sighash(transaction, place, &script::p2pkh(&spend.public), amount)
    };
    spends.iter().enumerate().map(prehash).collect()
}

/// The most virtual bytes that the signed transaction can have.
fn vbytes_max(transaction: &Transaction, spends: &[Spend]) -> u64 {
    const SIGNATURE: u64 = 73; // DER with a sighash byte, with the length before it
    let base = u64::try_from(transaction.base_size()).unwrap_or(u64::MAX);
    let key = |spend: &Spend| if spend.public.compressed { 34 } else { 66 };
    let input = |spend: &Spend| match spend.unlock {
        Unlock::P2pk => SIGNATURE,
        Unlock::P2pkh => SIGNATURE.saturating_add(key(spend)),
        // A quarter of the witness, and for P2SH the script that names it.
        Unlock::P2wpkh => 28,
        Unlock::P2shP2wpkh => 51,
    };
    spends.iter().map(input).fold(base, u64::saturating_add)
}

fn effects(draft: &UtxoDraft, spends: &[Spend], fee: u64) -> Effects {
    let format = draft.row.addresses.on(draft.network);
    let spell = |script: &Script| payment::spell(format, script);
    let fee = Fee::native(Amount::from_base_units(fee));
    let mut effects = Effects::new(draft.row.spec.id, draft.network, fee);
    for (input, spend) in draft.described.inputs.iter().zip(spends) {
        // A payload without scripts is signed for outputs to the hash of the key.
        let unlocked = || script::p2pkh(&spend.public);
        effects.add_payer(spell(&input.script.clone().unwrap_or_else(unlocked)));
    }
    payment::add(&mut effects, format, &draft.described.outputs, |script| draft.is_own(script));
    effects
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        self.claims.clone()
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let request = |(spend, prehash): (&Spend, &[u8; 32])| {
            let message = SigningMessage::Prehash(*prehash);
            SigningRequest::new(permit, spend.key.clone(), self.scheme, message)
        };
        self.spends.iter().zip(&self.prehashes).map(request).collect()
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let Self { scheme, mut transaction, spends, .. } = *self;
        if signatures.len() != transaction.input.len() {
            return Err(SignError::Assemble);
        }
        let inputs = transaction.input.iter_mut().zip(&spends).zip(&signatures);
        for ((input, spend), signature) in inputs {
            let signature = match scheme {
                Scheme::SchnorrBitcoinCash => {
                    [signature.bytes.as_slice(), &[bitcash::SIGHASH_ALL_FORKID]].concat()
                }
                _ => der_with_sighash(&signature.bytes).ok_or(SignError::Assemble)?,
            };
            let shown = show(spend, signature).ok_or(SignError::Assemble)?;
            (input.script_sig, input.witness) = shown;
        }
        Ok(RawTransaction::from_text(serialize_hex(&transaction)))
    }
}

fn der_with_sighash(signature: &[u8]) -> Option<Vec<u8>> {
    let signature = ecdsa::Signature::from_compact(signature.get(..64)?).ok()?;
    let sighash = u8::try_from(EcdsaSighashType::All.to_u32()).ok()?;
    Some([signature.serialize_der().as_ref(), &[sighash]].concat())
}

fn show(spend: &Spend, signature: Vec<u8>) -> Option<(ScriptBuf, Witness)> {
    let push = |script: Builder, bytes: Vec<u8>| {
        Some(script.push_slice(PushBytesBuf::try_from(bytes).ok()?))
    };
    let witness = |signature: &[u8]| Witness::from_slice(&[signature, &spend.public.to_bytes()]);
    Some(match spend.unlock {
        Unlock::P2pk => (push(Builder::new(), signature)?.into_script(), Witness::new()),
        Unlock::P2pkh => {
            let script = push(push(Builder::new(), signature)?, spend.public.to_bytes())?;
            (script.into_script(), Witness::new())
        }
        Unlock::P2wpkh => (ScriptBuf::new(), witness(&signature)),
        Unlock::P2shP2wpkh => {
            let program = script::p2wpkh(&spend.public).into_bytes();
            (push(Builder::new(), program)?.into_script(), witness(&signature))
        }
    })
}
