import "TatumMultiNFT"

transaction(recipient: Address, url: String, type: String) {
    let minter: &TatumMultiNFT.NFTMinter

    prepare(signer: auth(BorrowValue) &Account) {
        self.minter = signer.storage.borrow<&TatumMultiNFT.NFTMinter>(
            from: TatumMultiNFT.MinterStoragePath
        ) ?? panic("the sender may not mint")
    }

    execute {
        let receiver = getAccount(recipient).capabilities.borrow<&TatumMultiNFT.Collection>(
            TatumMultiNFT.CollectionPublicPath
        ) ?? panic("the recipient has no collection")
        self.minter.mintNFT(recipient: receiver, type: type, url: url, address: recipient)
    }
}
