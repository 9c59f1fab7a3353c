//! <https://docs.verygoodsecurity.com/vault/api#tag/aliases>

use serde_json::json;

use super::{Call, Case, Internet, Reply, SECRET, each_fails, fails, opens, place, rotates};
use crate::{
    mock::Mock,
    program::{PASSWORD, Place, until},
};

const LIVE: &str = "api.live.verygoodvault.com";
const SANDBOX: &str = "api.sandbox.verygoodvault.com";

fn vgs(call: &Call, case: &Case, host: &str) -> Reply {
    assert_eq!((call.host.as_str(), call.path.as_str()), (host, "/aliases/tok_1"));
    let user = data_encoding::BASE64.encode(format!("user:{SECRET}").as_bytes());
    if call.header("authorization") != format!("Basic {user}") {
        return Reply::json(401, &json!({ "errors": [{ "title": "Unauthorized" }] }));
    }
    match case.trouble {
        None => Reply::json(200, &json!({ "data": [{ "value": case.password }] })),
        Some("missing") => Reply::json(404, &json!({ "errors": [] })),
        Some("shape") => Reply::json(200, &json!({ "data": { "value": case.password } })),
        Some("busy") => Reply::json(503, &json!({})),
        Some(_) => Reply::Silence,
    }
}

fn vgs_place(internet: &Internet) -> Place {
    place(internet)
        .with("TATUM_KMS_VGS_ALIAS", "tok_1")
        .with("TATUM_KMS_VGS_USERNAME", "user")
        .with("TATUM_KMS_VGS_PASSWORD", SECRET)
        .with("TATUM_KMS_CA_FILE", internet.authority().to_str().expect("a path"))
}

#[test]
fn vgs_reveals_the_password_to_who_may_have_it() {
    let internet = Internet::start(|call, case| vgs(call, case, LIVE));
    let place = vgs_place(&internet);
    opens(&place, "vgs");
    let troubles: &[(_, &[_])] = &[
        ("missing", &["VGS has no alias tok_1", "check TATUM_KMS_VGS_ALIAS"]),
        ("shape", &["the answer of VGS cannot be used", "`data[0].value`"]),
        ("busy", &["VGS could not be reached: status 503", "try again"]),
    ];
    each_fails(&internet, &place, "vgs", troubles);
    let place = place.with("TATUM_KMS_VGS_PASSWORD", "expired");
    fails(&place, "vgs", &["VGS denied access: status 401", "check TATUM_KMS_VGS_USERNAME"]);
    rotates(place.with("TATUM_KMS_VGS_PASSWORD", SECRET), "vgs", &internet);
}

pub(super) fn says_nothing() {
    let internet = Internet::start(|call, case| vgs(call, case, LIVE));
    internet.set(Case::trouble("silence"));
    fails(&vgs_place(&internet), "vgs", &["VGS could not be reached", "check the network"]);
}

#[test]
fn vgs_has_a_sandbox_by_name_and_any_other_host_by_url() {
    let internet = Internet::start(|call, case| vgs(call, case, SANDBOX));
    let place = vgs_place(&internet).with("TATUM_KMS_VGS_URL", "sandbox");
    opens(&place, "vgs");
    opens(&place.with("TATUM_KMS_VGS_URL", "https://api.sandbox.verygoodvault.com/"), "vgs");
    let place = vgs_place(&internet).with("TATUM_KMS_VGS_URL", "elsewhere");
    place.run(&["list", "--vgs"]).fails(2, "TATUM_KMS_VGS_URL");
}

#[test]
fn a_daemon_asks_once_and_never_again() {
    let internet = Internet::start(|call, case| vgs(call, case, LIVE));
    let api = Mock::start();
    let place = vgs_place(&internet).with("TATUM_API_URL", &api.url());
    let daemon = place.start_logged(&["daemon", "--testnet", "--period", "1", "--vgs"]);
    until("three rounds", || api.asked_at("/v3/kms/pending/ETH").len() >= 3);
    assert_eq!(internet.calls(), 1, "{}", daemon.log());
    assert!(!daemon.log().contains(SECRET) && !daemon.log().contains(PASSWORD));
}
