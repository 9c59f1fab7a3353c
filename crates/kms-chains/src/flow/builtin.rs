//! The scripts of the API's own types, in Cadence 1.0.
//! <https://cadence-lang.org/docs/cadence-migration-guide>
//!
//! Contracts of the network itself: <https://developers.flow.com/build/core-contracts>. FUSD and
//! TatumMultiNFT are where the original has them.

use kms_core::{ByNetwork, Network};

const CONTRACTS: ByNetwork<[(&str, &str); 6]> = ByNetwork {
    mainnet: [
        ("FungibleToken", "f233dcee88fe0abe"),
        ("FlowToken", "1654653399040a61"),
        ("FUSD", FUSD.mainnet),
        ("NonFungibleToken", "1d7e57aa55817448"),
        ("Burner", "f233dcee88fe0abe"),
        ("TatumMultiNFT", NFT.mainnet),
    ],
    testnet: [
        ("FungibleToken", "9a0766d93b6608b7"),
        ("FlowToken", "7e60df042a9c0868"),
        ("FUSD", FUSD.testnet),
        ("NonFungibleToken", "631e88ae7f1d7c20"),
        ("Burner", "9a0766d93b6608b7"),
        ("TatumMultiNFT", NFT.testnet),
    ],
};

const FUSD: ByNetwork<&str> =
    ByNetwork { mainnet: "3c5959b568896393", testnet: "e223d8a629e49c68" };
const NFT: ByNetwork<&str> = ByNetwork { mainnet: "354e6721564ccd2c", testnet: "87fe4ebd0cddde06" };

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Script {
    CreateAccount,
    AddKey,
    TransferFlow,
    TransferFusd,
    MintNft,
    MintNfts,
    BurnNft,
    TransferNft,
}

impl Script {
    const fn source(self) -> &'static str {
        match self {
            Self::CreateAccount => include_str!("scripts/create_account.cdc"),
            Self::AddKey => include_str!("scripts/add_key.cdc"),
            Self::TransferFlow => include_str!("scripts/transfer_flow.cdc"),
            Self::TransferFusd => include_str!("scripts/transfer_fusd.cdc"),
            Self::MintNft => include_str!("scripts/mint_nft.cdc"),
            Self::MintNfts => include_str!("scripts/mint_nfts.cdc"),
            Self::BurnNft => include_str!("scripts/burn_nft.cdc"),
            Self::TransferNft => include_str!("scripts/transfer_nft.cdc"),
        }
    }

    /// With the network's contracts in its imports, which in the files have a name for address.
    pub(super) fn text(self, network: Network) -> String {
        let contracts = CONTRACTS.on(network);
        contracts.iter().fold(self.source().to_owned(), |text, (name, address)| {
            let import = format!("import \"{name}\"\n");
            text.replace(&import, &format!("import {name} from 0x{address}\n"))
        })
    }
}

/// The contract of a token, as Cadence names it.
pub(super) fn fusd(network: Network) -> String {
    format!("A.{}.FUSD", FUSD.on(network))
}

pub(super) fn nft(network: Network) -> String {
    format!("A.{}.TatumMultiNFT", NFT.on(network))
}
