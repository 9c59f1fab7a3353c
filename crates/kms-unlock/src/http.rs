//! What the providers without an SDK are asked with.

use std::time::Duration;

use reqwest::{Certificate, Client, Response, redirect};
use zeroize::Zeroizing;

use crate::error::{Provider, UnlockError, with_causes};

const BODY_MAX: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(20);

/// A redirect would take what proves who asks to another host. `ca_pem` holds certificates that are
/// trusted beside the system's.
pub(crate) fn client(provider: Provider, ca_pem: Option<&[u8]>) -> Result<Client, UnlockError> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(TIMEOUT)
        .timeout(TIMEOUT);
    if let Some(pem) = ca_pem {
        let certificates = Certificate::from_pem_bundle(pem).ok().filter(|all| !all.is_empty());
        let none = || provider.unconfigured("its file of trusted certificates holds none");
        builder = builder.tls_certs_merge(certificates.ok_or_else(none)?);
    }
    builder.build().map_err(|error| provider.unconfigured(with_causes(&error.without_url())))
}

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
