use crate::{
    digest::{FieldHasher, SigningDigest},
    gate::permit::Permit,
    id::KeyRef,
    key::Scheme,
};

/// The length of a value that messages get after the verdict: a
/// [`LateValue`](crate::LateValue).
pub const LATE_VALUE_BYTES: usize = 32;

/// One signature a transaction needs. Made by a chain, but only with a permit in hand.
#[derive(Debug)]
pub struct SigningRequest {
    key: KeyRef,
    scheme: Scheme,
    message: SigningMessage,
}

/// The bytes that one signature is over.
#[derive(Clone, Debug)]
pub enum SigningMessage {
    /// A 32-byte digest, signed as it is.
    Prehash([u8; 32]),
    /// A message the scheme hashes itself.
    Whole(Vec<u8>),
}

/// SHA-256 over, for each request, its scheme, its wallet, its index (nothing without one),
/// `prehash` or `whole`, and its message; each led by its length in eight bytes, the highest
/// first. Zeros take the place of a value that comes late, at the same position of every message.
pub(crate) fn signing_digest(requests: &[SigningRequest], late: Option<usize>) -> SigningDigest {
    let mut hasher = FieldHasher::default();
    for SigningRequest { key, scheme, message } in requests {
        hasher.field(scheme.name().as_bytes());
        hasher.field(key.wallet.as_str().as_bytes());
        hasher.field(key.index.map(|index| index.to_string()).unwrap_or_default().as_bytes());
        let (kind, bytes) = match message {
            SigningMessage::Prehash(bytes) => ("prehash", bytes.as_slice()),
            SigningMessage::Whole(bytes) => ("whole", bytes.as_slice()),
        };
        hasher.field(kind.as_bytes());
        match late.and_then(|late| without_late_value(message, late)) {
            Some(bytes) => hasher.field(&bytes),
            None => hasher.field(bytes),
        }
    }
    SigningDigest::from_bytes(hasher.finish())
}

/// `None` for a message without such a position: its digest is that of all its bytes.
fn without_late_value(message: &SigningMessage, position: usize) -> Option<Vec<u8>> {
    let SigningMessage::Whole(bytes) = message else { return None };
    let mut bytes = bytes.clone();
    let end = position.checked_add(LATE_VALUE_BYTES)?;
    bytes.get_mut(position..end)?.fill(0);
    Some(bytes)
}

/// A public key in the serialization its owner uses: 33 bytes compressed or 65 uncompressed for
/// secp256k1, 32 for ed25519.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PublicKey(Vec<u8>);

/// An address in the chain's own canonical spelling. Only a chain makes one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Address(String);

/// A signature in the shape of its [`Scheme`].
#[derive(Clone, Debug)]
pub struct KeySignature {
    /// The public key that verifies it.
    pub public_key: PublicKey,
    /// The signature, in the encoding of the request's scheme.
    pub bytes: Vec<u8>,
}

/// A fully signed transaction in the chain's broadcast encoding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawTransaction(String);

impl PublicKey {
    /// Takes the encoding of the key's scheme.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, in the encoding of the key's scheme.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Address {
    /// For chains. Anyone else asks [`Chain::address`](crate::Chain::address) or compares.
    pub const fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// The chain's canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RawTransaction {
    /// Takes the chain's spelling of signed bytes.
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The spelling that the API takes: hexadecimal digits or base64, as the chain has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SigningRequest {
    /// Makes a request for the bearer of a permit.
    pub fn new(_: &Permit, key: KeyRef, scheme: Scheme, message: SigningMessage) -> Self {
        Self { key, scheme, message }
    }

    /// The key that is to sign.
    pub const fn key(&self) -> &KeyRef {
        &self.key
    }

    /// The scheme that it is to sign in.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The message that is signed.
    pub const fn message(&self) -> &SigningMessage {
        &self.message
    }
}
