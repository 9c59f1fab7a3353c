import "FungibleToken"
import "FlowToken"

transaction(amount: UFix64, recipient: Address) {
    let payment: @{FungibleToken.Vault}

    prepare(signer: auth(BorrowValue) &Account) {
        let vault = signer.storage.borrow<auth(FungibleToken.Withdraw) &FlowToken.Vault>(
            from: /storage/flowTokenVault
        ) ?? panic("the sender has no vault of FLOW")
        self.payment <- vault.withdraw(amount: amount)
    }

    execute {
        let receiver = getAccount(recipient).capabilities.borrow<&{FungibleToken.Receiver}>(
            /public/flowTokenReceiver
        ) ?? panic("the recipient takes no FLOW")
        receiver.deposit(from: <-self.payment)
    }
}
