//! Google Secret Manager.

#[cfg(feature = "google")]
mod client;

use url::Url;

use super::Need;

#[cfg(feature = "google")]
pub(crate) use client::fetch;

/// The variables without which it cannot be asked.
pub(crate) const NEEDS: &[Need] = &[Need::of("TATUM_KMS_GOOGLE_SECRET")];

/// A secret of Google Secret Manager.
#[derive(Debug)]
pub struct GoogleSource {
    /// `projects/P/secrets/S`, or with `/versions/V`; the latest version if not named.
    pub secret: String,
    /// Member of the secret's JSON that is the password; the whole secret if not set.
    pub key: Option<String>,
    /// Google's own if not set.
    pub endpoint: Option<String>,
}

impl GoogleSource {
    /// The address that is asked, where it is not the provider's own.
    pub(crate) fn host(&self) -> Option<Url> {
        Url::parse(self.endpoint.as_deref()?).ok()
    }
}

/// Says that this build has no client for the provider.
#[cfg(not(feature = "google"))]
pub(crate) async fn fetch(_: &GoogleSource) -> Result<kms_secret::Password, crate::UnlockError> {
    Err(crate::UnlockError::NotBuilt(crate::Provider::Google))
}
