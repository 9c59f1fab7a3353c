//! The course of a submission, answer by answer.

use data_encoding::BASE64;
use kms_core::{BroadcastError, LookupError, Network, RawTransaction, Submission};
use serde_json::{Value, json};

use super::{TRANSFER, body, case, raw_of, recorded_payload, url};
use crate::flow::submission::FlowSubmission;

type Outcome = Result<Value, LookupError>;

/// Runs a submission with these answers; returns its result and its calls.
fn end(is_first: bool, answers: Vec<Outcome>) -> (Result<String, BroadcastError>, Vec<String>) {
    let payload = recorded_payload(&case(TRANSFER));
    let raw = raw_of(&payload, &"07".repeat(64));
    let mut submission = FlowSubmission::new(Network::Testnet, &raw).unwrap();
    if is_first {
        submission.note_first_sending();
    }
    let mut answers = answers.into_iter();
    let mut asked = Vec::new();
    while let Some(step) = submission.next_step() {
        let told = body(&step.call).and_then(|body| Some(body.get("txData")?.to_string()));
        asked.push(url(&step.call) + &told.unwrap_or_default());
        if let Err(error) = submission.outcome(answers.next().unwrap()) {
            return (Err(error), asked);
        }
    }
    (Ok(submission.tx_data()), asked)
}

fn signature() -> Outcome {
    Ok(json!({ "signature": "11".repeat(64) }))
}

fn status(status: &str, error: &str) -> Outcome {
    let code = i32::from(!error.is_empty());
    Ok(json!({ "status": status, "status_code": code, "error_message": error }))
}

fn refused() -> Outcome {
    Err(LookupError::Refused { what: String::new(), reason: String::from("no") })
}

fn lost() -> Outcome {
    Err(LookupError::Unreachable { what: String::new(), reason: String::from("time") })
}

fn unasked() -> Outcome {
    Err(LookupError::NotAsked { what: String::new(), reason: String::from("refused") })
}

fn height(height: u64) -> Outcome {
    Ok(json!([{ "header": { "id": "50".repeat(32), "height": height.to_string() } }]))
}

fn number(number: u64) -> Outcome {
    let key = json!({ "index": "60", "sequence_number": number.to_string() });
    Ok(json!({ "address": "bebfc19c4602bb18", "keys": [key] }))
}

fn ok() -> Outcome {
    Ok(json!({}))
}

/// Signed by the API and, unless for the first time, not found by the network; and then this.
fn sent(is_first: bool, outcome: Outcome) -> Vec<Outcome> {
    let looked = (!is_first).then(|| status("Unknown", ""));
    [signature(), signature()].into_iter().chain(looked).chain([outcome]).collect()
}

fn is_unknown(end: &(Result<String, BroadcastError>, Vec<String>)) -> bool {
    matches!(end.0, Err(BroadcastError::Unknown { .. }))
}

fn is_rejected(end: &(Result<String, BroadcastError>, Vec<String>)) -> bool {
    matches!(end.0, Err(BroadcastError::Refused { .. }))
}

#[test]
fn what_nobody_was_asked_to_sign_or_take_is_not_sent() {
    for is_first in [true, false] {
        for answers in [vec![unasked()], vec![signature(), unasked()], sent(is_first, unasked())] {
            let asked = answers.len();
            let end = end(is_first, answers);
            assert!(matches!(end.0, Err(BroadcastError::NotSent { .. })), "{end:?}");
            assert_eq!(end.1.len(), asked, "no key is given back: it is asked for again");
        }
    }
}

#[test]
fn a_refusal_of_the_first_sending_is_final_and_the_key_is_given_back() {
    for answers in [
        vec![refused(), ok()],
        vec![ok(), ok()],
        vec![signature(), refused(), ok()],
        vec![signature(), signature(), refused(), ok()],
        vec![signature(), signature(), ok(), status("Expired", ""), ok()],
    ] {
        let end = end(true, answers);
        assert!(is_rejected(&end), "{end:?}");
        assert!(end.1.last().unwrap().ends_with("/v3/flow/broadcast\"\""), "{end:?}");
    }
    let failed = status("Sealed", "[Error Code: 1101] cadence runtime error");
    let end = end(true, vec![signature(), signature(), ok(), failed, ok()]);
    assert!(is_rejected(&end), "{end:?}");
    assert!(!end.1.last().unwrap().ends_with("\"\""), "the id of what was sealed is told");
}

#[test]
fn a_lost_answer_is_no_refusal() {
    for is_first in [true, false] {
        for answers in [vec![lost()], vec![signature(), lost()], sent(is_first, lost())] {
            assert!(is_unknown(&end(is_first, answers)));
        }
        let mut polled = sent(is_first, ok());
        polled.extend(
            (0..48).map(|place| if place % 2 == 0 { lost() } else { status("Pending", "") }),
        );
        assert!(is_unknown(&end(is_first, polled)));
    }
}

#[test]
fn a_later_refusal_is_final_only_when_nobody_can_have_taken_it() {
    let sending = |last: Vec<Outcome>| {
        let mut answers = sent(false, refused());
        answers.extend(last);
        end(false, answers)
    };
    assert!(is_unknown(&sending(vec![height(1_700)])), "it may still be taken");
    assert!(is_unknown(&sending(vec![lost()])));
    assert!(is_unknown(&sending(vec![height(1_701), number(359)])), "the number was used");
    assert!(is_unknown(&sending(vec![height(1_701), lost()])));
    assert!(is_rejected(&sending(vec![height(1_701), number(358), ok()])));
}

#[test]
fn a_later_sending_that_never_ran_says_nothing_of_an_earlier_one() {
    let sealed = |code: &str, last: Vec<Outcome>| {
        let mut answers = sent(false, ok());
        answers.push(status("Sealed", &format!("[Error Code: {code}] it failed")));
        answers.extend(last);
        end(false, answers)
    };
    for code in ["1006", "1007", "1008", "1009"] {
        assert!(is_unknown(&sealed(code, vec![height(1_700)])), "{code}");
        assert!(is_unknown(&sealed(code, vec![height(1_701), number(359)])), "{code}");
        assert!(is_rejected(&sealed(code, vec![height(1_701), number(358), ok()])), "{code}");
    }
    assert!(is_rejected(&sealed("1101", vec![ok()])), "it ran, and used the number up");
}

#[test]
fn what_was_sealed_before_is_found_and_not_sent_again() {
    let paid = status("Sealed", "");
    let (outcome, asked) = end(false, vec![signature(), signature(), paid, ok()]);
    assert_eq!(outcome.unwrap().len(), 64);
    assert!(asked[2].contains("/v1/transaction_results/"), "{asked:?}");
    assert!(asked.iter().all(|asked| !asked.ends_with("/v1/transactions")), "{asked:?}");
    let failed = status("Sealed", "[Error Code: 1101] it failed");
    assert!(is_rejected(&end(false, vec![signature(), signature(), failed, ok()])));
    for open in [status("Pending", ""), refused(), lost()] {
        let (_, asked) = end(false, vec![signature(), signature(), open, lost()]);
        assert!(asked[3].ends_with("/v1/transactions"), "{asked:?}");
    }
}

#[test]
fn what_is_sealed_is_paid_whatever_the_api_says_of_its_key() {
    for last in [ok(), lost(), refused()] {
        let mut answers = sent(false, ok());
        answers.extend([status("Sealed", ""), last]);
        let (outcome, asked) = end(false, answers);
        assert_eq!(outcome.unwrap().len(), 64);
        assert_eq!(asked.len(), 6);
    }
}

#[test]
fn records_that_cannot_be_read_are_not_called_refused() {
    let good = raw_of(&recorded_payload(&case(TRANSFER)), &"07".repeat(64));
    let altered = |old: &str, new: &str| {
        assert!(good.as_str().contains(old), "{old}");
        good.as_str().replacen(old, new, 1)
    };
    for bad in [
        String::new(),
        String::from("{}"),
        altered("\"signature\":\"07", "\"signature\":\""),
        altered("\"reference_block\":\"50", "\"reference_block\":\""),
        altered("0xbebfc19c4602bb18", "0xbebfc19c4602bb"),
        altered("{\"payload\"", "{\"more\":1,\"payload\""),
        altered("\"sequence\":358", "\"sequence\":-358"),
    ] {
        let error = FlowSubmission::new(Network::Testnet, &RawTransaction::from_text(bad.clone()));
        assert!(matches!(error, Err(BroadcastError::Unknown { .. })), "{bad}");
    }
    let first = FlowSubmission::new(Network::Testnet, &good).unwrap().next_step().unwrap();
    let message = body(&first.call).unwrap()["data"].as_str().unwrap().to_owned();
    assert_eq!(message, case(TRANSFER)["signed"]["flow"]["payloadMessage"]);
    assert!(BASE64.decode(good.as_str().as_bytes()).is_err());
}
