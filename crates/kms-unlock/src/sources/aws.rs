//! AWS Secrets Manager.

#[cfg(feature = "aws")]
mod client;

use kms_secret::SecretText;
use url::Url;

use super::Need;

#[cfg(feature = "aws")]
pub(crate) use client::fetch;

/// The variables without which it cannot be asked.
pub(crate) const NEEDS: &[Need] = &[Need::of("TATUM_KMS_AWS_SECRET_NAME")];

/// A secret of AWS Secrets Manager. Keys that are not set are found as the AWS tools find them:
/// environment, profile, web identity, container, instance.
#[derive(Debug)]
pub struct AwsSource {
    /// Name or ARN.
    pub secret: String,
    /// Member of the secret's JSON that is the password; the whole secret if not set.
    pub key: Option<String>,
    /// The region; the ARN's if not set.
    pub region: Option<String>,
    /// The region if neither is set; the AWS tools' default if not set.
    pub usual_region: Option<String>,
    /// The profile of the AWS tools' files; theirs if not set.
    pub profile: Option<String>,
    /// The id of an access key; found by the AWS tools' rules if not set.
    pub access_key_id: Option<String>,
    /// The secret of that access key.
    pub secret_access_key: Option<SecretText>,
    /// The token of a session, for keys that are temporary.
    pub session_token: Option<SecretText>,
    /// The endpoint; the region's if not set.
    pub endpoint: Option<String>,
}

impl AwsSource {
    /// The address that is asked, where it is not the provider's own.
    pub(crate) fn host(&self) -> Option<Url> {
        Url::parse(self.endpoint.as_deref()?).ok()
    }
}

/// Says that this build has no client for the provider.
#[cfg(not(feature = "aws"))]
pub(crate) async fn fetch(_: &AwsSource) -> Result<kms_secret::Password, crate::UnlockError> {
    Err(crate::UnlockError::NotBuilt(crate::Provider::Aws))
}
