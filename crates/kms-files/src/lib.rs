//! The one reader of text files that people and other programs write, and the one place that says
//! what to do about an error of the file system. Tells a file that is mounted without its folder, and
//! replaces small files as a whole.

mod mount;
mod remedy;
mod text;
mod whole;

pub use mount::is_mounted_alone;
pub use remedy::{Told, told};
pub use text::{NotText, decode, text, without_mark};
pub use whole::{beside, folder_of, replace, sync_folder};
