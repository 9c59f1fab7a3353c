//! A value that lives too short to wait for a verdict is asked for after it, and changes nothing
//! else.

use kms_core::{Disposition, FourEyes, Network, Pending, PendingRequest};

use crate::{
    fakes::{Fails, World, pending},
    road::travel,
};

/// Of an approver that is told the digest, and of one that is not.
fn worlds(fails: Fails) -> [&'static World; 2] {
    [World::new(fails), World::new(fails).bound()].map(|world| &*Box::leak(Box::new(world)))
}

fn required(world: &'static World) -> FourEyes {
    FourEyes::Required(Box::new(world))
}

#[tokio::test]
async fn it_is_asked_for_after_the_verdict_and_before_anything_is_reserved() {
    for world in worlds(Fails::Never) {
        travel(world, required(world), pending("late", "ours")).await.unwrap();
        let steps = ["approve", "look up late", "reserve", "sign", "record", "broadcast", "close"];
        assert_eq!(world.steps()[3..], steps);
        assert_eq!(world.told.lock().unwrap().0, Some("moment"));
    }
    let [world, _] = worlds(Fails::Never);
    travel(world, required(world), pending("fine", "ours")).await.unwrap();
    assert!(!world.steps().contains(&"look up late"));
}

/// Nobody is asked on testnet, and it is fresh all the same.
#[tokio::test]
async fn it_is_asked_for_without_an_approver_too() {
    let [world, _] = worlds(Fails::Never);
    let mut request = PendingRequest::clone(&pending("late", "tests"));
    request.network = Network::Testnet;
    travel(world, FourEyes::WaivedOnTestnet, Pending::new(request)).await.unwrap();
    assert_eq!(world.steps()[..3], ["recall", "look up", "look up late"]);
}

#[tokio::test]
async fn what_else_changes_by_it_is_never_signed() {
    for payload in [
        "late and another byte",
        "late and the length",
        "late and the key",
        "late and the effects",
        "never there",
        "late in a digest",
    ] {
        for world in worlds(Fails::Never) {
            let failure =
                travel(world, required(world), pending(payload, "ours")).await.unwrap_err();
            assert!(failure.to_string().contains("differ from those that were approved"));
            assert_eq!(failure.disposition(), Disposition::Hold, "{payload}");
            assert_eq!(world.steps().last(), Some(&"look up late"), "{payload}");
        }
    }
}

#[tokio::test]
async fn without_an_answer_nothing_is_reserved() {
    for world in worlds(Fails::LateLookup) {
        let failure = travel(world, required(world), pending("late", "ours")).await.unwrap_err();
        assert_eq!(failure.disposition(), Disposition::Retry);
        assert_eq!(world.steps().last(), Some(&"look up late"));
    }
}

/// The digest as `docs/four-eye.md` describes it, made by Python's hashlib: of one message of 100
/// bytes, 9 each but for 32 zeros at its fortieth.
#[tokio::test]
async fn the_digest_has_zeros_in_its_place() {
    let [_, world] = worlds(Fails::Never);
    travel(world, required(world), pending("late", "ours")).await.unwrap();
    let (_, digest) = *world.told.lock().unwrap();
    let digest: String =
        digest.unwrap().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "60217e869f4f79d461d08cb61cb09011e7f036e500ac72b27b588d64ab9352ae");
}
