//! Answers of the providers without an SDK.

use reqwest::Response;
use zeroize::Zeroizing;

use crate::error::{Provider, UnlockError, with_causes};

const BODY_MAX: usize = 64 << 10;

pub(crate) async fn read_body(
    provider: Provider,
    mut response: Response,
) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_MAX));
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(provider, error))? {
        if body.len().saturating_add(chunk.len()) > BODY_MAX {
            return Err(provider.unusable("it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn unreachable(provider: Provider, error: reqwest::Error) -> UnlockError {
    UnlockError::Unreachable { provider, reason: with_causes(&error.without_url()) }
}
