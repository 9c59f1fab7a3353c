//! The one reader of text files that people and other programs write, and the one place that says
//! what to do about an error of the file system.

mod remedy;
mod text;

pub use remedy::{Told, told};
pub use text::{NotText, decode, text, without_mark};
