fn main() {
    let key = kms_secret::PrivateKey::init_with(|bytes| bytes.fill(7));
    let _copy = key.clone();
}
