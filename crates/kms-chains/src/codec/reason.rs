//! The words of a node, as errors repeat them.

/// Characters of what a node says that an error repeats.
const MAX_CHARS: usize = 300;

/// The beginning of what a node says, at most 300 characters of it.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(MAX_CHARS).collect()
}
