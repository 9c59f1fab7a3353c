//! Hosts with certificates of all kinds.

use std::sync::Arc;

use kms_api::{
    Api, ApiConfig, ApiError, ApproverUrl, FourEyesConfig, FourEyesEndpoint, FourEyesMethod,
    HttpOptions, PollBody, SetupError,
};
use kms_core::{Approve as _, Chain as _, Network};
use kms_secret::SecretText;
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use url::Url;

use crate::{
    fakes::{ETHEREUM, config, proposal},
    mock::{Mock, Reply},
    raw::{Raw, read_request},
};

const AUTHORITY: &[u8] = include_bytes!("../certs/authority.pem");
const SERVER: &[u8] = include_bytes!("../certs/server.pem");
const OTHER_NAME: &[u8] = include_bytes!("../certs/other-name.pem");
const EXPIRED: &[u8] = include_bytes!("../certs/expired.pem");
const SELF_SIGNED: &[u8] = include_bytes!("../certs/self-signed.pem");
const KEY: &[u8] = include_bytes!("../certs/server.key");

/// A server with this certificate that answers everything with an empty list.
pub(crate) async fn server(certificate: &[u8]) -> Raw {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Raw::start(move |stream| {
        let acceptor = acceptor.clone();
        Box::pin(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while !read_request(&mut stream).await.is_empty() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
                stream.write_all(answer).await.unwrap();
            }
        })
    })
    .await
}

pub(crate) async fn trusted_server() -> Raw {
    server(SERVER).await
}

pub(crate) fn trusting() -> HttpOptions {
    HttpOptions { ca_pem: Some(AUTHORITY.to_vec()), ..HttpOptions::default() }
}

async fn poll(url: &Url, http: HttpOptions) -> Result<(), ApiError> {
    let api = Api::new(ApiConfig { http, ..config(url) }).unwrap();
    let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&[])).await;
    polled.error.map_or(Ok(()), Err)
}

async fn refusal(url: &Url, http: HttpOptions) -> String {
    let error = poll(url, http).await.unwrap_err();
    assert!(matches!(error, ApiError::NotConnected { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let server = server(SERVER).await;
    poll(&server.https(), trusting()).await.unwrap();
    let endpoint = FourEyesEndpoint::new(FourEyesConfig {
        url: ApproverUrl::new(server.https()).unwrap(),
        method: FourEyesMethod::Get,
        version: "1.2.3",
        http: trusting(),
        has_to_tell_apart: false,
        timeout: None,
    });
    endpoint.unwrap().approve(&proposal().await, None).await.unwrap();
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_with_what_to_do() {
    for (certificate, http) in [
        (SERVER, HttpOptions::default()),
        (SELF_SIGNED, HttpOptions::default()),
        (SELF_SIGNED, trusting()),
    ] {
        let server = server(certificate).await;
        let text = refusal(&server.https(), http).await;
        assert_eq!(
            text,
            "no connection: the certificate of the host is not accepted; its issuer is not \
             trusted: if the host or proxy uses a private certificate authority, set \
             TATUM_KMS_CA_FILE (for the approver: --four-eyes-ca) to a PEM file with that \
             authority's certificate"
        );
    }
}

#[tokio::test]
async fn a_certificate_of_another_time_or_host_is_refused_as_that() {
    let expired = server(EXPIRED).await;
    let text = refusal(&expired.https(), trusting()).await;
    assert!(text.contains("; it has expired: "), "{text}");
    let other = server(OTHER_NAME).await;
    let text = refusal(&other.https(), trusting()).await;
    assert!(text.contains("; it is for another host: "), "{text}");
}

#[tokio::test]
async fn a_host_without_tls_is_told_as_that() {
    let mock = Mock::answering(Reply::ok("[]")).await;
    let https = mock.url.as_str().replace("http://", "https://").parse().unwrap();
    let text = refusal(&https, HttpOptions::default()).await;
    assert!(text.contains("check that the host speaks TLS"), "{text}");
    assert!(mock.seen().is_empty());
}

#[tokio::test]
async fn files_without_usable_certificates_are_refused_at_the_start() {
    let url: Url = "https://api.test".parse().unwrap();
    let set_up = |http| Api::new(ApiConfig { http, ..config(&url) });
    let roots = |pem: &[u8]| HttpOptions { ca_pem: Some(pem.to_vec()), ..HttpOptions::default() };
    assert!(set_up(roots(&[AUTHORITY, SELF_SIGNED].concat())).is_ok());
    let damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cut = &AUTHORITY[..AUTHORITY.len() / 2];
    for bad in [b"".as_slice(), b"x", KEY, damaged, &[AUTHORITY, damaged].concat(), cut] {
        let refused = set_up(roots(bad));
        assert!(matches!(refused, Err(SetupError::Certificate(_))), "{refused:?}");
    }
    for bad in [b"".as_slice(), b"x", damaged, AUTHORITY] {
        let identity_pem = Some(SecretText::new(String::from_utf8(bad.to_vec()).unwrap()));
        let refused = set_up(HttpOptions { identity_pem, ..HttpOptions::default() });
        assert!(matches!(refused, Err(SetupError::Identity)), "{refused:?}");
    }
}
