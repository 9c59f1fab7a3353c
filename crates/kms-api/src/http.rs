//! The clients' connection settings: proxies, certificates, time limits.

use std::time::Duration;

use kms_secret::SecretText;
use reqwest::{Certificate, Client, Identity, NoProxy, Proxy, redirect};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use url::Url;

use crate::{cause, error::SetupError, limits};

/// Limits in time of one call.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// From the first byte of a request to the last of its answer.
    pub total: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: limits::CONNECT_TIMEOUT,
            total: limits::TOTAL_TIMEOUT,
            idle: limits::IDLE_TIMEOUT,
        }
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
    /// Plain http alone is spoken, with this very process: no certificate is trusted, so the system
    /// need not have any.
    pub trusts_no_certificate: bool,
}

/// A client that follows no redirect: the next host would get the API key, or whatever else
/// proves who asks.
///
/// # Errors
/// When it cannot be made of the options.
pub fn client(
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
        .http2_keep_alive_interval(limits::KEEPALIVE)
        .http2_keep_alive_timeout(limits::KEEPALIVE_TIMEOUT)
        .pool_idle_timeout(limits::IDLE_CONNECTION)
        .pool_max_idle_per_host(limits::IDLE_CONNECTIONS)
        // The process's own variables are among those that the configuration names.
        .no_proxy();
    for proxy in proxies(options)? {
        builder = builder.proxy(proxy);
    }
    if options.trusts_no_certificate {
        builder = builder.tls_certs_only([]);
    }
    if let Some(pem) = &options.ca_pem {
        builder = builder.tls_certs_merge(roots(pem)?);
    }
    if let Some(pem) = &options.identity_pem {
        let identity = Identity::from_pem(pem.expose().as_bytes());
        builder = builder.identity(identity.map_err(|_| SetupError::Identity)?);
    }
    builder.build().map_err(|error| SetupError::Http(cause::of_building(error)))
}

/// Every certificate of the file must be one, so that none is missed when it is needed.
fn roots(pem: &[u8]) -> Result<Vec<Certificate>, SetupError> {
    let damaged = |problem: String| SetupError::Certificate(problem);
    let mut store = RootCertStore::empty();
    let mut roots = Vec::new();
    for der in CertificateDer::pem_slice_iter(pem) {
        let der = der.map_err(|error| damaged(error.to_string()))?;
        let root = Certificate::from_der(&der).map_err(|error| damaged(error.to_string()))?;
        store.add(der).map_err(|error| damaged(error.to_string()))?;
        roots.push(root);
    }
    if roots.is_empty() {
        Err(damaged(String::from("it has no section `BEGIN CERTIFICATE`")))
    } else {
        Ok(roots)
    }
}

impl HttpOptions {
    /// Returns true if any call may go by way of a proxy.
    pub(crate) const fn has_proxy(&self) -> bool {
        self.https_proxy.is_some() || self.http_proxy.is_some()
    }
}

fn proxies(options: &HttpOptions) -> Result<Vec<Proxy>, SetupError> {
    // The library takes `*` for all names, and not for addresses.
    let is_for_none = |list: &str| list.split(',').any(|entry| entry.trim() == "*");
    let is_unused = options.no_proxy.as_deref().is_some_and(is_for_none);
    let none = options.no_proxy.as_deref().and_then(NoProxy::from_string);
    let mut proxies = Vec::new();
    for (name, url, make) in [
        ("HTTPS_PROXY", &options.https_proxy, Proxy::https as fn(Url) -> _),
        ("HTTP_PROXY", &options.http_proxy, Proxy::http),
    ] {
        let Some(url) = url else { continue };
        let url = proxy_url(url.expose()).ok_or(SetupError::Proxy(name))?;
        let proxy: Proxy = make(url).map_err(|_| SetupError::Proxy(name))?;
        proxies.push(proxy.no_proxy(none.clone()));
    }
    if is_unused { Ok(Vec::new()) } else { Ok(proxies) }
}

/// Without a scheme it is an `http` proxy, as with curl. For an unknown scheme the library reports
/// no error but makes a proxy that is never used: calls would go out directly.
fn proxy_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let url =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
