use std::fmt;

use serde_json::{Value, json};

use crate::{
    amount::Amount,
    id::{ChainId, Network},
};

/// What a transaction would do, in words every chain shares. This is all that policy sees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Effects {
    pub chain: ChainId,
    pub network: Network,
    pub transfers: Vec<Transfer>,
    pub allowances: Vec<Allowance>,
    /// Contracts called whose meaning is not known, by address; empty address for a deployment.
    pub unknown_calls: Vec<String>,
    pub max_fee: Fee,
    pub coverage: Coverage,
}

/// Value that leaves the sender's hands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transfer {
    pub asset: Asset,
    /// The receiver in the chain's own spelling.
    pub to: String,
    pub amount: Amount,
    /// Whether the receiver is one of the keys that sign: change, not a payment.
    pub to_self: bool,
}

/// A right given to somebody else to move the sender's assets later.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allowance {
    pub asset: Asset,
    pub spender: String,
    /// The most that may be moved; `None` for everything, now and later.
    pub amount: Option<Amount>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Asset {
    /// The chain's own coin, in its base units.
    Native,
    /// A token contract, in the token's base units.
    Token { contract: String },
    /// One item, or some of a kind, of a contract of numbered items.
    Item { contract: String, id: Amount },
    /// Every item of a contract.
    AllItems { contract: String },
}

/// The most the sender can pay in fees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fee {
    pub asset: Asset,
    pub amount: Amount,
}

/// Whether [`Effects`] tells the whole story.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coverage {
    Full,
    /// Part of the transaction could not be interpreted, e.g. an unknown contract call.
    Partial,
}

impl Effects {
    /// Those of a transaction that only costs its fee; what else it does is added.
    pub const fn new(chain: ChainId, network: Network, max_fee: Fee) -> Self {
        Self {
            chain,
            network,
            transfers: Vec::new(),
            allowances: Vec::new(),
            unknown_calls: Vec::new(),
            max_fee,
            coverage: Coverage::Full,
        }
    }

    /// For programs: amounts are decimal texts in base units.
    pub fn to_json(&self) -> Value {
        let transfers = self.transfers.iter().map(|transfer| {
            let Transfer { asset, to, amount, to_self } = transfer;
            let (asset, amount) = (asset.to_string(), amount.to_string());
            json!({ "asset": asset, "to": to, "amount": amount, "toSelf": to_self })
        });
        let allowances = self.allowances.iter().map(|allowance| {
            let Allowance { asset, spender, amount } = allowance;
            let amount = amount.as_ref().map(ToString::to_string);
            json!({ "asset": asset.to_string(), "spender": spender, "amount": amount })
        });
        let (asset, amount) = (self.max_fee.asset.to_string(), self.max_fee.amount.to_string());
        json!({
            "transfers": transfers.collect::<Vec<_>>(),
            "allowances": allowances.collect::<Vec<_>>(),
            "calls": self.unknown_calls,
            "maxFee": { "asset": asset, "amount": amount },
            "isComplete": self.coverage == Coverage::Full,
        })
    }

    /// Notes something that cannot be told in full.
    pub fn add_unknown(&mut self, what: impl Into<String>) {
        self.unknown_calls.push(what.into());
        self.coverage = Coverage::Partial;
    }
}

impl Fee {
    /// In base units of the chain's own coin.
    pub const fn native(amount: Amount) -> Self {
        Self { asset: Asset::Native, amount }
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native => f.write_str("native"),
            Self::Token { contract } => write!(f, "token {contract}"),
            Self::Item { contract, id } => write!(f, "item {id} of {contract}"),
            Self::AllItems { contract } => write!(f, "all items of {contract}"),
        }
    }
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payments = self.transfers.iter().filter(|transfer| !transfer.to_self);
        for Transfer { asset, to, amount, .. } in payments {
            write!(f, "{amount} {asset} to {to}; ")?;
        }
        for Allowance { asset, spender, amount } in &self.allowances {
            match amount {
                Some(amount) => write!(f, "lets {spender} spend {amount} {asset}; ")?,
                None => write!(f, "lets {spender} spend any {asset}; ")?,
            }
        }
        for contract in &self.unknown_calls {
            write!(f, "calls {contract}; ")?;
        }
        write!(f, "fee at most {} {}", self.max_fee.amount, self.max_fee.asset)
    }
}
