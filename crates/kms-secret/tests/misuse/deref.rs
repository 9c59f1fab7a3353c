fn main() {
    let seed = kms_secret::Seed::init_with(|bytes| bytes.fill(7));
    let _bytes: &[u8; 64] = &seed;
}
