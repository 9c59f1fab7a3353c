//! The second pair of eyes: an HTTP endpoint that is asked before anything is signed.

mod keys;
mod signed;
mod url;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use kms_core::{Approve, ApproveError, Outcome, Proposal, SigningDigest, TransactionId};
use reqwest::{Method, RequestBuilder, header::CONTENT_TYPE};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};

pub use self::keys::{ApproverKey, FourEyesKey, FourEyesKeyError};
use self::signed::Protocol;
pub use self::url::ApproverUrl;
use crate::{
    error::{ApiError, SetupError},
    http::{HttpOptions, Timeouts},
    limits::{BODY_MAX, CONNECT_TIMEOUT, FOUR_EYES_TIMEOUT, IDLE_TIMEOUT, QUESTIONS_MAX},
    transport::{Transport, with_json},
};

/// Headers sent with the question: the chain's code, the network, and the maximum fee for the
/// sender: base units, a space, and the asset (`native`, `token <contract>`).
const CHAIN: &str = "tatum-kms-chain";
const NETWORK: &str = "tatum-kms-network";
const MAX_FEE: &str = "tatum-kms-max-fee";
const ATTEMPT: &str = "tatum-kms-attempt";
const FORMER: &str = "tatum-kms-former-txids";
/// On a question about an id that was made up.
const PROBE: &str = "tatum-kms-probe";

/// The HTTP method of questions to the approver.
#[derive(Debug)]
pub enum FourEyesMethod {
    /// By id only; the approver has to know the transaction from elsewhere.
    Get,
    /// With the pending transaction as it was received.
    Post,
    /// With everything that will be signed, signed itself; the answer must be signed over the same
    /// by one of the approver's keys (`docs/four-eye.md`).
    Signed {
        /// The key that requests are signed with.
        own: FourEyesKey,
        /// The keys that the answer may be signed with.
        approver: Vec<ApproverKey>,
    },
}

/// The configuration of a [`FourEyesEndpoint`].
#[derive(Debug)]
pub struct FourEyesConfig {
    /// The URL that an id is put at the end of.
    pub url: ApproverUrl,
    /// The way to ask.
    pub method: FourEyesMethod,
    /// This program's version, told to the approver.
    pub version: &'static str,
    /// Proxy and certificates.
    pub http: HttpOptions,
    /// Nothing is allowed before the approver said no to an id that was made up. Answers in the
    /// signed mode are bound to their question and need no such proof.
    pub has_to_tell_apart: bool,
    /// From the first byte of a request to the last of its answer; 30 seconds if not given.
    pub timeout: Option<Duration>,
}

/// An HTTP endpoint that approves transactions.
pub struct FourEyesEndpoint {
    transport: Transport,
    url: ApproverUrl,
    ask: Ask,
    /// An approver is not asked about everything at once.
    questions: Semaphore,
    /// True if the approver is known to say no to what does not exist, or need not be.
    tells_apart: Mutex<bool>,
}

enum Ask {
    Get,
    Post,
    Signed(Protocol),
}

impl FourEyesEndpoint {
    /// # Errors
    /// When the HTTP client cannot be set up, or there is no key to check answers with.
    pub fn new(config: FourEyesConfig) -> Result<Self, SetupError> {
        let total = config.timeout.unwrap_or(FOUR_EYES_TIMEOUT);
        let connect = CONNECT_TIMEOUT.min(total);
        let timeouts = Timeouts { connect, total, idle: IDLE_TIMEOUT.min(total) };
        let ask = match config.method {
            FourEyesMethod::Get => Ask::Get,
            FourEyesMethod::Post => Ask::Post,
            FourEyesMethod::Signed { own, approver } => Ask::Signed(Protocol::new(own, approver)?),
        };
        let transport = Transport::new(config.version, timeouts, &config.http)?;
        let questions = Semaphore::new(QUESTIONS_MAX);
        let is_bound = matches!(ask, Ask::Signed(_));
        let tells_apart = Mutex::new(is_bound || !config.has_to_tell_apart);
        Ok(Self { transport, url: config.url, ask, questions, tells_apart })
    }

    /// Makes sure, once, that the approver denies a transaction that does not exist.
    async fn check_tells_apart(&self) -> Result<(), ApproveError> {
        let mut tells_apart = self.tells_apart.lock().await;
        if !*tells_apart && self.allows_what_does_not_exist().await? {
            return Err(ApproveError::Invalid(String::from(
                "it approves a transaction that does not exist, so its approval means nothing",
            )));
        }
        *tells_apart = true;
        Ok(())
    }

    /// Asks about a transaction that does not exist. A yes means that this approver allows
    /// everything, or that it is not the approver who answers.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn allows_what_does_not_exist(&self) -> Result<bool, ApproveError> {
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(|_| {
            ApproveError::Unreachable(String::from("the operating system provides no randomness"))
        })?;
        // It looks as the API's ids do: whatever else there is an answer to, this is not there.
        let id = HEXLOWER.encode(&random);
        let request = match &self.ask {
            Ask::Get => self.request(Method::GET, &[&id]),
            Ask::Post => {
                with_json(self.request(Method::POST, &[&id]), &json!({ "id": id, "probe": true }))
            }
            // Its answers are bound to the question.
            Ask::Signed(_) => return Ok(false),
        };
        match self.ask_plainly(request.header(PROBE, "true")).await {
            Ok(()) => Ok(true),
            Err(ApproveError::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Told beside the question where the question is not ours: the fee may be filled in by the
    /// API after the pending transaction that the approver knows was written.
    fn about(&self, method: Method, proposal: &Proposal) -> RequestBuilder {
        let (pending, fee) = (proposal.pending(), proposal.effects().max_fee());
        self.request(method, &[pending.id.as_str()])
            .header(CHAIN, pending.chain.as_str())
            .header(NETWORK, pending.network.to_string())
            .header(MAX_FEE, format!("{} {}", fee.amount, fee.asset))
            .header(ATTEMPT, proposal.attempt().number)
            .header(FORMER, proposal.attempt().former.join(" "))
    }

    fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        self.transport.request(method, self.url.below(segments))
    }

    /// Only 2xx approves, whatever the body. A redirect does not: it may lead to a login page that
    /// answers 200.
    async fn ask_plainly(&self, request: RequestBuilder) -> Result<(), ApproveError> {
        match self.transport.send(request, BODY_MAX, &as_it_is).await {
            Ok(_) | Err(ApiError::TooLong { .. } | ApiError::Garbled(_)) => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

#[async_trait]
impl Approve for FourEyesEndpoint {
    fn wants_digest(&self) -> bool {
        matches!(self.ask, Ask::Signed(_))
    }

    async fn approve(
        &self,
        proposal: &Proposal,
        digest: Option<&SigningDigest>,
    ) -> Result<(), ApproveError> {
        let pending = proposal.pending();
        // A semaphore that nobody closes always has a permit in the end.
        let _permit = self.questions.acquire().await;
        self.check_tells_apart().await?;
        match &self.ask {
            Ask::Get => self.ask_plainly(self.about(Method::GET, proposal)).await,
            Ask::Post => {
                let request = self.about(Method::POST, proposal);
                let request = request.header(CONTENT_TYPE, "application/json");
                self.ask_plainly(request.body(pending.as_received.clone())).await
            }
            Ask::Signed(protocol) => {
                let digest = digest.ok_or_else(|| {
                    ApproveError::Invalid(String::from(
                        "the digest of what will be signed is missing",
                    ))
                })?;
                let question = protocol.question(proposal, digest)?;
                let request = question.put_into(self.request(Method::POST, &[pending.id.as_str()]));
                let answer = self.transport.send(request, BODY_MAX, &as_it_is).await;
                protocol.judge(&question, &answer.map_err(|error| refusal(&error))?)
            }
        }
    }

    async fn note_outcome(&self, id: &TransactionId, digest: &SigningDigest, outcome: &Outcome) {
        let Ask::Signed(protocol) = &self.ask else { return };
        let _permit = self.questions.acquire().await;
        let (body, signature) = protocol.outcome(id, digest, outcome);
        let request = self.request(Method::POST, &[id.as_str(), "outcome"]);
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let request = request.header(signed::SIGNATURE, signature);
        // It is reported once; whoever needs certainty asks the chain.
        let _ = self.transport.send(request, BODY_MAX, &as_it_is).await;
    }
}

/// The approver gets no secret that it could repeat.
fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// Any status but 2xx denies, except 408, 425, 429 and 5xx, which mean that the approver is
/// unavailable.
fn refusal(error: &ApiError) -> ApproveError {
    match error {
        ApiError::Status { status: 408 | 425 | 429 | 500.., .. } => unreachable(error),
        ApiError::Status { status, .. } => ApproveError::Denied(*status),
        _ => unreachable(error),
    }
}

fn unreachable(error: &ApiError) -> ApproveError {
    ApproveError::Unreachable(error.to_string())
}

impl fmt::Debug for FourEyesEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ask = match self.ask {
            Ask::Get => "get",
            Ask::Post => "post",
            Ask::Signed(_) => "signed",
        };
        f.debug_struct("FourEyesEndpoint").field("ask", &ask).finish_non_exhaustive()
    }
}
