//! Encodings that two or more chains use.

pub(crate) mod decimal;
pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod note;
pub(crate) mod protobuf;
pub(crate) mod quantity;
pub(crate) mod reason;
