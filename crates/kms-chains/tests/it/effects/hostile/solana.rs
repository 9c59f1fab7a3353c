//! Solana: every instruction that pays, lends, hands over or gives up.

use kms_testkit::vectors::SignCase;
use serde_json::json;

use super::Hostile;
use crate::effects::{
    payload,
    solana::{Key, Part, key, message, spell},
    wire::{Bytes, digits, hex},
};

const SYSTEM: &str = "11111111111111111111111111111111";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const STAKE: &str = "Stake11111111111111111111111111111111111111";
const VOTE: &str = "Vote111111111111111111111111111111111111111";
const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";
const MEMO: &str = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
const THIEF: Key = [0x66; 32];
/// A program of the thief's, and an account that is nobody's in particular.
const PROGRAM: Key = [0x55; 32];
const OTHER: Key = [0x44; 32];
const NONE: Key = [0; 32];
const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const CLOCK: &str = "SysvarC1ock11111111111111111111111111111111";
const RENT: &str = "SysvarRent111111111111111111111111111111111";

/// A number of four bytes that says which instruction it is.
fn data(kind: u8, rest: &[&[u8]]) -> Vec<u8> {
    [&[kind, 0, 0, 0], rest.concat().as_slice()].concat()
}

const fn units(units: u64) -> [u8; 8] {
    units.to_le_bytes()
}

/// A base, a text of three bytes with its length, and what follows.
fn seeded(base: Key, rest: &[&[u8]]) -> Vec<u8> {
    [&base[..], &units(3), b"abc", rest.concat().as_slice()].concat()
}

struct Maker {
    own: Key,
    blockhash: Vec<u8>,
}

impl Maker {
    fn payload(&self, parts: &[(&str, &[Key], Vec<u8>)]) -> String {
        let parts = parts.iter().map(|(program, accounts, data)| Part {
            program: key(program),
            accounts: accounts.to_vec(),
            data: data.clone(),
            moved: Vec::new(),
            is_opaque: false,
        });
        let bytes = message(self.own, &self.blockhash, &parts.collect::<Vec<_>>());
        json!({ "txData": digits(&bytes) }).to_string()
    }

    fn told(&self, what: &str, part: (&str, &[Key], Vec<u8>), receivers: &[Key]) -> Hostile {
        let receivers: Vec<_> = receivers.iter().map(|one| spell(one)).collect();
        let receivers: Vec<_> = receivers.iter().map(String::as_str).collect();
        Hostile::told(what, &self.payload(&[part]), &receivers)
    }

    fn takes_over(&self, what: &str, part: (&str, &[Key], Vec<u8>), receivers: &[Key]) -> Hostile {
        let receivers: Vec<_> = receivers.iter().map(|one| spell(one)).collect();
        let receivers: Vec<_> = receivers.iter().map(String::as_str).collect();
        Hostile::takes_over(what, &self.payload(&[part]), &receivers)
    }
}

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let template = hex(payload(base)["txData"].as_str().expect("a message"));
    let mut bytes = Bytes(&template[3..]);
    let keys = usize::from(bytes.byte());
    let blockhash = template[4 + 32 * keys..][..32].to_vec();
    let maker = Maker { own: key(own), blockhash };
    let all = [
        system(&maker),
        given_up(&maker),
        tokens(&maker),
        extensions(&maker),
        authorities(&maker),
        stakes(&maker),
    ];
    all.concat()
}

fn system(maker: &Maker) -> Vec<Hostile> {
    let own = maker.own;
    let pay = data(2, &[&units(9)]);
    let (create, seeded_create) = (
        data(0, &[&units(9), &units(0), &PROGRAM]),
        data(3, &[&seeded(own, &[&units(9), &units(0), &PROGRAM])]),
    );
    let memo = |text: &str| (MEMO, &[][..], text.as_bytes().to_vec());
    let to_oneself = (SYSTEM, &[own, own][..], pay.clone());
    vec![
        maker.told("transfer", (SYSTEM, &[own, THIEF], pay), &[THIEF]),
        maker.told("an account", (SYSTEM, &[own, OTHER], create), &[OTHER, PROGRAM]),
        maker.told(
            "an account from a seed",
            (SYSTEM, &[own, OTHER, own], seeded_create),
            &[OTHER, PROGRAM],
        ),
        maker.told(
            "an account of the system with room for data",
            (SYSTEM, &[own, OTHER], data(0, &[&units(9), &units(80), &NONE])),
            &[OTHER],
        ),
        maker.told(
            "transfer from a seed",
            (SYSTEM, &[OTHER, own, THIEF], data(11, &[&units(9), &units(1), b"a", &NONE])),
            &[THIEF],
        ),
        maker.told(
            "withdrawal of a nonce",
            (SYSTEM, &[OTHER, THIEF, NONE, NONE, own], data(5, &[&units(9)])),
            &[THIEF],
        ),
        maker.told("a nonce's authority", (SYSTEM, &[OTHER, NONE], data(6, &[&THIEF])), &[THIEF]),
        maker.told("a nonce's use", (SYSTEM, &[OTHER, NONE, own], data(4, &[])), &[]),
        maker.told("an unknown program", (&spell(&PROGRAM), &[own], vec![1]), &[PROGRAM]),
        Hostile::told("a memo", &maker.payload(&[memo("a")]), &[]),
        Hostile::told("memos", &maker.payload(&[to_oneself, memo("a"), memo("b")]), &[]),
    ]
}

/// Accounts that are made a program's, of one's own and of others.
fn given_up(maker: &Maker) -> Vec<Hostile> {
    let own = maker.own;
    let create = |space: u64, owner: Key| data(0, &[&units(9), &units(space), &owner]);
    let seeded_create = data(3, &[&seeded(own, &[&units(9), &units(0), &PROGRAM])]);
    let assign = data(1, &[&PROGRAM]);
    let (allocate_seed, assign_seed) =
        (data(9, &[&seeded(own, &[&units(1), &PROGRAM])]), data(10, &[&seeded(own, &[&PROGRAM])]));
    let prefunded = data(13, &[&units(9), &units(0), &PROGRAM]);
    vec![
        maker.takes_over("own, prefunded", (SYSTEM, &[own], prefunded.clone()), &[PROGRAM]),
        maker.told("another, prefunded", (SYSTEM, &[OTHER, own], prefunded), &[OTHER, PROGRAM]),
        maker.takes_over("own", (SYSTEM, &[own, own], create(0, PROGRAM)), &[PROGRAM]),
        maker.takes_over("own with room", (SYSTEM, &[own, own], create(80, NONE)), &[]),
        maker.takes_over("own, seed", (SYSTEM, &[own, own, own], seeded_create), &[PROGRAM]),
        maker.takes_over("assign", (SYSTEM, &[own], assign.clone()), &[PROGRAM]),
        maker.takes_over("allocate", (SYSTEM, &[own], data(8, &[&units(1)])), &[]),
        maker.takes_over(
            "allocate, seed",
            (SYSTEM, &[own, own], allocate_seed.clone()),
            &[PROGRAM],
        ),
        maker.takes_over("assign, seed", (SYSTEM, &[own, own], assign_seed.clone()), &[PROGRAM]),
        maker.told("assign another", (SYSTEM, &[OTHER], assign), &[PROGRAM]),
        maker.told("allocate another, seed", (SYSTEM, &[OTHER, own], allocate_seed), &[PROGRAM]),
        maker.told("assign another, seed", (SYSTEM, &[OTHER, own], assign_seed), &[PROGRAM]),
    ]
}

fn tokens(maker: &Maker) -> Vec<Hostile> {
    let own = maker.own;
    let token = |kind: u8, rest: &[&[u8]]| [&[kind], rest.concat().as_slice()].concat();
    // revoke of three accounts, and a transfer of three.
    let batch = token(255, &[&[3, 1, 5], &[3, 9, 3], &units(9)]);
    let batched_authority = token(255, &[&[2, 35, 6, 2, 1], &THIEF]);
    vec![
        maker.told("tokens", (TOKEN, &[OTHER, THIEF, own], token(3, &[&units(9)])), &[THIEF]),
        maker.told("approval", (TOKEN, &[OTHER, THIEF, own], token(4, &[&units(9)])), &[THIEF]),
        maker.told("close-out", (TOKEN, &[OTHER, THIEF, own], token(9, &[])), &[THIEF]),
        maker.told("burning", (TOKEN, &[OTHER, PROGRAM, own], token(8, &[&units(9)])), &[PROGRAM]),
        maker.told("freezing", (TOKEN, &[OTHER, PROGRAM, own], token(10, &[])), &[]),
        maker.told(
            "an account for a stranger",
            (TOKEN, &[OTHER, NONE], token(18, &[&THIEF])),
            &[THIEF],
        ),
        maker.told("the same, older", (TOKEN, &[OTHER, NONE], token(16, &[&THIEF])), &[THIEF]),
        maker.told("the oldest", (TOKEN, &[OTHER, NONE, THIEF], token(1, &[])), &[THIEF]),
        maker.told("excess lamports", (TOKEN, &[OTHER, THIEF, own], token(38, &[])), &[THIEF]),
        maker.told(
            "unwrapped",
            (TOKEN, &[OTHER, THIEF, own], token(45, &[&[1], &units(9)])),
            &[THIEF],
        ),
        maker.told("unwrapped, all", (TOKEN, &[OTHER, THIEF, own], token(45, &[&[0]])), &[THIEF]),
        maker.told(
            "a batch",
            (TOKEN, &[OTHER, own, THIEF, OTHER, THIEF, own], batch.clone()),
            &[THIEF],
        ),
        maker.told("a broken batch", (TOKEN, &[OTHER], batch), &[]),
        maker.takes_over(
            "a batch's authority",
            (TOKEN, &[OTHER, own], batched_authority),
            &[THIEF],
        ),
        maker.takes_over(
            "authority",
            (TOKEN, &[OTHER, own], token(6, &[&[2, 1], &THIEF])),
            &[THIEF],
        ),
    ]
}

/// <https://docs.rs/spl-token-2022-interface>
fn extensions(maker: &Maker) -> Vec<Hostile> {
    let own = maker.own;
    let moved = [OTHER, PROGRAM, THIEF, own];
    let of_mint = [PROGRAM, THIEF, own];
    let told = |what: &str, accounts: &[Key], data: &[&[u8]], receivers: &[Key]| {
        maker.told(what, (TOKEN_2022, accounts, data.concat()), receivers)
    };
    vec![
        told("with a fee", &moved, &[&[26, 1], &units(9), &[6], &units(1)], &[THIEF]),
        told("withheld", &of_mint, &[&[26, 2]], &[THIEF]),
        told("withheld of accounts", &of_mint, &[&[26, 3, 1]], &[THIEF]),
        told(
            "a fee's authorities",
            &[OTHER],
            &[&[26, 0, 0, 1], &THIEF, &[1, 0], &units(9)],
            &[THIEF],
        ),
        told("close authority", &[OTHER], &[&[25, 1], &THIEF], &[THIEF]),
        told("permanent delegate", &[OTHER], &[&[35], &THIEF], &[THIEF]),
        told("hook", &[OTHER], &[&[36, 0], &THIEF, &PROGRAM], &[THIEF, PROGRAM]),
        told("another hook", &[OTHER, own], &[&[36, 1], &PROGRAM], &[PROGRAM]),
        told("confidential", &moved, &[&[27, 7], &[1; 80]], &[THIEF]),
        told("confidential, with a fee", &moved, &[&[27, 13], &[1; 80]], &[THIEF]),
        told("confidential deposit", &[OTHER, PROGRAM, own], &[&[27, 5], &units(9), &[6]], &[]),
        told("confidential fees", &of_mint, &[&[37, 1], &[1; 40]], &[THIEF]),
        told("pausing", &[PROGRAM, own], &[&[44, 1]], &[]),
    ]
}

/// <https://docs.rs/solana-stake-interface>, <https://docs.rs/solana-vote-interface>
fn authorities(maker: &Maker) -> Vec<Hostile> {
    let own = maker.own;
    let kind = [0; 4];
    let checked = [OTHER, key(CLOCK), own, THIEF];
    vec![
        maker.takes_over("nonce", (SYSTEM, &[OTHER, own], data(7, &[&THIEF])), &[THIEF]),
        maker.takes_over(
            "stake",
            (STAKE, &[OTHER, NONE, own], data(1, &[&THIEF, &kind])),
            &[THIEF],
        ),
        maker.takes_over(
            "stake, seed",
            (STAKE, &[OTHER, own], data(8, &[&THIEF, &kind])),
            &[THIEF],
        ),
        maker.takes_over("stake, checked", (STAKE, &checked, data(10, &[&kind])), &[THIEF]),
        // As libraries write it now, without the clock; the last is the custodian of a lock-up.
        maker.takes_over(
            "stake, checked, new",
            (STAKE, &[OTHER, own, THIEF, PROGRAM], data(10, &[&kind])),
            &[THIEF],
        ),
        maker.takes_over(
            "stake, checked seed",
            (STAKE, &[OTHER, own, key(CLOCK), THIEF], data(11, &[&kind, &seeded(OTHER, &[])])),
            &[THIEF],
        ),
        maker.takes_over("vote, checked", (VOTE, &checked, data(7, &[&kind])), &[THIEF]),
        maker.takes_over("stake, lock-up", (STAKE, &[OTHER, own], data(6, &[&[0; 3]])), &[]),
        maker.takes_over("vote", (VOTE, &[OTHER, NONE, own], data(1, &[&THIEF, &kind])), &[THIEF]),
        maker.takes_over("a program", (LOADER, &[OTHER, own, THIEF], data(4, &[])), &[THIEF]),
    ]
}

fn stakes(maker: &Maker) -> Vec<Hostile> {
    let (own, clock, rent) = (maker.own, key(CLOCK), key(RENT));
    let lockup = [&units(0)[..], &units(0), &NONE].concat();
    let authorized = data(0, &[&own, &THIEF, &lockup]);
    let locked = data(0, &[&own, &own, &[&units(9)[..], &units(9), &THIEF].concat()]);
    vec![
        maker.told("stake", (STAKE, &[OTHER, THIEF, own], data(4, &[&units(9)])), &[THIEF]),
        maker.told("a new stake", (STAKE, &[OTHER, rent], authorized), &[THIEF]),
        maker.told("a locked stake", (STAKE, &[OTHER, rent], locked), &[THIEF]),
        maker.told("checked", (STAKE, &[OTHER, rent, own, THIEF], data(9, &[])), &[THIEF]),
        maker.told("checked, new", (STAKE, &[OTHER, own, THIEF], data(9, &[])), &[THIEF]),
        maker.told("delegation", (STAKE, &[OTHER, THIEF, clock, own], data(2, &[])), &[THIEF]),
        maker.told("split", (STAKE, &[OTHER, THIEF, own], data(3, &[&units(9)])), &[THIEF]),
        maker.told("merge", (STAKE, &[THIEF, OTHER, clock, own], data(7, &[])), &[THIEF]),
        maker.told("stake moves", (STAKE, &[OTHER, THIEF, own], data(16, &[&units(9)])), &[THIEF]),
        maker.told(
            "lamports move",
            (STAKE, &[OTHER, THIEF, own], data(17, &[&units(9)])),
            &[THIEF],
        ),
        maker.told("deactivation", (STAKE, &[OTHER, clock, own], data(5, &[])), &[]),
        maker.told(
            "a vote account",
            (VOTE, &[OTHER, rent, clock, own], data(0, &[&own, &OTHER, &THIEF, &[5]])),
            &[THIEF],
        ),
        maker.told("vote", (VOTE, &[OTHER, THIEF, own], data(3, &[&units(9)])), &[THIEF]),
        maker.told("a buffer", (LOADER, &[OTHER, THIEF], data(0, &[])), &[THIEF]),
        maker.told("a closed program", (LOADER, &[OTHER, THIEF, own], data(5, &[])), &[THIEF]),
        maker.told(
            "what an upgrade leaves",
            (LOADER, &[OTHER, PROGRAM, OTHER, THIEF, rent, clock, own], data(3, &[])),
            &[THIEF],
        ),
    ]
}
