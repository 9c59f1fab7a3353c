import "FungibleToken"
import "FUSD"

transaction(amount: UFix64, recipient: Address) {
    let payment: @{FungibleToken.Vault}

    prepare(signer: auth(BorrowValue) &Account) {
        let vault = signer.storage.borrow<auth(FungibleToken.Withdraw) &FUSD.Vault>(
            from: /storage/fusdVault
        ) ?? panic("the sender has no vault of FUSD")
        self.payment <- vault.withdraw(amount: amount)
    }

    execute {
        let receiver = getAccount(recipient).capabilities.borrow<&{FungibleToken.Receiver}>(
            /public/fusdReceiver
        ) ?? panic("the recipient takes no FUSD")
        receiver.deposit(from: <-self.payment)
    }
}
