//! JSON, read strictly: members in their order, none of them twice, nesting and size bounded,
//! numbers as they were written (RFC 8259).
//!
//! Two programs that read one text must see one content. If a member is named twice, readers differ
//! on which one counts (RFC 8259, section 4), and a signer could sign something else than an
//! approver saw. So this is the only reader of objects whose members the signer did not choose
//! itself; the sandbox, which judges what is signed, has another of its own.

#![warn(missing_docs)]

mod at_once;
mod error;
mod limits;
mod members;
mod names;
mod parse;
mod value;

pub use error::JsonError;
pub use limits::{Limits, Twins};
pub use members::{items, members};
pub use names::{is_one_name, twin_names};
pub use value::{Json, Object};
