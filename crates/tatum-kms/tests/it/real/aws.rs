//! The password from moto, which checks AWS signatures and policies itself.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

use super::{
    node::{Server, free_port},
    program,
};
use crate::{
    locked::{fails, locked, opens},
    program::{PASSWORD, Place},
};

/// Calls that moto takes without looking at who makes them: those of `moto.py set-up`.
const SET_UP_CALLS: &str = "10";

struct Moto {
    server: Server,
    python: PathBuf,
}

impl Moto {
    fn start() -> Option<Self> {
        let (moto, python) = (program("moto")?, program("boto")?);
        let port = free_port();
        let mut command = Command::new(moto);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        command.env("INITIAL_NO_AUTH_ACTION_COUNT", SET_UP_CALLS);
        Some(Self { server: Server::start(&mut command, port), python })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/real/moto.py");
        let mut command = Command::new(&self.python);
        let ran = command.args([script, &self.url()]).args(arguments).output().expect("it runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }
}

fn with_keys(place: Place, keys: &Value) -> Place {
    let text = |name: &str| keys[name].as_str().expect("a text");
    place
        .with("TATUM_KMS_AWS_ACCESS_KEY_ID", text("id"))
        .with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", text("key"))
}

#[test]
fn aws_gives_the_password_to_who_may_have_it() {
    let Some(moto) = Moto::start() else { return };
    let keys: Value = serde_json::from_str(&moto.ask(&["set-up"])).expect("JSON");
    let text = |who: &str, name: &str| keys[who][name].as_str().expect("a text").to_owned();
    let place = locked()
        .with("TATUM_KMS_AWS_ENDPOINT", &moto.url())
        .with("TATUM_KMS_AWS_REGION", "eu-west-1")
        .with("TATUM_KMS_AWS_SECRET_NAME", "kms")
        .with("TATUM_KMS_AWS_SECRET_KEY", "password");
    let place = with_keys(place, &keys["user"]);
    opens(&place, "aws");
    let ran = place.run(&["list", "--aws"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let place = place.with("TATUM_KMS_AWS_SECRET_KEY", "pin");
    fails(&place, "aws", &["the secret has no string `pin`"]);
    let place =
        place.without("TATUM_KMS_AWS_SECRET_KEY").with("TATUM_KMS_AWS_SECRET_NAME", "plain");
    opens(&place, "aws");
    let put = |value: &str| {
        moto.ask(&["put", &text("user", "id"), &text("user", "key"), "plain", value]);
    };
    put("another");
    fails(&place, "aws", &["wrong password"]);
    put(PASSWORD);
    opens(&place, "aws");
    let place = place.with("TATUM_KMS_AWS_SECRET_NAME", "absent");
    fails(&place, "aws", &["has no secret absent in region eu-west-1"]);
    let place = place.with("TATUM_KMS_AWS_SECRET_NAME", "plain");
    let place = with_keys(place, &keys["stranger"]);
    fails(
        &place,
        "aws",
        &["denied access: status 403; check the access key, and that it may read the secret"],
    );
    let place = with_keys(place, &keys["session"]);
    fails(&place, "aws", &["AWS Secrets Manager denied access"]);
    let place = place.with("TATUM_KMS_AWS_SESSION_TOKEN", &text("session", "token"));
    opens(&place, "aws");
    let place = with_keys(place.without("TATUM_KMS_AWS_SESSION_TOKEN"), &keys["user"]);
    let place = place.with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", "wrong");
    fails(&place, "aws", &["denied access: status 403"]);
    let place = place.with("TATUM_KMS_AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    fails(&place, "aws", &["AWS Secrets Manager denied access"]);
    drop(moto);
    fails(&with_keys(place, &keys["user"]), "aws", &["could not be reached"]);
}
