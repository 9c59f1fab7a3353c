//! How the clients reach the outside: proxies, certificates, time limits.

use std::time::Duration;

use kms_secret::SecretText;
use reqwest::{Certificate, Client, Identity, NoProxy, Proxy, redirect};

use crate::{error::SetupError, limits};

#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the first byte of a request to the last of its answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: limits::CONNECT_TIMEOUT, total: limits::TOTAL_TIMEOUT }
    }
}

/// The way out of the perimeter.
#[derive(Debug, Default)]
pub struct HttpOptions {
    /// Proxy for https; it may carry credentials.
    pub https_proxy: Option<SecretText>,
    /// Proxy for http; it may carry credentials.
    pub http_proxy: Option<SecretText>,
    /// Hosts that are reached without one, as in `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// Certificates in PEM that are trusted beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// A certificate with its key in PEM, by which the other side knows this one.
    pub identity_pem: Option<SecretText>,
}

/// Redirects are not followed: the next host would get the API key.
pub(crate) fn client(
    version: &str,
    timeouts: Timeouts,
    options: &HttpOptions,
) -> Result<Client, SetupError> {
    let mut builder = Client::builder()
        .user_agent(format!("tatum-kms/{version}"))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .tcp_nodelay(true)
        .tcp_keepalive(limits::KEEPALIVE)
        .pool_idle_timeout(limits::IDLE_CONNECTION)
        // The process's own variables are among those that the configuration names.
        .no_proxy();
    for proxy in proxies(options)? {
        builder = builder.proxy(proxy);
    }
    if let Some(pem) = &options.ca_pem {
        let certificates =
            Certificate::from_pem_bundle(pem).map_err(|_| SetupError::Certificate)?;
        if certificates.is_empty() {
            return Err(SetupError::Certificate);
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(pem) = &options.identity_pem {
        let identity = Identity::from_pem(pem.expose().as_bytes());
        builder = builder.identity(identity.map_err(|_| SetupError::Identity)?);
    }
    builder.build().map_err(|error| SetupError::Http(error.without_url().to_string()))
}

fn proxies(options: &HttpOptions) -> Result<Vec<Proxy>, SetupError> {
    let none = options.no_proxy.as_deref().and_then(NoProxy::from_string);
    let mut proxies = Vec::new();
    if let Some(url) = &options.https_proxy {
        let proxy = Proxy::https(url.expose()).map_err(|_| SetupError::Proxy("HTTPS_PROXY"))?;
        proxies.push(proxy.no_proxy(none.clone()));
    }
    if let Some(url) = &options.http_proxy {
        let proxy = Proxy::http(url.expose()).map_err(|_| SetupError::Proxy("HTTP_PROXY"))?;
        proxies.push(proxy.no_proxy(none));
    }
    Ok(proxies)
}
