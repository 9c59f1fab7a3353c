use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::LazyLock,
};

use serde_json::{Value, json};

use crate::{
    account::AccountId,
    amount::Amount,
    id::{ChainId, Network},
};

/// The effects of a transaction, in words every chain shares. This is all that policy sees.
///
/// They are built by adding to them, and only what was added is read from them: that something is
/// missing follows from the entries themselves, so that no chain can forget to say it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Effects {
    chain: ChainId,
    network: Network,
    from: BTreeSet<String>,
    transfers: Vec<Transfer>,
    allowances: Vec<Allowance>,
    unexplained: Vec<Unexplained>,
    max_fee: Fee,
    accounts: BTreeMap<String, AccountId>,
}

/// Value that leaves the sender's hands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transfer {
    /// The asset that moves.
    pub asset: Asset,
    /// The receiver in the chain's own spelling: a whole address and nothing else.
    pub to: String,
    /// Base units of the asset.
    pub amount: Amount,
    /// True where the receiver is one of the keys that sign: change, not a payment.
    pub to_self: bool,
    /// The tag, memo or note by which a receiver with many customers tells whose payment it is:
    /// part of the receiver, in a spelling that keeps the chain's kinds of notes apart.
    pub tag: Option<String>,
}

/// A permission for another address to move the sender's assets later.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// The asset that may be taken.
    pub asset: Asset,
    /// The address that may take it.
    pub spender: String,
    /// The most that may be moved; `None` for everything, now and later.
    pub amount: Option<Amount>,
}

/// A part of a transaction whose effect cannot be told, or not in full.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unexplained {
    /// Its name for people: a type of operation, a contract's address, a sentence.
    pub what: String,
    /// The address that receives something by it, or gains power over something.
    pub receiver: Option<String>,
    /// The address of the contract, program or issuer that decides what it does.
    pub contract: Option<String>,
}

/// Something of value on a chain.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Asset {
    /// The chain's own coin, in its base units.
    Native,
    /// A token contract, in the token's base units.
    Token {
        /// The address or id of the contract that keeps it.
        contract: String,
    },
    /// One item, or some of a kind, of a contract of numbered items.
    Item {
        /// The address of the contract that keeps it.
        contract: String,
        /// Its number there.
        id: Amount,
    },
    /// Every item of a contract.
    AllItems {
        /// The address of the contract that keeps them.
        contract: String,
    },
}

/// The most the sender can pay in fees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fee {
    /// The asset in which the fee is paid.
    pub asset: Asset,
    /// Base units of the asset.
    pub amount: Amount,
}

/// The part of the story that [`Effects`] tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// Every effect is listed.
    Full,
    /// Part of the transaction could not be interpreted, e.g. an unknown contract call.
    Partial,
}

/// Entry of a transaction that shows nothing. Nobody pays a fee for nothing: it changes something
/// that effects have no word for.
static NOTHING_VISIBLE: LazyLock<Unexplained> =
    LazyLock::new(|| Unexplained::new("nothing that moves or allows anything"));

impl Effects {
    /// Those of a transaction that only costs its fee; what else it does is added.
    pub const fn new(chain: ChainId, network: Network, max_fee: Fee) -> Self {
        Self {
            chain,
            network,
            from: BTreeSet::new(),
            transfers: Vec::new(),
            allowances: Vec::new(),
            unexplained: Vec::new(),
            max_fee,
            accounts: BTreeMap::new(),
        }
    }

    /// Notes an account of ours that pays, or whose assets move, in the chain's own spelling.
    pub fn add_payer(&mut self, address: impl Into<String>) {
        self.from.insert(address.into());
    }

    /// Adds a payment.
    pub fn add_transfer(&mut self, transfer: Transfer) {
        self.transfers.push(transfer);
    }

    /// Adds a permission to take something later.
    pub fn add_allowance(&mut self, allowance: Allowance) {
        self.allowances.push(allowance);
    }

    /// Notes something that cannot be told in full.
    pub fn add_unexplained(&mut self, unexplained: Unexplained) {
        self.unexplained.push(unexplained);
    }

    /// Puts the transaction's one tag or memo to every transfer.
    pub fn tag_transfers(&mut self, tag: Option<&str>) {
        for transfer in &mut self.transfers {
            let tags = [transfer.tag.as_deref(), tag].into_iter().flatten();
            let tags: Vec<_> = tags.collect();
            transfer.tag = (!tags.is_empty()).then(|| tags.join(" "));
        }
    }

    /// Notes the account behind every address, as `read` has it.
    pub(crate) fn name_accounts(&mut self, read: impl Fn(&str) -> Option<AccountId>) {
        let paid = self.transfers.iter().map(|transfer| &transfer.to);
        let spenders = self.allowances.iter().map(|allowance| &allowance.spender);
        let others = self.unexplained.iter().flat_map(|one| [&one.receiver, &one.contract]);
        let addresses = self.from.iter().chain(paid).chain(spenders).chain(others.flatten());
        let accounts = addresses.filter_map(|text| Some((text.clone(), read(text)?)));
        self.accounts = accounts.collect();
    }

    /// The chain on which it happens.
    pub const fn chain(&self) -> ChainId {
        self.chain
    }

    /// The network on which it happens.
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Our accounts that pay, or whose assets move.
    pub const fn from(&self) -> &BTreeSet<String> {
        &self.from
    }

    /// The payments, in the order in which the transaction makes them.
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The permissions to take something later.
    pub fn allowances(&self) -> &[Allowance] {
        &self.allowances
    }

    /// Everything that cannot be told in full. A transaction that shows nothing has an entry that
    /// says so.
    pub fn unexplained(&self) -> impl Iterator<Item = &Unexplained> {
        let moves = self.transfers.iter().any(|transfer| transfer.amount != Amount::ZERO);
        let is_visible = moves || !self.allowances.is_empty() || !self.unexplained.is_empty();
        let nothing = (!is_visible).then(|| &*NOTHING_VISIBLE);
        self.unexplained.iter().chain(nothing)
    }

    /// The highest fee that the signed bytes allow.
    pub const fn max_fee(&self) -> &Fee {
        &self.max_fee
    }

    /// `Full` if nothing is unexplained.
    pub fn coverage(&self) -> Coverage {
        if self.unexplained().next().is_none() { Coverage::Full } else { Coverage::Partial }
    }

    /// All who are paid or may be paid: receivers other than ourselves, who may spend later, and
    /// whoever stands behind what is not explained. Each is there as it is spelled and, where that
    /// differs, as its account.
    pub fn receivers(&self) -> BTreeSet<&str> {
        let paid = self.transfers.iter().filter(|transfer| !transfer.to_self);
        let paid = paid.map(|transfer| transfer.to.as_str());
        let spenders = self.allowances.iter().map(|allowance| allowance.spender.as_str());
        let others = self.unexplained.iter().flat_map(|one| [&one.receiver, &one.contract]);
        let others = others.filter_map(|address| address.as_deref());
        let spelled = paid.chain(spenders).chain(others);
        let account = |text| self.accounts.get(text).map(AccountId::as_str);
        spelled.flat_map(|text| [Some(text), account(text)]).flatten().collect()
    }

    /// For programs: amounts are decimal texts in base units.
    pub fn to_json(&self) -> Value {
        let transfers = self.transfers.iter().map(|transfer| {
            let Transfer { asset, to, amount, to_self, tag } = transfer;
            let (asset, amount) = (asset.to_string(), amount.to_string());
            json!({ "asset": asset, "to": to, "amount": amount, "toSelf": to_self, "tag": tag })
        });
        let allowances = self.allowances.iter().map(|allowance| {
            let Allowance { asset, spender, amount } = allowance;
            let amount = amount.as_ref().map(ToString::to_string);
            json!({ "asset": asset.to_string(), "spender": spender, "amount": amount })
        });
        let unexplained = self.unexplained().map(|one| {
            let Unexplained { what, receiver, contract } = one;
            json!({ "what": what, "receiver": receiver, "contract": contract })
        });
        let accounts = self.accounts.iter().map(|(text, account)| (text, account.as_str()));
        let accounts: BTreeMap<_, _> = accounts.collect();
        let (asset, amount) = (self.max_fee.asset.to_string(), self.max_fee.amount.to_string());
        json!({
            "from": self.from,
            "transfers": transfers.collect::<Vec<_>>(),
            "allowances": allowances.collect::<Vec<_>>(),
            "calls": self.unexplained().map(|one| &one.what).collect::<Vec<_>>(),
            "unexplained": unexplained.collect::<Vec<_>>(),
            "accounts": accounts,
            "maxFee": { "asset": asset, "amount": amount },
            "isComplete": self.coverage() == Coverage::Full,
        })
    }
}

impl Unexplained {
    /// Says in a few words what cannot be explained.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), receiver: None, contract: None }
    }

    /// A call of a contract or program that is not known, named by its address.
    pub fn call(contract: impl Into<String>) -> Self {
        let contract = contract.into();
        Self { what: contract.clone(), receiver: None, contract: Some(contract) }
    }

    /// Names the address that may be paid by it.
    #[must_use]
    pub fn for_receiver(self, receiver: impl Into<String>) -> Self {
        Self { receiver: Some(receiver.into()), ..self }
    }

    /// Names the contract that does it.
    #[must_use]
    pub fn by_contract(self, contract: impl Into<String>) -> Self {
        Self { contract: Some(contract.into()), ..self }
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
        for Transfer { asset, to, amount, tag, .. } in payments {
            write!(f, "{amount} {asset} to {to}")?;
            if let Some(tag) = tag {
                write!(f, " (tag {tag:?})")?;
            }
            f.write_str("; ")?;
        }
        for Allowance { asset, spender, amount } in &self.allowances {
            match amount {
                Some(amount) => write!(f, "allows {spender} to spend {amount} {asset}; ")?,
                None => write!(f, "allows {spender} to spend any amount of {asset}; ")?,
            }
        }
        for Unexplained { what, receiver, .. } in self.unexplained() {
            write!(f, "calls {what}")?;
            match receiver {
                Some(receiver) if !what.contains(receiver) => write!(f, " for {receiver}; ")?,
                _ => f.write_str("; ")?,
            }
        }
        write!(f, "fee at most {} {}", self.max_fee.amount, self.max_fee.asset)
    }
}
