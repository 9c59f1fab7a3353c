use kms_core::{KeyRef, Proposal, Sign};

fn sign(proposal: Proposal, keys: &dyn Sign) {
    let _signed = proposal.sign(keys);
}

fn main() {}
