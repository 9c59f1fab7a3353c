fn main() {
    let one = kms_secret::Mnemonic::new(String::from("abandon"));
    let other = kms_secret::Mnemonic::new(String::from("about"));
    let _same = one == other;
}
