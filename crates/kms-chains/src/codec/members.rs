//! Members of a payload that nothing asked for: whoever sent them means something by them, and it
//! would not be signed.

use kms_core::{Chain, ChainOptions, DecodeError};

use super::json::{Json, Object};

/// Holds a payload with a member that was not read, at any depth, unless the chain's row or the
/// operator says that it is harmless. It is called when everything else was read.
///
/// # Errors
/// When there is such a member: the first one, by its path.
pub(crate) fn check_all_read(
    payload: &Object,
    chain: &dyn Chain,
    options: &ChainOptions,
) -> Result<(), DecodeError> {
    let unread = payload.first_unread(|path| is_harmless(path, chain, options));
    unread.map_or(Ok(()), |path| Err(not_understood(path, chain)))
}

/// The same of a payload that is a list.
///
/// # Errors
/// When there is such a member: the first one, by its path.
pub(crate) fn check_all_read_in_list(
    payload: &Json,
    chain: &dyn Chain,
    options: &ChainOptions,
) -> Result<(), DecodeError> {
    let unread = payload.first_unread(|path| is_harmless(path, chain, options));
    unread.map_or(Ok(()), |path| Err(not_understood(path, chain)))
}

/// The error that names a member by its path.
pub(crate) fn not_understood(path: String, chain: &dyn Chain) -> DecodeError {
    let name = path.rsplit('.').next().unwrap_or_default();
    let name = name.split('[').next().unwrap_or_default();
    let has_meaning = chain.is_member_of_format(name);
    let chain = chain.spec().id;
    if has_meaning {
        DecodeError::Unsigned { chain, path }
    } else {
        DecodeError::Unknown { chain, path }
    }
}

/// Tells whether a member may be passed over.
pub(crate) fn is_harmless(path: &str, chain: &dyn Chain, options: &ChainOptions) -> bool {
    let path = without_indexes(path);
    let known = chain.spec().harmless_members.iter().map(|member| member.path);
    known.chain(options.harmless_members.iter().map(String::as_str)).any(|known| known == path)
}

/// The path of a member with `[]` in the place of each `[number]`, as the chains' tables of
/// harmless members have it: `outputs[3].label` is `outputs[].label`.
pub fn without_indexes(path: &str) -> String {
    let mut parts = path.split('[');
    let mut spelled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        spelled.push('[');
        spelled.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_every_item_of_a_list() {
        for (path, expected) in
            [("a", "a"), ("a.b", "a.b"), ("a[10].b[0].c", "a[].b[].c"), ("[0].x", "[].x")]
        {
            assert_eq!(without_indexes(path), expected);
        }
    }
}
