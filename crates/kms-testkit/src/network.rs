use std::{fmt, sync::Mutex};

use async_trait::async_trait;
use kms_core::{Acceptance, Broadcast, BroadcastError, Chain, Lookup, Recorded};

use crate::RecordedAnswers;

/// Accepts every transaction and stores what the API would get. For chains whose node gets
/// transactions first, it answers from the recording.
pub struct RecordingNetwork<'a> {
    chain: &'static dyn Chain,
    node: &'a RecordedAnswers,
    told: Mutex<Vec<String>>,
    raws: Mutex<Vec<String>>,
}

impl fmt::Debug for RecordingNetwork<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingNetwork").field("told", &self.told).finish_non_exhaustive()
    }
}

impl<'a> RecordingNetwork<'a> {
    pub const fn new(chain: &'static dyn Chain, node: &'a RecordedAnswers) -> Self {
        Self { chain, node, told: Mutex::new(Vec::new()), raws: Mutex::new(Vec::new()) }
    }

    /// The broadcasts that the API received, in order.
    pub fn broadcasts(&self) -> Vec<String> {
        self.told.lock().map(|told| told.clone()).unwrap_or_default()
    }

    /// The signed transactions, in order.
    pub fn raws(&self) -> Vec<String> {
        self.raws.lock().map(|raws| raws.clone()).unwrap_or_default()
    }

    async fn tx_data(&self, recorded: &Recorded) -> Result<String, BroadcastError> {
        let network = recorded.pending().network;
        let Some(mut submission) = self.chain.submission(network, recorded.raw())? else {
            return Ok(recorded.raw().as_str().to_owned());
        };
        while let Some(step) = submission.next_step() {
            let outcome = self.node.call(recorded.pending().chain, network, &step.call).await;
            submission.outcome(outcome)?;
        }
        Ok(submission.tx_data())
    }
}

#[async_trait]
impl Broadcast for RecordingNetwork<'_> {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let tx_data = self.tx_data(recorded).await?;
        let raw = recorded.raw().as_str().to_owned();
        for (list, text) in [(&self.told, tx_data), (&self.raws, raw)] {
            let lost =
                |_| BroadcastError::Unknown { reason: String::from("the test's lock is poisoned") };
            list.lock().map_err(lost)?.push(text);
        }
        Ok(Acceptance::default())
    }
}
