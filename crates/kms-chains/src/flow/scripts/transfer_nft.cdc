import "NonFungibleToken"
import "TatumMultiNFT"

transaction(recipient: Address, tokenId: UInt64) {
    let token: @{NonFungibleToken.NFT}

    prepare(signer: auth(BorrowValue) &Account) {
        let collection = signer.storage
            .borrow<auth(NonFungibleToken.Withdraw) &TatumMultiNFT.Collection>(
                from: TatumMultiNFT.CollectionStoragePath
            ) ?? panic("the sender has no collection")
        self.token <- collection.withdraw(withdrawID: tokenId)
    }

    execute {
        let receiver = getAccount(recipient).capabilities.borrow<&TatumMultiNFT.Collection>(
            TatumMultiNFT.CollectionPublicPath
        ) ?? panic("the recipient has no collection")
        receiver.deposit(token: <-self.token)
    }
}
