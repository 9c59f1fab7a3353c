//! The report of a dry run: one line of JSON per transaction.

use std::io;

use kms_core::{Disposition, Pending, Rehearsed};
use serde_json::{Value, json};

use crate::cli::output;

/// Prints what would be done with a transaction, or why nothing would be.
pub(super) fn tell(
    pending: &Pending,
    told: Result<&Rehearsed, (Disposition, String)>,
) -> io::Result<()> {
    let (would, key, value) = match told {
        Ok(Rehearsed::WouldSign(effects)) => ("sign and send", "effects", effects.to_json()),
        Ok(Rehearsed::WouldSendAgain) => ("send the bytes signed earlier", "effects", Value::Null),
        Err((disposition, reason)) => (would(disposition), "reason", json!(reason)),
    };
    let line = json!({
        "id": pending.id.as_str(),
        "chain": pending.chain.as_str(),
        "would": would,
        key: value,
    });
    output::raw(&format!("{line}\n"))
}

const fn would(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Wait | Disposition::Retry | Disposition::Doubt => "try again later",
        Disposition::Report => "report that it cannot be signed",
        Disposition::Hold => "hold it",
        Disposition::Halt => "stop",
    }
}
