//! The states of a transaction: the drawing `docs/states.svg` and the table in `docs/daemon.md`,
//! both generated from [`TRANSITIONS`]. Tests replay every transition with the journal's rules.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use kms_core::Progress::{
    self, Confirmed, Dropped, Expired, Failed, Refused, Reserved, Sent, Signed, Unsigned,
};

/// A transition from one progress to another.
struct Transition {
    from: &'static [Progress],
    to: Progress,
    evidence: &'static str,
    says: &'static str,
}

/// The states in which bytes are looked up.
const FOLLOWED: &[Progress] = &[Signed, Sent, Refused];

const TRANSITIONS: &[Transition] = &[
    Transition {
        from: &[Unsigned],
        to: Reserved,
        evidence: "the rules and the approver allow it; the journal has recorded the id and every \
                   nonce and output that the transaction uses",
        says: "the daemon",
    },
    Transition {
        from: &[Reserved],
        to: Signed,
        evidence: "the bytes are in the journal, on disk",
        says: "the daemon",
    },
    Transition {
        from: &[Signed],
        to: Sent,
        evidence: "the bytes were accepted",
        says: "the API; on SOL and FLOW a node of the chain",
    },
    Transition {
        from: &[Signed],
        to: Refused,
        evidence: "the first sending was refused for good, or a later one for a reason which \
                   proves that no earlier one succeeded",
        says: "the API or the node",
    },
    Transition {
        from: FOLLOWED,
        to: Confirmed,
        evidence: "it is in the chain, at the depth given below",
        says: "the chain, or the API where the chain cannot be asked",
    },
    Transition {
        from: FOLLOWED,
        to: Failed,
        evidence: "it is in the chain, at the depth given below, but was reverted",
        says: "the chain",
    },
    Transition {
        from: FOLLOWED,
        to: Dropped,
        evidence: "another transaction used its nonce, at the depth given below",
        says: "the chain",
    },
    Transition {
        from: FOLLOWED,
        to: Expired,
        evidence: "its time has passed, with a margin, and a node that would know it does not have \
                   it",
        says: "the chain; for SOL with a node of yours, both nodes",
    },
    Transition {
        from: &[Dropped],
        to: Reserved,
        evidence: "the API still offers it and does not list it as completed: it is signed again \
                   with another nonce",
        says: "the daemon, automatically",
    },
    Transition {
        from: &[Expired],
        to: Reserved,
        evidence: "the API still offers it and does not list it as completed: it is signed again \
                   by the rules below",
        says: "on testnet the daemon; on mainnet the signed approver or you",
    },
    Transition {
        from: &[Failed, Refused],
        to: Expired,
        evidence: "`pending retry --sign-again`: the bytes are set aside, others may be signed",
        says: "you",
    },
];

/// The rows of the table, for the document.
pub(super) fn table() -> Result<String> {
    let mut out = String::from("| from | to | evidence | decided by |\n|---|---|---|---|\n");
    for Transition { from, to, evidence, says } in TRANSITIONS {
        let from: Vec<_> = from.iter().map(|progress| format!("`{progress}`")).collect();
        writeln!(out, "| {} | `{to}` | {evidence} | {says} |", from.join(" "))?;
    }
    Ok(out)
}

const WIDTH: i32 = 124;
const HEIGHT: i32 = 38;

/// The centre and colour of each box.
const BOXES: &[(Progress, i32, i32, &str)] = &[
    (Unsigned, 84, 170, "#f2f4f7"),
    (Reserved, 284, 170, "#f2f4f7"),
    (Signed, 494, 100, "#e3edfa"),
    (Sent, 694, 100, "#e3edfa"),
    (Refused, 594, 240, "#fbe9d7"),
    (Confirmed, 994, 60, "#dff2e1"),
    (Failed, 994, 132, "#fbdede"),
    (Dropped, 994, 204, "#f2e6fa"),
    (Expired, 994, 276, "#f2e6fa"),
];

/// The frame around the states that are followed.
const FRAME: (i32, i32, i32, i32) = (412, 56, 364, 224);

/// An arrow with its label: the path, and the text with its position.
struct Line {
    way: &'static [Progress],
    to: Progress,
    path: &'static str,
    text: (&'static str, i32, i32),
}

const LINES: &[Line] = &[
    line(&[Unsigned], Reserved, "M146 170 H222", ("approved", 184, 160)),
    line(&[Reserved], Signed, "M346 160 L432 114", ("recorded", 370, 122)),
    line(&[Signed], Sent, "M556 100 H632", ("accepted", 594, 90)),
    line(&[Signed], Refused, "M510 119 L568 221", ("refused", 500, 176)),
    line(FOLLOWED, Confirmed, "M776 100 L932 64", ("in the chain", 852, 66)),
    line(FOLLOWED, Failed, "M776 138 L932 133", ("reverted", 852, 122)),
    line(FOLLOWED, Dropped, "M776 176 L932 202", ("nonce used up", 852, 176)),
    line(FOLLOWED, Expired, "M776 214 L932 270", ("time passed", 890, 230)),
    line(
        &[Dropped],
        Reserved,
        "M1056 204 H1090 V352 H264 V189",
        ("still offered: automatic", 640, 344),
    ),
    line(
        &[Expired],
        Reserved,
        "M994 295 V318 H304 V189",
        ("still offered: second attempt", 640, 310),
    ),
    line(&[Failed, Refused], Expired, "M1056 132 H1074 V276 H1056", ("--sign-again", 1104, 124)),
    line(&[Failed, Refused], Expired, "M656 246 L932 284", ("--sign-again", 850, 293)),
];

const fn line(
    way: &'static [Progress],
    to: Progress,
    path: &'static str,
    text: (&'static str, i32, i32),
) -> Line {
    Line { way, to, path, text }
}

/// The drawing.
///
/// # Errors
/// When a line is drawn that [`TRANSITIONS`] does not have.
pub(super) fn drawing() -> Result<String> {
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1160 380\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"15\" fill=\"#1d2733\">\n\
         <!-- Written by `cargo xtask docs`: change xtask/src/docs/states.rs. -->\n\
         <title>How far a transaction came</title>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 L10 5 L0 10 z\" fill=\"#44515f\"/>\
         </marker></defs>\n\
         <rect width=\"1160\" height=\"380\" fill=\"#ffffff\"/>\n",
    );
    let (x, y, width, height) = FRAME;
    writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"12\" fill=\"none\" \
         stroke=\"#8593a3\" stroke-dasharray=\"5 4\"/>\n\
         <text x=\"{}\" y=\"{}\" font-size=\"13\" fill=\"#44515f\">bytes exist: looked up</text>",
        x + 4,
        y - 8,
    )?;
    for Line { way, to, path, text: (text, x, y) } in LINES {
        TRANSITIONS
            .iter()
            .find(|known| known.from == *way && known.to == *to)
            .with_context(|| format!("no transition to {to} is what the drawing shows"))?;
        writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#44515f\" stroke-width=\"1.5\" \
             marker-end=\"url(#head)\"/>\n<text x=\"{x}\" y=\"{y}\" font-size=\"13\" \
             text-anchor=\"middle\">{text}</text>"
        )?;
    }
    for (progress, x, y, colour) in BOXES {
        writeln!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\" \
             fill=\"{colour}\" stroke=\"#44515f\"/>\n<text x=\"{x}\" y=\"{}\" \
             text-anchor=\"middle\" font-weight=\"bold\">{progress}</text>",
            x - WIDTH / 2,
            y - HEIGHT / 2,
            y + 5,
        )?;
    }
    out.push_str("</svg>\n");
    Ok(out)
}

#[cfg(test)]
mod tests;
