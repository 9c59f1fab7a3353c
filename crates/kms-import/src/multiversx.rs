//! MultiversX's files: PEM, and its keystore of version 4.
//! <https://docs.multiversx.com/sdk-and-tools/mxpy/mxpy-cli>

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use kms_secret::Password;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Contents,
    body::{self, Body, MacKind, damaged},
    error::ImportError,
    target::Target,
};

const BEGIN: &str = "-----BEGIN PRIVATE KEY for ";
const END: &str = "-----END PRIVATE KEY for ";
const DASHES: &str = "-----";

#[derive(Deserialize)]
struct File {
    crypto: Body,
    kind: Option<String>,
    bech32: Option<String>,
}

pub(crate) fn is_pem(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// Opens the keystore: a phrase, or a seed and its public key.
pub(crate) fn open(
    text: &str,
    target: &Target<'_>,
    password: &Password,
) -> Result<Contents, ImportError> {
    let file: File = body::read(text)?;
    let secret = file.crypto.open(password, MacKind::HmacSha256)?;
    let named: Vec<_> = file.bech32.as_deref().into_iter().collect();
    let found = match file.kind.as_deref() {
        Some("mnemonic") => {
            let phrase = body::phrase(&secret)?;
            target.phrase(phrase, &named)?
        }
        None | Some("secretKey") => target.key_of_pair(&secret, &named)?,
        Some(_) => return Err(damaged("`kind` is neither mnemonic nor secretKey")),
    };
    Ok(vec![found].into())
}

/// Reads PEM: a block an account, whose label names the address.
pub(crate) fn read_pem(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let at = |error: ImportError| error.at(Some(number.saturating_add(1)));
        let label = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES));
        let label = label.ok_or(at(damaged_pem("a line is outside of a block")))?;
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        loop {
            let line = lines.next().map(|(_, line)| line.trim());
            let line = line.ok_or(at(damaged_pem("the block has no end")))?;
            let Some(end) = line.strip_prefix(END) else {
                body.push_str(line);
                continue;
            };
            if end.strip_suffix(DASHES) != Some(label) {
                return Err(at(damaged_pem("the block's end names another address")));
            }
            break;
        }
        let pair = decode(&body).ok_or(at(damaged_pem("the block is not base64 of 128 digits")))?;
        let key = target.key_of_pair(&pair, &[label]).map_err(at)?;
        found.push(key.on_line(number.saturating_add(1)));
    }
    Ok(found.into())
}

fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = Zeroizing::new(BASE64.decode(body.as_bytes()).ok()?);
    HEXLOWER_PERMISSIVE.decode(&digits).ok().map(Zeroizing::new)
}

const fn damaged_pem(problem: &'static str) -> ImportError {
    ImportError::Damaged { format: "MultiversX PEM", problem }
}
