import "TatumMultiNFT"

transaction(recipient: [Address], url: [String], type: String) {
    let minter: &TatumMultiNFT.NFTMinter

    prepare(signer: auth(BorrowValue) &Account) {
        self.minter = signer.storage.borrow<&TatumMultiNFT.NFTMinter>(
            from: TatumMultiNFT.MinterStoragePath
        ) ?? panic("the sender may not mint")
    }

    execute {
        var place = 0
        while place < url.length {
            let receiver = getAccount(recipient[place])
                .capabilities.borrow<&TatumMultiNFT.Collection>(TatumMultiNFT.CollectionPublicPath)
                ?? panic("a recipient has no collection")
            self.minter.mintNFT(
                recipient: receiver,
                type: type,
                url: url[place],
                address: recipient[place]
            )
            place = place + 1
        }
    }
}
