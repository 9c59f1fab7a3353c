fn main() {
    let _permit = kms_core::Permit { id: id(), _issued_by_gate: () };
}

fn id() -> kms_core::TransactionId {
    kms_core::TransactionId::parse("t").unwrap()
}
