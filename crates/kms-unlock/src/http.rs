//! What the providers without an SDK are asked with.

use std::time::Duration;

use reqwest::{Client, Response, redirect};
use zeroize::Zeroizing;

use crate::error::{Provider, UnlockError, with_causes};

const BODY_MAX: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(20);

/// A redirect would take what proves who asks to another host.
pub(crate) fn client(provider: Provider) -> Result<Client, UnlockError> {
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(TIMEOUT)
        .timeout(TIMEOUT)
        .build();
    client.map_err(|error| UnlockError::Unconfigured {
        provider,
        problem: with_causes(&error.without_url()),
    })
}

pub(crate) async fn read_body(
    provider: Provider,
    mut response: Response,
) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_MAX));
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(provider, error))? {
        if body.len().saturating_add(chunk.len()) > BODY_MAX {
            let problem = String::from("it is too long");
            return Err(UnlockError::Unusable { provider, problem });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn unreachable(provider: Provider, error: reqwest::Error) -> UnlockError {
    UnlockError::Unreachable { provider, reason: with_causes(&error.without_url()) }
}
