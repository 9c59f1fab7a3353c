use kms_core::TransactionId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::Api,
    error::ApiError,
    limits::{BODY_MAX, REPORT_TEXT_MAX_CHARS, REPORTS_PER_CALL},
    transport::with_json,
};

impl Api {
    /// Tells the API which transactions will never be signed, and why. Nothing is sent for none.
    ///
    /// # Errors
    /// When a call fails. The reports of earlier calls stay made.
    pub async fn report(&self, failures: &[(TransactionId, String)]) -> Result<(), ApiError> {
        for chunk in failures.chunks(REPORTS_PER_CALL) {
            let errors: Vec<Value> = chunk.iter().map(|failure| self.entry(failure)).collect();
            let request = self.request(Method::POST, "/v3/tatum/kms/batch")?;
            self.send(with_json(request, &json!({ "errors": errors })), BODY_MAX).await?;
        }
        Ok(())
    }

    fn entry(&self, (id, text): &(TransactionId, String)) -> Value {
        let text: String = self.redact(text).chars().take(REPORT_TEXT_MAX_CHARS).collect();
        json!({ "signatureId": id.as_str(), "error": text })
    }
}
