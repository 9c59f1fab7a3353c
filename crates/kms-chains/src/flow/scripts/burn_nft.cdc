import "NonFungibleToken"
import "Burner"
import "TatumMultiNFT"

transaction(tokenId: UInt64) {
    prepare(signer: auth(BorrowValue) &Account) {
        let collection = signer.storage
            .borrow<auth(NonFungibleToken.Withdraw) &TatumMultiNFT.Collection>(
                from: TatumMultiNFT.CollectionStoragePath
            ) ?? panic("the sender has no collection")
        Burner.burn(<-collection.withdraw(withdrawID: tokenId))
    }
}
