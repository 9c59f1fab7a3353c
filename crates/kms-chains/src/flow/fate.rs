//! The fate of a transaction, by a node's answer about its id.

use serde_json::Value;

/// From here on, failures are those of a script that ran; those below are found before the
/// proposer's number is counted up (flow-go, `fvm/errors/codes.go`).
const FIRST_CODE_OF_EXECUTION: u32 = 1_100;
const CODE: &str = "[Error Code: ";

/// The result of a sealed transaction, as a node reports it.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum SealResult {
    /// Not known yet.
    Open,
    Succeeded,
    Failed {
        reason: String,
        /// True if it used up the proposer's number, so that no other sending can be taken.
        has_run: bool,
    },
    Expired,
}

pub(super) fn read(result: &Value) -> SealResult {
    let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("status") {
        "Expired" => SealResult::Expired,
        "Sealed" => {
            let error = text("error_message");
            let is_failure = !error.is_empty() || text("execution") == "Failure";
            match (is_failure, has_code(result.get("status_code"))) {
                (true, _) | (_, Some(true)) => {
                    SealResult::Failed { reason: error.to_owned(), has_run: has_run(error) }
                }
                (false, Some(false)) => SealResult::Succeeded,
                (false, None) => SealResult::Open,
            }
        }
        _ => SealResult::Open,
    }
}

/// Returns true if the code describes a failure: one is there and is not zero, however it is
/// spelled. `None` when it is not a number at all.
fn has_code(code: Option<&Value>) -> Option<bool> {
    let digits = match code {
        None | Some(Value::Null) => return Some(false),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return None,
    };
    let is_number = digits.bytes().any(|digit| digit.is_ascii_digit())
        && digits.bytes().all(|digit| digit.is_ascii_digit() || b"-.".contains(&digit));
    is_number.then(|| digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)))
}

fn has_run(error: &str) -> bool {
    let code = error.split_once(CODE).and_then(|(_, rest)| rest.split_once(']'));
    let code = code.and_then(|(code, _)| code.parse::<u32>().ok());
    code.is_some_and(|code| code >= FIRST_CODE_OF_EXECUTION)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sealed(code: Value, execution: &str, error: &str) -> SealResult {
        read(&json!({
            "status": "Sealed",
            "status_code": code,
            "execution": execution,
            "error_message": error,
        }))
    }

    #[test]
    fn only_a_sign_of_failure_is_a_failure() {
        for code in [json!(0), json!("0"), json!(0.0), Value::Null] {
            assert_eq!(sealed(code, "Success", ""), SealResult::Succeeded);
        }
        for code in [json!(1), json!("1"), json!(-1)] {
            assert!(matches!(sealed(code, "Success", ""), SealResult::Failed { .. }));
        }
        assert!(matches!(sealed(json!(0), "Failure", ""), SealResult::Failed { .. }));
        for odd in [json!([]), json!({}), json!(true), json!("ok"), json!("")] {
            assert_eq!(sealed(odd, "Success", ""), SealResult::Open);
        }
        for status in ["Pending", "Finalized", "Executed", "Unknown", ""] {
            assert_eq!(read(&json!({ "status": status })), SealResult::Open);
        }
        assert_eq!(read(&Value::Null), SealResult::Open);
    }

    #[test]
    fn a_script_that_ran_has_used_the_number_and_a_bad_signature_has_not() {
        for (error, expected) in [
            ("[Error Code: 1101] error caused by: [Error Code: 1006]", true),
            ("[Error Code: 1006] invalid proposal signature", false),
            ("[Error Code: 1007] invalid proposal key", false),
            ("[Error Code: 1008] invalid payload signature", false),
            ("[Error Code: 1009] invalid envelope signature", false),
            ("no code", false),
            ("[Error Code: 99999999999]", false),
        ] {
            let SealResult::Failed { has_run, .. } = sealed(json!(1), "Failure", error) else {
                panic!("{error}")
            };
            assert_eq!(has_run, expected, "{error}");
        }
    }
}
