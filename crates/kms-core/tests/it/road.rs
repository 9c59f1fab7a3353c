use kms_core::{
    ChainOptions, Denial, Disposition, Effects, Entry, Failure, FourEyes, Gate, Network, Pending,
    PendingRequest, Ports, RawTransaction, Rehearsed, Road, Rule, process, rehearse,
};

use crate::fakes::{FAKE, Fails, World, pending};

const WHOLE_ROAD: [&str; 9] = [
    "recall",
    "look up",
    "note question",
    "approve",
    "reserve",
    "sign",
    "record",
    "broadcast",
    "close",
];

pub(crate) async fn travel(
    world: &'static World,
    four_eyes: FourEyes,
    pending: Pending,
) -> Result<(), Failure> {
    let gate = Gate::new(Vec::new(), four_eyes);
    travel_through(world, &gate, pending).await
}

async fn travel_through(world: &World, gate: &Gate, pending: Pending) -> Result<(), Failure> {
    let options = ChainOptions::default();
    let ports = Ports { lookup: world, keys: world, journal: world, broadcaster: world };
    process(pending, Road { chain: &FAKE, options: &options, gate, ports }).await.map(|_| ())
}

fn world(fails: Fails) -> &'static World {
    Box::leak(Box::new(World::new(fails)))
}

fn required(world: &'static World) -> FourEyes {
    FourEyes::Required(Box::new(world))
}

#[tokio::test]
async fn the_steps_are_taken_in_order() {
    let world = world(Fails::Never);
    assert!(travel(world, required(world), pending("fine", "ours")).await.is_ok());
    assert_eq!(world.steps(), WHOLE_ROAD);
}

/// The stage at which each failure stops the road, and what is done about it.
#[tokio::test]
async fn every_failure_stops_where_it_happens() {
    let cases = [
        (Fails::OtherContent, 1, Disposition::Hold),
        (Fails::Lookup, 2, Disposition::Retry),
        (Fails::LookupRefused, 2, Disposition::Retry),
        (Fails::Paused, 3, Disposition::Wait),
        (Fails::Approval, 4, Disposition::Hold),
        (Fails::Approver, 4, Disposition::Wait),
        (Fails::Reserve, 5, Disposition::Wait),
        (Fails::Claim, 5, Disposition::Wait),
        (Fails::Sign, 6, Disposition::Report),
        (Fails::Record, 7, Disposition::Halt),
        (Fails::Broadcast, 8, Disposition::Retry),
        (Fails::BroadcastNotNow, 8, Disposition::Retry),
        (Fails::BroadcastDoubtful, 8, Disposition::Doubt),
        (Fails::SecondAttempt, 1, Disposition::Hold),
        (Fails::Close, 9, Disposition::Halt),
    ];
    for (fails, steps, disposition) in cases {
        let world = world(fails);
        let failure = travel(world, required(world), pending("fine", "ours")).await.unwrap_err();
        assert_eq!(world.steps(), WHOLE_ROAD[..steps], "{fails:?}");
        assert_eq!(failure.disposition(), disposition, "{fails:?}");
    }
}

#[tokio::test]
async fn bad_payloads_and_foreign_wallets_are_rejected_before_anybody_is_asked() {
    for (payload, wallet) in [("undecodable", "ours"), ("fine", "not-ours")] {
        let world = world(Fails::Never);
        let failure = travel(world, required(world), pending(payload, wallet)).await.unwrap_err();
        assert_eq!(failure.disposition(), Disposition::Report);
        assert_eq!(world.steps(), ["recall"]);
    }
    let world = world(Fails::Never);
    let failure = travel(world, required(world), pending("incomplete", "ours")).await.unwrap_err();
    assert_eq!((failure.disposition(), world.steps().len()), (Disposition::Retry, 2));
}

#[tokio::test]
async fn what_was_signed_before_a_crash_is_sent_again_and_not_signed_again() {
    let world = world(Fails::Never);
    travel(world, required(world), pending("fine", "ours")).await.unwrap();
    world.steps.lock().unwrap().clear();
    travel(world, required(world), pending("fine", "ours")).await.unwrap();
    assert_eq!(world.steps(), ["recall", "broadcast", "close"]);
}

/// Something is held ready elsewhere for a transaction that is not signed after all.
#[tokio::test]
async fn what_was_reserved_is_given_back_when_nothing_comes_of_it() {
    for fails in [Fails::Approval, Fails::Approver, Fails::Reserve, Fails::Claim, Fails::Sign] {
        let world = world(fails);
        let reserving = pending("reserving", "ours");
        assert!(travel(world, required(world), reserving).await.is_err());
        assert_eq!(world.steps().last(), Some(&"release"), "{fails:?}");
    }
    let halfway = world(Fails::Never);
    let nonsense = pending("reserving nonsense", "ours");
    assert!(travel(halfway, required(halfway), nonsense).await.is_err());
    assert_eq!(halfway.steps(), ["recall", "look up", "release"]);
    for fails in [Fails::Never, Fails::Broadcast] {
        let world = world(fails);
        let _ = travel(world, required(world), pending("reserving", "ours")).await;
        assert!(!world.steps().contains(&"release"), "{fails:?}");
    }
}

#[tokio::test]
async fn bytes_that_the_network_refused_are_never_sent_again() {
    let world = world(Fails::BroadcastRefused);
    let failure = travel(world, required(world), pending("fine", "ours")).await.unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Report);
    assert_eq!(world.steps().last(), Some(&"refuse"));
    world.steps.lock().unwrap().clear();
    let failure = travel(world, required(world), pending("fine", "ours")).await.unwrap_err();
    assert_eq!((failure.disposition(), world.steps()), (Disposition::Report, vec!["recall"]));
}

/// A refusal is the last word only where no earlier sending can have brought the bytes there.
#[tokio::test]
async fn what_may_be_in_the_chain_is_never_called_refused() {
    let raw = || RawTransaction::from_text(String::from("signed"));
    let (signed, sent) = (Entry::Signed(raw()), Entry::Sent(raw()));
    for (fails, before, expected) in [
        (Fails::BroadcastRefused, None, Disposition::Report),
        (Fails::BroadcastDoubtful, None, Disposition::Doubt),
        (Fails::RefusedButTaken, None, Disposition::Doubt),
        (Fails::BroadcastRefused, Some(signed.clone()), Disposition::Doubt),
        (Fails::BroadcastProved, Some(signed.clone()), Disposition::Report),
        (Fails::BroadcastNotNow, Some(signed.clone()), Disposition::Retry),
        (Fails::BroadcastDoubtful, Some(signed), Disposition::Doubt),
        (Fails::BroadcastRefused, Some(sent.clone()), Disposition::Doubt),
        (Fails::BroadcastProved, Some(sent.clone()), Disposition::Doubt),
        (Fails::BroadcastDoubtful, Some(sent), Disposition::Doubt),
    ] {
        let world = world(fails);
        *world.entry.lock().unwrap() = before.clone();
        let failure = travel(world, required(world), pending("fine", "ours")).await.unwrap_err();
        assert_eq!(failure.disposition(), expected, "{fails:?} {before:?}");
        let is_final = expected == Disposition::Report || fails == Fails::RefusedButTaken;
        assert_eq!(world.steps().contains(&"refuse"), is_final, "{fails:?} {before:?}");
    }
}

#[tokio::test]
async fn a_rehearsal_asks_everybody_and_touches_neither_key_nor_journal() {
    for (payload, last) in [("fine", "approve"), ("reserving", "release")] {
        let world = world(Fails::Never);
        let gate = Gate::new(Vec::new(), required(world));
        let options = ChainOptions::default();
        let ports = Ports { lookup: world, keys: world, journal: world, broadcaster: world };
        let road = Road { chain: &FAKE, options: &options, gate: &gate, ports };
        let rehearsed = rehearse(pending(payload, "ours"), road).await.unwrap();
        assert!(matches!(rehearsed, Rehearsed::WouldSign(_)), "{rehearsed:?}");
        assert_eq!(world.steps().last(), Some(&last));
        for step in ["reserve", "sign", "record", "broadcast"] {
            assert!(!world.steps().contains(&step), "{step}");
        }
        process(pending("fine", "ours"), road).await.unwrap();
        let rehearsed = rehearse(pending(payload, "ours"), road).await.unwrap();
        assert!(matches!(rehearsed, Rehearsed::WouldSendAgain), "{rehearsed:?}");
    }
}

#[tokio::test]
async fn mainnet_cannot_do_without_four_eyes() {
    let world = world(Fails::Never);
    let waived = FourEyes::WaivedOnTestnet;
    let failure = travel(world, waived, pending("fine", "ours")).await.unwrap_err();
    assert!(matches!(failure, Failure::Denied(Denial::FourEyesMissing)));
    assert_eq!(world.steps(), ["recall", "look up"]);
}

#[tokio::test]
async fn a_key_that_is_stored_for_mainnet_too_needs_four_eyes_on_testnet() {
    let on_testnet = |wallet: &str| {
        let mut request = PendingRequest::clone(&pending("fine", wallet));
        request.network = Network::Testnet;
        Pending::new(request)
    };
    let waived = || FourEyes::WaivedOnTestnet;
    travel(world(Fails::Never), waived(), on_testnet("tests")).await.unwrap();
    let alone = world(Fails::Never);
    let failure = travel(alone, waived(), on_testnet("twin")).await.unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Hold);
    assert!(failure.to_string().contains("wallet twin has a key"), "{failure}");
    assert_eq!(alone.steps(), ["recall", "look up"]);
    let asked = world(Fails::Never);
    travel(asked, required(asked), on_testnet("twin")).await.unwrap();
    assert!(asked.steps().contains(&"approve"));
}

#[tokio::test]
async fn a_rule_refuses_before_the_approver_is_asked() {
    struct Never;
    impl Rule for Never {
        fn check(&self, _: &Effects) -> Result<(), Denial> {
            Err(Denial::Rule(String::from("told to")))
        }
    }
    let world = world(Fails::Never);
    let gate = Gate::new(vec![Box::new(Never)], required(world));
    let failure = travel_through(world, &gate, pending("fine", "ours")).await.unwrap_err();
    assert_eq!(failure.disposition(), Disposition::Hold);
    assert_eq!(world.steps(), ["recall", "look up"]);
}

#[test]
fn the_digest_covers_what_decides_the_signature_and_nothing_else() {
    let one = pending("fine", "ours");
    let mut other = PendingRequest::clone(&one);
    other.as_received = String::from("{\"new\":1}");
    assert_eq!(one.digest(), Pending::new(other.clone()).digest());
    other.payload.push(' ');
    assert_ne!(one.digest(), Pending::new(other).digest());
}
