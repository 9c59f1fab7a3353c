//! The comparison of this daemon's decisions with the other daemon's actions.

use std::collections::BTreeSet;

use kms_core::{Effects, TransactionId};
use serde_json::{Value, json};

/// The decision of this daemon on a transaction.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// If the four-eye endpoint approves.
    Sign(Box<Effects>),
    /// Report that it cannot be signed.
    Refuse(String),
    /// Leave it to an operator.
    Hold(String),
    /// It depends on what could not be looked up.
    Undecided(String),
}

/// The other daemon's action, as the API shows it.
#[derive(Clone, Debug)]
pub(super) enum Other {
    Sent {
        txid: String,
        payment: Payment,
    },
    /// It is offered no more, and no payment is known: the other reported an error, or the API has
    /// not heard of the payment yet.
    NotSent,
    Deleted,
    Pending,
    /// The API did not say.
    Unknown(String),
}

/// The payment that was sent, as the chain shows it.
#[derive(Clone, Debug)]
pub(super) enum Payment {
    Read(Box<Effects>),
    /// Payments on this chain cannot be compared.
    NotTold(&'static str),
    /// It could not be looked up yet.
    NotYet(String),
}

/// The result of the comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    SamePayment,
    OtherReceiver,
    OtherAmount,
    OtherEffects,
    SentNotCompared,
    RefusedHereOnly,
    SignedHereOnly,
    BothRefuse,
    Undecided,
    Deleted,
    StillPending,
    Unknown,
}

impl Verdict {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::SamePayment => "same-payment",
            Self::OtherReceiver => "other-receiver",
            Self::OtherAmount => "other-amount",
            Self::OtherEffects => "other-effects",
            Self::SentNotCompared => "sent-not-compared",
            Self::RefusedHereOnly => "refused-here-only",
            Self::SignedHereOnly => "signed-here-only",
            Self::BothRefuse => "both-refuse",
            Self::Undecided => "undecided",
            Self::Deleted => "deleted",
            Self::StillPending => "still-pending",
            Self::Unknown => "unknown",
        }
    }

    /// Returns true if the two daemons did otherwise, as far as it is known.
    pub(super) const fn differs(self) -> bool {
        matches!(
            self,
            Self::OtherReceiver
                | Self::OtherAmount
                | Self::OtherEffects
                | Self::RefusedHereOnly
                | Self::SignedHereOnly
        )
    }
}

pub(super) fn judge(decision: &Decision, other: &Other) -> Verdict {
    match (decision, other) {
        (_, Other::Unknown(_)) => Verdict::Unknown,
        (_, Other::Pending) => Verdict::StillPending,
        (_, Other::Deleted) => Verdict::Deleted,
        (Decision::Undecided(_), _) => Verdict::Undecided,
        (Decision::Refuse(_) | Decision::Hold(_), Other::Sent { .. }) => Verdict::RefusedHereOnly,
        (Decision::Refuse(_) | Decision::Hold(_), Other::NotSent) => Verdict::BothRefuse,
        (Decision::Sign(_), Other::NotSent) => Verdict::SignedHereOnly,
        (Decision::Sign(own), Other::Sent { payment: Payment::Read(sent), .. }) => {
            compare(own, sent)
        }
        (Decision::Sign(_), Other::Sent { .. }) => Verdict::SentNotCompared,
    }
}

/// Change counts as a payment: which outputs are change is not told by the chain.
fn compare(own: &Effects, sent: &Effects) -> Verdict {
    let paid = |effects: &Effects| {
        let all = effects.transfers().iter();
        let mut all: Vec<_> = all
            .map(|one| (one.asset.to_string(), one.to.clone(), one.amount.to_string()))
            .collect();
        all.sort_unstable();
        all
    };
    let receivers = |effects: &Effects| {
        let all = effects.transfers().iter().map(|one| one.to.clone());
        let spenders = effects.allowances().iter().map(|one| one.spender.clone());
        all.chain(spenders).collect::<BTreeSet<_>>()
    };
    if receivers(own) != receivers(sent) {
        return Verdict::OtherReceiver;
    }
    if paid(own) != paid(sent) {
        return Verdict::OtherAmount;
    }
    let is_same = own.allowances() == sent.allowances() && own.unexplained().eq(sent.unexplained());
    if !is_same {
        return Verdict::OtherEffects;
    }
    // The amounts passed to such a call are not in the effects.
    let calls_unknown = own.unexplained().any(|one| one.contract.as_deref() == Some(&one.what));
    if calls_unknown { Verdict::SentNotCompared } else { Verdict::SamePayment }
}

impl Decision {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Sign(_) => "sign",
            Self::Refuse(_) => "refuse",
            Self::Hold(_) => "hold",
            Self::Undecided(_) => "undecided",
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Sign(_) => None,
            Self::Refuse(reason) | Self::Hold(reason) | Self::Undecided(reason) => Some(reason),
        }
    }
}

impl Other {
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::NotSent => "not-sent",
            Self::Deleted => "deleted",
            Self::Pending => "pending",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Returns true if a later look could bring something else.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Sent { payment, .. } => !matches!(payment, Payment::NotYet(_)),
            Self::Deleted => true,
            Self::NotSent | Self::Pending | Self::Unknown(_) => false,
        }
    }

    fn txid(&self) -> Option<&str> {
        match self {
            Self::Sent { txid, .. } => Some(txid),
            _ => None,
        }
    }

    /// The reason why nothing can be compared, or what the chain says was paid.
    fn detail(&self) -> Option<String> {
        match self {
            Self::Sent { payment: Payment::Read(sent), .. } => {
                Some(format!("it sent {}", spell(sent)))
            }
            Self::Sent { payment: Payment::NotTold(reason), .. } => Some((*reason).to_owned()),
            Self::Sent { payment: Payment::NotYet(reason), .. } | Self::Unknown(reason) => {
                Some(reason.clone())
            }
            _ => None,
        }
    }
}

fn spell(effects: &Effects) -> String {
    let all = effects.transfers().iter();
    let all: Vec<_> =
        all.map(|one| format!("{} {} to {}", one.amount, one.asset, one.to)).collect();
    if all.is_empty() { String::from("no transfer") } else { all.join(", ") }
}

/// A transaction's line of JSON.
pub(super) fn line(id: &TransactionId, chain: &str, decision: &Decision, other: &Other) -> Value {
    let verdict = judge(decision, other);
    let effects = match decision {
        Decision::Sign(effects) => effects.to_json(),
        _ => Value::Null,
    };
    let (sent, problem) = match other {
        Other::Sent { payment: Payment::Read(sent), .. } => {
            let told = sent.to_json();
            let transfers = told.get("transfers").cloned().unwrap_or_default();
            let allowances = told.get("allowances").cloned().unwrap_or_default();
            (json!({ "transfers": transfers, "allowances": allowances }), None)
        }
        other => (Value::Null, other.detail()),
    };
    json!({
        "id": id.as_str(),
        "chain": chain,
        "verdict": verdict.code(),
        "differs": verdict.differs(),
        "would": decision.code(),
        "reason": decision.reason(),
        "effects": effects,
        "other": other.code(),
        "txId": other.txid(),
        "sent": sent,
        "problem": problem,
    })
}

/// A transaction's line for people: with the details of what differs.
pub(super) fn row(id: &TransactionId, chain: &str, decision: &Decision, other: &Other) -> String {
    let verdict = judge(decision, other);
    let mut row = format!(
        "{id:24} {chain:5} {:18} {:10} {:8}",
        verdict.code(),
        decision.code(),
        other.code()
    );
    if verdict != Verdict::SamePayment {
        let own = match decision {
            Decision::Sign(effects) if verdict.differs() => {
                Some(format!("here: {}", spell(effects)))
            }
            decision => decision.reason().map(str::to_owned),
        };
        let details: Vec<_> = own.into_iter().chain(other.detail()).collect();
        row.push_str(&format!(" {}", details.join("; ")));
    }
    row.trim_end().to_owned()
}

pub(super) fn head() -> String {
    let names = ("id", "chain", "verdict", "here", "other");
    format!("{:24} {:5} {:18} {:10} {:8} detail", names.0, names.1, names.2, names.3, names.4)
}

#[cfg(test)]
mod tests {
    use kms_core::{Amount, Asset, ChainId, Fee, Network, Transfer, Unexplained};

    use super::*;

    fn paying(to: &str, amount: u64) -> Effects {
        let fee = Fee::native(Amount::ZERO);
        let mut effects = Effects::new(ChainId::new("ETH"), Network::Testnet, fee);
        effects.add_transfer(Transfer {
            asset: Asset::Native,
            to: to.to_owned(),
            amount: Amount::from_base_units(amount),
            to_self: false,
            tag: None,
        });
        effects
    }

    fn sent(effects: Effects) -> Other {
        Other::Sent { txid: String::from("t"), payment: Payment::Read(Box::new(effects)) }
    }

    fn verdict(own: Effects, other: Effects) -> Verdict {
        judge(&Decision::Sign(Box::new(own)), &sent(other))
    }

    #[test]
    fn a_payment_is_the_same_if_receiver_and_amount_are() {
        assert_eq!(verdict(paying("a", 1), paying("a", 1)), Verdict::SamePayment);
        assert_eq!(verdict(paying("a", 1), paying("b", 1)), Verdict::OtherReceiver);
        assert_eq!(verdict(paying("a", 1), paying("a", 2)), Verdict::OtherAmount);
    }

    #[test]
    fn a_call_whose_data_is_in_no_effects_is_not_called_the_same() {
        let calling = |contract: &str| {
            let mut effects = paying("a", 1);
            effects.add_unexplained(Unexplained::call(contract));
            effects
        };
        assert_eq!(verdict(calling("c"), calling("c")), Verdict::SentNotCompared);
        assert_eq!(verdict(calling("c"), calling("d")), Verdict::OtherEffects);
        assert_eq!(verdict(calling("c"), paying("a", 1)), Verdict::OtherEffects);
    }

    #[test]
    fn what_is_not_known_never_counts_as_a_difference() {
        let sign = || Decision::Sign(Box::new(paying("a", 1)));
        let refuse = || Decision::Refuse(String::from("no"));
        let undecided = || Decision::Undecided(String::from("later"));
        let unread = Payment::NotYet(String::from("down"));
        for (decision, other, expected) in [
            (sign(), Other::Pending, Verdict::StillPending),
            (refuse(), Other::Deleted, Verdict::Deleted),
            (sign(), Other::Unknown(String::new()), Verdict::Unknown),
            (undecided(), sent(paying("a", 1)), Verdict::Undecided),
            (
                sign(),
                Other::Sent { txid: String::new(), payment: unread },
                Verdict::SentNotCompared,
            ),
        ] {
            let found = judge(&decision, &other);
            assert_eq!((found, found.differs()), (expected, false));
        }
        assert!(judge(&refuse(), &sent(paying("a", 1))).differs());
        assert!(judge(&sign(), &Other::NotSent).differs());
        assert!(!judge(&refuse(), &Other::NotSent).differs());
    }
}
