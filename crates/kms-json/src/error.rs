//! Reasons not to read a text.

use thiserror::Error;

/// The reason why a text is not read. Names are repeated as in the text, whatever their length.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum JsonError {
    /// The text, or a value in it, is not JSON, or of another type than was wanted.
    #[error("it is not valid JSON (line {line}, column {column})")]
    Syntax {
        /// The line within the value that was being read, counted from one.
        line: usize,
        /// The column in bytes, counted from one; zero before the first.
        column: usize,
    },
    /// The text has more bytes than [`Limits::bytes`](crate::Limits::bytes).
    #[error("its JSON is too large")]
    TooLarge,
    /// Values are nested deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("its JSON is nested too deeply")]
    TooDeep,
    /// An object has two members of this name.
    #[error("member `{0}` appears twice")]
    Duplicate(String),
    /// An object has two members whose names differ in case only.
    #[error("members `{0}` and `{1}` differ only in case: other programs may read either")]
    Twins(String, String),
}

impl JsonError {
    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        Self::Syntax { line: error.line(), column: error.column() }
    }

    pub(crate) fn twins([one, other]: [&str; 2]) -> Self {
        if one == other {
            Self::Duplicate(one.to_owned())
        } else {
            Self::Twins(one.to_owned(), other.to_owned())
        }
    }
}
