//! The remote REST API and the four-eye endpoint: everything the daemon says over HTTP.
//!
//! [`Api`] implements two ports of `kms-core`, [`Lookup`](kms_core::Lookup) and
//! [`Broadcast`](kms_core::Broadcast), polls for pending transactions and reports those that can
//! never be signed. [`FourEyesEndpoint`] implements [`Approve`](kms_core::Approve) with a client
//! of its own, which has no API key to lose.
//!
//! Only this crate knows the format of the API's JSON. The API key never appears in an error: URLs
//! are left out of all of them, and the key is cut out of whatever a server echoes.

#![warn(missing_docs)]

mod breaker;
mod broadcast;
mod cause;
mod client;
mod error;
mod four_eyes;
mod http;
mod json;
mod limits;
mod lookup;
mod notice;
mod outcome;
mod own_node;
mod pending;
mod poll;
mod poll_body;
mod refusal;
mod report;
mod retry_after;
mod secrets;
mod transport;

pub use client::{Api, ApiConfig};
pub use error::{ApiError, SetupError};
pub use four_eyes::{
    ApproverKey, ApproverUrl, FourEyesConfig, FourEyesEndpoint, FourEyesKey, FourEyesKeyError,
    FourEyesMethod,
};
pub use http::{HttpOptions, Timeouts, client as http_client};
pub use json::JsonError;
pub use limits::SIGNATURE_IDS_PER_CALL;
pub use notice::UpdateNotice;
pub use outcome::{ApiTransaction, Health};
pub use own_node::OwnNode;
pub use pending::{BadPending, PendingError, read_list as read_pending_list};
pub use poll::Polled;
pub use poll_body::{PollBody, credits_of_poll};
pub use reqwest::Client as HttpClient;
pub use transport::reach;
