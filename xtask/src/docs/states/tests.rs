use kms_core::{
    Bytes, ContentDigest, Fate, Limits, RawTransaction,
    ledger::{Asked, EntryRow, Found, NewEntry, Surroundings, Write, rules},
};

use super::*;

const ALL: [Progress; 9] =
    [Unsigned, Reserved, Signed, Sent, Confirmed, Failed, Dropped, Expired, Refused];
const TOKEN: [u8; 16] = [7; 16];
const NOW: u64 = 1_800_000_000_000;

fn asked() -> Asked {
    Asked {
        id: String::from("t1"),
        digest: ContentDigest::from_bytes([1; 32]),
        chain: String::from("ETH"),
        network: String::from("mainnet"),
        wallets: Vec::new(),
    }
}

fn found(progress: Progress) -> Found {
    let raw = Some(RawTransaction::from_text(String::from("0x00")));
    let row = EntryRow {
        digest: asked().digest,
        chain: asked().chain,
        network: asked().network,
        effects: String::new(),
        receivers: Vec::new(),
        token: TOKEN,
        progress,
        reason: None,
        raw: raw.filter(|_| progress != Reserved),
        txid: None,
        first_slot: None,
        fee: None,
        attempt: 1,
        is_allowed: true,
        owed: None,
        since: NOW,
        updated: NOW,
        next_look: None,
        looks: 0,
    };
    Found { entry: (progress != Unsigned).then_some(row), ..Found::default() }
}

fn reached(writes: &[Write]) -> Option<Progress> {
    writes.iter().rev().find_map(|write| match write {
        Write::PutEntry { row, .. } => Some(row.progress),
        _ => None,
    })
}

/// Every progress that a rule leads to from another one. Only what has bytes is looked up.
fn by_the_rules(from: Progress) -> Vec<Progress> {
    let (found, id) = (found(from), "t1");
    let wanted = NewEntry {
        asked: asked(),
        effects: String::new(),
        receivers: Vec::new(),
        claims: Vec::new(),
        fee: None,
        payments: Vec::new(),
        limits: Limits::default(),
    };
    let raw = RawTransaction::from_text(String::from("0x00"));
    let bytes = Bytes { raw: &raw, txid: None, first_slot: None };
    let around = Surroundings::default();
    let mut all = vec![
        rules::reserve(&found, &around, &wanted, TOKEN, NOW).map(|done| done.0).unwrap_or_default(),
        rules::record(&found, id, &TOKEN, bytes, NOW).unwrap_or_default(),
        rules::close(&found, id, (None, None), NOW),
        rules::refuse(&found, &asked(), "no", NOW).unwrap_or_default(),
        rules::retry(&found, id, false, NOW).unwrap_or_default(),
    ];
    let again = rules::retry(&found, id, true, NOW).unwrap_or_default();
    // Whether the word is given for what may be signed anyhow makes no difference to where it is.
    all.push(if from == Dropped { Vec::new() } else { again });
    if FOLLOWED.contains(&from) {
        let reason = || String::from("for a reason");
        for fate in [
            Fate::Open,
            Fate::Confirmed,
            Fate::Failed { reason: reason() },
            Fate::Dropped { reason: reason() },
            Fate::Expired { reason: reason() },
        ] {
            all.push(rules::note_fate(&found, id, &fate, false, NOW).0);
        }
    }
    let mut ends: Vec<_> =
        all.iter().filter_map(|writes| reached(writes)).filter(|to| *to != from).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

#[test]
fn the_table_has_exactly_the_transitions_of_the_rules() {
    for from in ALL {
        let mut told: Vec<_> = TRANSITIONS
            .iter()
            .filter(|transition| transition.from.contains(&from))
            .map(|transition| transition.to)
            .collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told, by_the_rules(from), "from {from}");
    }
}

#[test]
fn every_progress_and_every_transition_is_drawn() {
    assert_eq!(BOXES.len(), ALL.len());
    for progress in ALL {
        assert!(BOXES.iter().any(|(drawn, ..)| *drawn == progress), "{progress}");
    }
    for transition in TRANSITIONS {
        let is_drawn = |line: &&Line| line.way == transition.from && line.to == transition.to;
        assert!(LINES.iter().any(|line| is_drawn(&line)), "to {}", transition.to);
    }
    assert!(drawing().is_ok());
}
