//! Contract calls whose meaning is known: what they move, by their ABI.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, sol};
use kms_core::{Allowance, Amount, Asset, Effects, Transfer, Unexplained};

use super::bundles;
use crate::codec::hex;

sol! {
    // ERC-20, ERC-721 and ERC-1155.
    function transfer(address to, uint256 amount);
    function transferFrom(address from, address to, uint256 amountOrId);
    function approve(address spender, uint256 amountOrId);
    function increaseAllowance(address spender, uint256 added);
    function decreaseAllowance(address spender, uint256 taken);
    function setApprovalForAll(address operator, bool approved);
    function safeTransferFrom(address from, address to, uint256 id);
    function safeTransferFrom(address from, address to, uint256 id, bytes data);
    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes data);
    function safeBatchTransferFrom(address from, address to, uint256[] ids, uint256[] amounts, bytes data);
    // The remote API's own token contracts.
    function safeTransfer(address to, uint256 id);
    function safeTransfer(address to, uint256 id, uint256 amount, bytes data);
    // ERC-2612, DAI before it, ERC-4494.
    function permit(address owner, address spender, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s);
    function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s);
    function permit(address spender, uint256 id, uint256 deadline, bytes signature);
    // ERC-777.
    function authorizeOperator(address operator);
    function revokeOperator(address operator);
    function send(address to, uint256 amount, bytes data);
    function operatorSend(address from, address to, uint256 amount, bytes data, bytes operatorData);
    // ERC-1363.
    function transferAndCall(address to, uint256 amount);
    function transferAndCall(address to, uint256 amount, bytes data);
    function approveAndCall(address spender, uint256 amount);
    function approveAndCall(address spender, uint256 amount, bytes data);
}

/// Uniswap's contract that keeps allowances of all tokens, at one address on every chain.
/// <https://docs.uniswap.org/contracts/permit2/reference/allowance-transfer>
mod permit2 {
    use alloy_primitives::{Address, address};

    pub(super) const ADDRESS: Address = address!("000000000022D473030F116dDEE9F6B43aC78BA3");

    alloy_sol_types::sol! {
        struct Details { address token; uint160 amount; uint48 expiration; uint48 nonce; }
        struct Single { Details details; address spender; uint256 deadline; }
        function approve(address token, address spender, uint160 amount, uint48 expiration);
        function permit(address owner, Single single, bytes signature);
        function transferFrom(address from, address to, uint160 amount, address token);
    }
}

/// The doubt about calls that ERC-20 and ERC-721 share: in one they move an amount, in the other the
/// item of that number. The bytes do not say which kind of contract it is; an approver that knows
/// the contract for a token does (`docs/four-eye.md` has this text).
const AMOUNT_OR_ITEM: &str = "an amount, or the number of an item";

/// The doubt about transfers and allowances that tell the other side, which then acts.
const HOOK: &str = "whatever the receiver does when it is told";

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
        let mut left = PARTS_MAX;
        let whose = Whose { contract, caller: sender, is_own: true };
        Meaning { contract: spell(contract), whose, spell, effects, left: &mut left }.add(data, 0);
    }
}

pub(crate) fn text(address: Address) -> String {
    hex::encode_prefixed(address.as_slice())
}

/// Bundles in bundles are read to this depth, and so many calls of one transaction.
const DEPTH_MAX: usize = 4;
const PARTS_MAX: usize = 256;

/// A contract and its caller.
#[derive(Clone, Copy)]
struct Whose {
    contract: Address,
    caller: Address,
    /// True if the caller is the account that signs. A contract that makes calls moves its own
    /// tokens, and ours only where it was allowed to: the bytes do not say which.
    is_own: bool,
}

struct Meaning<'a> {
    contract: String,
    whose: Whose,
    spell: fn(Address) -> String,
    effects: &'a mut Effects,
    left: &'a mut usize,
}

impl Meaning<'_> {
    fn add(&mut self, data: &[u8], depth: usize) {
        let selector = data.first_chunk::<4>().copied();
        let known = selector.and_then(|selector| {
            self.add_token(selector, data)
                .or_else(|| self.add_item(selector, data))
                .or_else(|| self.add_permit(selector, data))
                .or_else(|| self.add_later_token(selector, data))
                .or_else(|| self.add_permit2(selector, data))
        });
        if known.is_none() {
            // A bundle too: whether the contract does as others of that name do is not known.
            self.effects.add_unexplained(Unexplained::call(self.contract.clone()));
            self.add_bundle(data, depth);
        }
    }

    fn add_bundle(&mut self, data: &[u8], depth: usize) {
        let parts = if depth < DEPTH_MAX { bundles::read(data) } else { None };
        for part in parts.unwrap_or_default() {
            let Some(left) = self.left.checked_sub(1) else { return };
            *self.left = left;
            let whose = match part.target {
                None => self.whose,
                Some(contract) => Whose { contract, caller: self.whose.contract, is_own: false },
            };
            let contract = (self.spell)(whose.contract);
            if part.has_value || part.data.is_empty() {
                let what = Unexplained::new("coins that a bundle of calls passes on");
                self.effects.add_unexplained(what.for_receiver(contract.clone()));
            }
            if !part.data.is_empty() {
                let (spell, effects) = (self.spell, &mut *self.effects);
                Meaning { contract, whose, spell, effects, left: self.left }
                    .add(part.data, depth.saturating_add(1));
            }
        }
    }

    fn add_token(&mut self, selector: [u8; 4], data: &[u8]) -> Option<()> {
        match selector {
            transferCall::SELECTOR => {
                let call = transferCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt(AMOUNT_OR_ITEM);
            }
            transferFromCall::SELECTOR => {
                let call = transferFromCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amountOrId);
                self.doubt(AMOUNT_OR_ITEM);
            }
            approveCall::SELECTOR => {
                let call = approveCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, limit(call.amountOrId));
                self.doubt(AMOUNT_OR_ITEM);
            }
            increaseAllowanceCall::SELECTOR => {
                // On top of an allowance that is not known here.
                let call = increaseAllowanceCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, None);
            }
            decreaseAllowanceCall::SELECTOR => {
                let call = decreaseAllowanceCall::abi_decode_validate(data).ok()?;
                self.unexplained("the rest of an allowance that is lowered", call.spender);
            }
            setApprovalForAllCall::SELECTOR => {
                let call = setApprovalForAllCall::abi_decode_validate(data).ok()?;
                let all = Asset::AllItems { contract: self.contract.clone() };
                self.allow(all, call.operator, all_or_none(call.approved));
            }
            _ => return None,
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

    /// Signed permissions that are handed in: for whoever signed them, who need not be the caller.
    fn add_permit(&mut self, selector: [u8; 4], data: &[u8]) -> Option<()> {
        match selector {
            permit_0Call::SELECTOR => {
                let call = permit_0Call::abi_decode_validate(data).ok()?;
                self.allow_of(call.owner, call.spender, limit(call.amount));
            }
            permit_1Call::SELECTOR => {
                let call = permit_1Call::abi_decode_validate(data).ok()?;
                self.allow_of(call.holder, call.spender, all_or_none(call.allowed));
            }
            permit_2Call::SELECTOR => {
                let call = permit_2Call::abi_decode_validate(data).ok()?;
                self.unexplained("a permit for an item", call.spender);
            }
            _ => return None,
        }
        Some(())
    }

    fn add_later_token(&mut self, selector: [u8; 4], data: &[u8]) -> Option<()> {
        match selector {
            authorizeOperatorCall::SELECTOR => {
                let call = authorizeOperatorCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.operator, None);
            }
            revokeOperatorCall::SELECTOR => {
                let call = revokeOperatorCall::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.operator, Some(Amount::ZERO));
            }
            sendCall::SELECTOR => {
                let call = sendCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt(HOOK);
            }
            operatorSendCall::SELECTOR => {
                let call = operatorSendCall::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt(HOOK);
            }
            transferAndCall_0Call::SELECTOR => {
                let call = transferAndCall_0Call::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt(HOOK);
            }
            transferAndCall_1Call::SELECTOR => {
                let call = transferAndCall_1Call::abi_decode_validate(data).ok()?;
                self.transfer(self.token(), call.to, call.amount);
                self.doubt(HOOK);
            }
            approveAndCall_0Call::SELECTOR => {
                let call = approveAndCall_0Call::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, limit(call.amount));
                self.doubt(HOOK);
            }
            approveAndCall_1Call::SELECTOR => {
                let call = approveAndCall_1Call::abi_decode_validate(data).ok()?;
                self.allow(self.token(), call.spender, limit(call.amount));
                self.doubt(HOOK);
            }
            _ => return None,
        }
        Some(())
    }

    fn add_permit2(&mut self, selector: [u8; 4], data: &[u8]) -> Option<()> {
        use permit2::{approveCall, permitCall, transferFromCall};
        let is_permit2 = self.whose.contract == permit2::ADDRESS;
        match selector {
            approveCall::SELECTOR => {
                let call = approveCall::abi_decode_validate(data).ok()?;
                if !is_permit2 {
                    self.unexplained("an allowance", call.spender);
                    return Some(());
                }
                let asset = Asset::Token { contract: (self.spell)(call.token) };
                let is_all = call.amount == alloy_primitives::aliases::U160::MAX;
                let amount = (!is_all).then(|| Amount::from_u256(call.amount.to()));
                self.allow(asset, call.spender, amount);
            }
            permitCall::SELECTOR => {
                let call = permitCall::abi_decode_validate(data).ok()?;
                self.unexplained("a permit", call.single.spender);
            }
            transferFromCall::SELECTOR => {
                let call = transferFromCall::abi_decode_validate(data).ok()?;
                self.unexplained("a transfer by an allowance", call.to);
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
        if !self.whose.is_own {
            let caller = (self.spell)(self.whose.caller);
            self.unexplained(&format!("{amount} {asset} that {caller} moves"), to);
            return;
        }
        let to_self = to == self.whose.caller;
        let amount = Amount::from_u256(amount);
        let to = (self.spell)(to);
        self.effects.add_transfer(Transfer { asset, to, amount, to_self, tag: None });
    }

    fn allow(&mut self, asset: Asset, spender: Address, amount: Option<Amount>) {
        if !self.whose.is_own {
            let caller = (self.spell)(self.whose.caller);
            self.unexplained(&format!("{asset} that {caller} allows to spend"), spender);
            return;
        }
        let spender = (self.spell)(spender);
        self.effects.add_allowance(Allowance { asset, spender, amount });
    }

    /// An allowance by whoever signed for it.
    fn allow_of(&mut self, owner: Address, spender: Address, amount: Option<Amount>) {
        if owner == self.whose.caller {
            self.allow(self.token(), spender, amount);
        } else {
            let owner = (self.spell)(owner);
            self.unexplained(&format!("a permit of {owner}"), spender);
        }
    }

    fn unexplained(&mut self, what: &str, receiver: Address) {
        let what = Unexplained::new(what).for_receiver((self.spell)(receiver));
        self.effects.add_unexplained(what.by_contract(self.contract.clone()));
    }

    fn doubt(&mut self, what: &str) {
        let doubt = Unexplained::new(what).by_contract(self.contract.clone());
        self.effects.add_unexplained(doubt);
    }
}

/// Everything, or nothing any more.
const fn all_or_none(is_allowed: bool) -> Option<Amount> {
    if is_allowed { None } else { Some(Amount::ZERO) }
}

/// An allowance of 2²⁵⁶−1 never runs out.
fn limit(amount: U256) -> Option<Amount> {
    (amount != U256::MAX).then_some(Amount::from_u256(amount))
}
