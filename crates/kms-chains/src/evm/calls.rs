//! Contract calls whose meaning is known: what they move, by their ABI.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, sol};
use kms_core::{Allowance, Amount, Asset, Effects, Transfer, Unexplained};

use crate::codec::hex;

sol! {
    // ERC-20, ERC-721 and ERC-1155.
    function transfer(address to, uint256 amount);
    function transferFrom(address from, address to, uint256 amountOrId);
    function approve(address spender, uint256 amountOrId);
    function increaseAllowance(address spender, uint256 added);
    function setApprovalForAll(address operator, bool approved);
    function safeTransferFrom(address from, address to, uint256 id);
    function safeTransferFrom(address from, address to, uint256 id, bytes data);
    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes data);
    function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] amounts, bytes data);
    // The remote API's own token contracts.
    function safeTransfer(address to, uint256 id);
    function safeTransfer(address to, uint256 id, uint256 amount, bytes data);
}

/// The doubt about calls that ERC-20 and ERC-721 share: in one they move an amount, in the other the
/// item of that number. The bytes do not say which kind of contract it is; an approver that knows
/// the contract for a token does (`docs/four-eye.md` has this text).
const AMOUNT_OR_ITEM: &str = "an amount, or the number of an item";

/// A call of a contract, on any chain with Ethereum's virtual machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContractCall<'a> {
    pub(crate) contract: Address,
    pub(crate) data: &'a [u8],
    pub(crate) sender: Address,
    /// The chain's notation of an address.
    pub(crate) spell: fn(Address) -> String,
}

impl ContractCall<'_> {
    /// Adds what the call does to the effects.
    pub(crate) fn add_to(self, effects: &mut Effects) {
        let Self { contract, data, sender, spell } = self;
        let known = Meaning { contract: spell(contract), sender, spell, effects }.add(data);
        if known.is_none() {
            effects.add_unexplained(Unexplained::call(spell(contract)));
        }
    }
}

pub(crate) fn text(address: Address) -> String {
    hex::encode_prefixed(address.as_slice())
}

struct Meaning<'a> {
    contract: String,
    sender: Address,
    spell: fn(Address) -> String,
    effects: &'a mut Effects,
}

impl Meaning<'_> {
    fn add(&mut self, data: &[u8]) -> Option<()> {
        let selector: [u8; 4] = data.get(..4)?.try_into().ok()?;
        match selector {
            transferCall::SELECTOR => {
                let call = transferCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt();
            }
            transferFromCall::SELECTOR => {
                let call = transferFromCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amountOrId);
                self.doubt();
            }
            approveCall::SELECTOR => {
                let call = approveCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, limit(call.amountOrId));
                self.doubt();
            }
            increaseAllowanceCall::SELECTOR => {
                // On top of an allowance that is not known here.
                let call = increaseAllowanceCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, None);
            }
            setApprovalForAllCall::SELECTOR => {
                let call = setApprovalForAllCall::abi_decode_validate(data).ok()?;
                let all = Asset::AllItems { contract: self.contract.clone() };
                let amount = if call.approved { None } else { Some(Amount::ZERO) };
                self.allow(all, call.operator, amount);
            }
            _ => self.add_item(selector, data)?,
        }
        Some(())
    }

    fn add_item(&mut self, selector: [u8; 4], data: &[u8]) -> Option<()> {
        let one = U256::from(1);
        match selector {
            safeTransferFrom_0Call::SELECTOR => {
                let call = safeTransferFrom_0Call::abi_decode_validate(data).ok()?;
                self.transfer(self.item(call.id), call.to, one);
            }
            safeTransferFrom_1Call::SELECTOR => {
                let call = safeTransferFrom_1Call::abi_decode_validate(data).ok()?;
                self.transfer(self.item(call.id), call.to, one);
            }
            safeTransferFrom_2Call::SELECTOR => {
                let call = safeTransferFrom_2Call::abi_decode_validate(data).ok()?;
                self.transfer(self.item(call.id), call.to, call.amount);
            }
            safeTransfer_0Call::SELECTOR => {
                let call = safeTransfer_0Call::abi_decode_validate(data).ok()?;
                self.transfer(self.item(call.id), call.to, one);
            }
            safeTransfer_1Call::SELECTOR => {
                let call = safeTransfer_1Call::abi_decode_validate(data).ok()?;
                self.transfer(self.item(call.id), call.to, call.amount);
            }
            safeBatchTransferFromCall::SELECTOR => {
                let call = safeBatchTransferFromCall::abi_decode_validate(data).ok()?;
                if call.ids.len() != call.amounts.len() {
                    return None;
                }
                for (id, amount) in call.ids.iter().zip(&call.amounts) {
                    self.transfer(self.item(*id), call.to, *amount);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn token(&self) -> Asset {
        Asset::Token { contract: self.contract.clone() }
    }

    fn item(&self, id: U256) -> Asset {
        Asset::Item { contract: self.contract.clone(), id: Amount::from_u256(id) }
    }

    fn transfer(&mut self, asset: Asset, to: Address, amount: U256) {
        let to_self = to == self.sender;
        let amount = Amount::from_u256(amount);
        let to = (self.spell)(to);
        self.effects.add_transfer(Transfer { asset, to, amount, to_self, tag: None });
    }

    fn allow(&mut self, asset: Asset, spender: Address, amount: Option<Amount>) {
        let spender = (self.spell)(spender);
        self.effects.add_allowance(Allowance { asset, spender, amount });
    }

    fn doubt(&mut self) {
        let doubt = Unexplained::new(AMOUNT_OR_ITEM).by_contract(self.contract.clone());
        self.effects.add_unexplained(doubt);
    }
}

/// An allowance of 2²⁵⁶−1 never runs out.
fn limit(amount: U256) -> Option<Amount> {
    (amount != U256::MAX).then_some(Amount::from_u256(amount))
}
