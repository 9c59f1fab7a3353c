use std::sync::Mutex;

use async_trait::async_trait;
use kms_core::{Broadcast, BroadcastError, Recorded};

/// Takes every transaction and keeps its bytes.
#[derive(Debug, Default)]
pub struct RecordingNetwork {
    broadcasts: Mutex<Vec<String>>,
}

impl RecordingNetwork {
    /// The bytes taken, in order.
    pub fn broadcasts(&self) -> Vec<String> {
        self.broadcasts.lock().map(|bytes| bytes.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl Broadcast for RecordingNetwork {
    async fn broadcast(&self, recorded: &Recorded) -> Result<(), BroadcastError> {
        let lost =
            |_| BroadcastError::Unknown { reason: String::from("the test's lock is poisoned") };
        self.broadcasts.lock().map_err(lost)?.push(recorded.raw().as_str().to_owned());
        Ok(())
    }
}
