//! What a dry run says: a line of JSON a transaction.

use std::io;

use kms_core::{Allowance, Coverage, Disposition, Effects, Pending, Rehearsed, Transfer};
use serde_json::{Value, json};

use crate::cli::output;

/// Prints what would be done with a transaction, or why nothing would be.
pub(super) fn tell(
    pending: &Pending,
    told: Result<&Rehearsed, (Disposition, String)>,
) -> io::Result<()> {
    let (would, key, value) = match told {
        Ok(Rehearsed::WouldSign(effects)) => ("sign and send", "effects", describe(effects)),
        Ok(Rehearsed::WouldSendAgain) => {
            ("send the bytes that were signed before", "effects", Value::Null)
        }
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
        Disposition::Reject => "report that it cannot be signed",
        Disposition::Hold => "hold it",
        Disposition::Halt => "stop",
    }
}

fn describe(effects: &Effects) -> Value {
    let transfers = effects.transfers.iter().map(|transfer| {
        let Transfer { asset, to, amount, to_self } = transfer;
        json!({
            "asset": asset.to_string(),
            "to": to,
            "amount": amount.to_string(),
            "toSelf": to_self,
        })
    });
    let allowances = effects.allowances.iter().map(|allowance| {
        let Allowance { asset, spender, amount } = allowance;
        let amount = amount.as_ref().map(ToString::to_string);
        json!({ "asset": asset.to_string(), "spender": spender, "amount": amount })
    });
    json!({
        "transfers": transfers.collect::<Vec<_>>(),
        "allowances": allowances.collect::<Vec<_>>(),
        "calls": effects.unknown_calls,
        "maxFee": {
            "asset": effects.max_fee.asset.to_string(),
            "amount": effects.max_fee.amount.to_string(),
        },
        "isComplete": effects.coverage == Coverage::Full,
    })
}
