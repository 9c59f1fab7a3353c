//! The reason why a call came to nothing, in words that say what to do about it. Never with a URL:
//! it may hold the API key, or a proxy's password.

use std::{error::Error, io, iter::successors};

use rustls::CertificateError;

use crate::error::ApiError;

/// The error of a request that could not be sent or answered.
pub(crate) fn of_sending(error: reqwest::Error, by_proxy: bool) -> ApiError {
    let error = error.without_url();
    if error.is_connect() {
        return ApiError::NotConnected { reason: of_connecting(&error, by_proxy) };
    }
    if error.is_timeout() {
        return ApiError::NoAnswer(String::from("timed out"));
    }
    ApiError::NoAnswer(format!("the connection broke before the answer: {}", root(&error)))
}

/// The error of an answer that had begun.
pub(crate) fn of_reading(error: reqwest::Error) -> ApiError {
    let error = error.without_url();
    ApiError::NoAnswer(if error.is_timeout() {
        String::from("timed out")
    } else {
        format!("the answer was cut off: {}", root(&error))
    })
}

/// A client that cannot be built, with its causes.
pub(crate) fn of_building(error: reqwest::Error) -> String {
    let error = error.without_url();
    let text = chain(&error).skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if text.contains("No CA certificates") {
        format!(
            "{text}; install them (the package is often called ca-certificates), or name a file of \
             certificates in TATUM_KMS_CA_FILE"
        )
    } else {
        text
    }
}

fn of_connecting(error: &reqwest::Error, by_proxy: bool) -> String {
    if let Some(error) = find_tls(error) {
        return of_tls(error);
    }
    let root = root(error);
    let text = match find::<io::Error>(error).map(io::Error::kind) {
        _ if error.is_dns() => {
            format!("the host name cannot be resolved ({root}); check the URL and the DNS server")
        }
        Some(io::ErrorKind::ConnectionRefused) => String::from(
            "the connection was refused; check the URL, and that a server listens there",
        ),
        _ if root.contains("proxy authorization required") => {
            return String::from(
                "the proxy requires a user name and password (status 407); put them into the URL \
                 in HTTPS_PROXY",
            );
        }
        _ if root.starts_with("tunnel error") => {
            return format!("the proxy could not connect ({root}); check what it allows");
        }
        _ if error.is_timeout() => String::from(
            "timed out; check that the host can be reached from here, and whether a proxy is \
             needed (HTTPS_PROXY)",
        ),
        _ => root,
    };
    if by_proxy {
        format!("{text}; a proxy is set, so check HTTPS_PROXY and HTTP_PROXY too")
    } else {
        text
    }
}

fn of_tls(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(problem) = error else {
        return format!("the TLS handshake failed ({error}); check that the host speaks TLS");
    };
    let advice = match problem {
        CertificateError::UnknownIssuer => {
            "its issuer is not trusted: if the host or proxy uses a private certificate authority, \
             set TATUM_KMS_CA_FILE (for the approver: --four-eyes-ca) to a PEM file with that \
             authority's certificate"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired: renew it, and check this machine's clock"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet: check this machine's clock"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host: check the URL"
        }
        _ => return format!("the certificate of the host is not accepted: {problem}"),
    };
    format!("the certificate of the host is not accepted; {advice}")
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

/// An I/O error may hold another error without giving it as its source.
fn find_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    chain(error).find_map(|cause| match cause.downcast_ref() {
        Some(tls) => Some(tls),
        None => find_tls(cause.downcast_ref::<io::Error>()?.get_ref()?),
    })
}

/// The last cause, which is the first that happened.
fn root(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
