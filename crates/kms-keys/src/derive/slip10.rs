//! SLIP-10 over ed25519, where every step is hardened.
//! <https://github.com/satoshilabs/slips/blob/master/slip-0010.md>

use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_core::AddressIndex;
use kms_secret::{ChainNode, PrivateKey, Seed};
use sha2::Sha512;
use zeroize::Zeroizing;

const HARDENED: u32 = 0x8000_0000;

/// A private key and the chain code its children are made with.
pub(crate) struct Node(ChainNode);

impl Node {
    /// The node at `m/44'/coin'/0'/0'`.
    pub(crate) fn account(coin_type: u32, seed: &Seed) -> Self {
        Self::at([44, coin_type, 0, 0], seed)
    }

    /// The node at any path; every step is hardened.
    pub(crate) fn at(path: impl IntoIterator<Item = u32>, seed: &Seed) -> Self {
        let master = Self(keyed_hash(b"ed25519 seed", &[seed.expose()]));
        path.into_iter().fold(master, |node, number| node.child(number))
    }

    /// The node's own key.
    pub(crate) fn to_private_key(&self) -> PrivateKey {
        PrivateKey::init_with(|secret| secret.copy_from_slice(self.halves().0))
    }

    pub(crate) fn private_key(&self, index: AddressIndex) -> PrivateKey {
        self.child(index.get()).to_private_key()
    }

    fn child(&self, number: u32) -> Self {
        let (key, chain_code) = self.halves();
        Self(keyed_hash(chain_code, &[&[0], key, &(number | HARDENED).to_be_bytes()]))
    }

    fn halves(&self) -> (&[u8], &[u8]) {
        self.0.expose().split_at(32)
    }
}

fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> ChainNode {
    ChainNode::init_with(|output| {
        // HMAC takes keys of any length.
        if let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key) {
            parts.iter().for_each(|part| mac.update(part));
            let hash = Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()));
            output.copy_from_slice(hash.as_slice());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 1 for ed25519 of SLIP-10: chain m/0'/1'.
    #[test]
    fn children_are_those_of_slip_10() {
        let seed = data_encoding::HEXLOWER.decode(b"000102030405060708090a0b0c0d0e0f").unwrap();
        let node = Node(keyed_hash(b"ed25519 seed", &[&seed])).child(0).child(1);
        let expected = "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2";
        assert_eq!(data_encoding::HEXLOWER.encode(node.halves().0), expected);
    }
}
