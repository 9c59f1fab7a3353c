use kms_core::{KeyRef, Scheme, SigningMessage, SigningRequest};

fn request(key: KeyRef) -> SigningRequest {
    SigningRequest::new(key, Scheme::EcdsaSecp256k1, SigningMessage::Prehash([0; 32]))
}

fn main() {}
