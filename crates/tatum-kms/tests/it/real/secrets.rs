//! The password from real secret stores: OpenBao, which speaks Vault's protocol, and moto, which
//! checks AWS signatures and policies.

use std::process::Command;

use serde_json::{Value, json};

use super::{
    node::{Server, free_port},
    program,
};
use crate::program::{PASSWORD, Place, Ran};

/// A place with a store in it and no password set.
fn place() -> Place {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH", "--testnet"]).code, Some(0));
    place.without("TATUM_KMS_PASSWORD")
}

fn try_it(place: &Place, source: &str) -> Ran {
    place.run(&["checkconfig", "--password-source", source, "--try"])
}

fn opens(place: &Place, source: &str) {
    let ran = try_it(place, source);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("fetched, and opens the wallet store"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
}

/// The one line that says why not.
fn fails(place: &Place, source: &str, words: &str) {
    let ran = try_it(place, source);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    assert!(!format!("{ran:?}").contains(PASSWORD), "{ran:?}");
}

struct Bao {
    server: Server,
}

impl Bao {
    fn start() -> Option<Self> {
        let bao = program("bao")?;
        let port = free_port();
        let mut command = Command::new(bao);
        command.args(["server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"]);
        command.arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        Some(Self { server: Server::start(&mut command, port) })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let head = [("x-vault-token", "root")];
        let (status, answer) = self.server.ask(method, &format!("/v1/{path}"), &head, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }
}

#[test]
fn a_vault_gives_the_password_to_who_may_have_it() {
    let Some(bao) = Bao::start() else { return };
    let secret = |password: &Value| json!({ "data": { "password": password, "other": 7 } });
    bao.ask("POST", "secret/data/kms/wallet", &secret(&json!(PASSWORD)));
    let place = place()
        .with("VAULT_ADDR", &bao.url())
        .with("TATUM_KMS_VAULT_TOKEN", "root")
        .with("TATUM_KMS_VAULT_PATH", "kms/wallet");
    opens(&place, "vault");

    bao.ask("POST", "sys/mounts/old", &json!({ "type": "kv", "options": { "version": "1" } }));
    bao.ask("POST", "old/kms", &json!({ "password": PASSWORD }));
    let old = |place: Place| {
        place.with("TATUM_KMS_VAULT_MOUNT", "old").with("TATUM_KMS_VAULT_PATH", "kms")
    };
    let place = old(place).with("TATUM_KMS_VAULT_KV_VERSION", "1");
    opens(&place, "vault");
    let place = place.with("TATUM_KMS_VAULT_KV_VERSION", "2");
    fails(&place, "vault", "check TATUM_KMS_VAULT_PATH");
    let place = place
        .without("TATUM_KMS_VAULT_KV_VERSION")
        .without("TATUM_KMS_VAULT_MOUNT")
        .with("TATUM_KMS_VAULT_PATH", "kms/absent");
    fails(&place, "vault", "Vault has no secret at secret/kms/absent");
    let place = place.with("TATUM_KMS_VAULT_PATH", "kms/wallet");
    let place = place.with("TATUM_KMS_VAULT_KEY", "other");
    fails(&place, "vault", "the secret has no text `other`");
    let place = place.without("TATUM_KMS_VAULT_KEY").with("TATUM_KMS_VAULT_TOKEN", "nobody");
    fails(&place, "vault", "Vault says no: status 403");

    let place = roles(&bao, place);
    bao.ask("POST", "secret/data/kms/wallet", &secret(&json!("another")));
    fails(&place, "vault", "wrong password");
    bao.ask("POST", "secret/data/kms/wallet", &secret(&json!(PASSWORD)));
    opens(&place, "vault");
    bao.ask("PUT", "sys/seal", &Value::Null);
    fails(&place, "vault", "it is sealed; unseal it first");
    let url = bao.url();
    drop(bao);
    fails(&place.with("VAULT_ADDR", &url), "vault", "Vault could not be asked");
}

/// A login that may read one path and nothing else, and leaves no token behind.
fn roles(bao: &Bao, place: Place) -> Place {
    bao.ask("POST", "sys/auth/approle", &json!({ "type": "approle" }));
    let policy = r#"path "secret/data/kms/*" { capabilities = ["read"] }"#;
    bao.ask("PUT", "sys/policies/acl/kms", &json!({ "policy": policy }));
    bao.ask("POST", "auth/approle/role/kms", &json!({ "token_policies": ["kms"] }));
    let role = bao.ask("GET", "auth/approle/role/kms/role-id", &Value::Null);
    let secret = bao.ask("POST", "auth/approle/role/kms/secret-id", &json!({}));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let place = place
        .without("TATUM_KMS_VAULT_TOKEN")
        .with("TATUM_KMS_VAULT_ROLE_ID", &text(&role["data"]["role_id"]))
        .with("TATUM_KMS_VAULT_SECRET_ID", &text(&secret["data"]["secret_id"]));
    let tokens = || {
        let list = bao.ask("LIST", "auth/token/accessors", &Value::Null);
        list["data"]["keys"].as_array().map_or(0, Vec::len)
    };
    let before = tokens();
    opens(&place, "vault");
    assert_eq!(tokens(), before, "the token was given up");
    let place = place.with("TATUM_KMS_VAULT_PATH", "elsewhere");
    fails(&place, "vault", "check the token (it may have expired), its policy");
    let place = place.with("TATUM_KMS_VAULT_PATH", "kms/wallet");
    let place = place.with("TATUM_KMS_VAULT_SECRET_ID", "00000000-0000-0000-0000-000000000000");
    fails(&place, "vault", "check the role, its secret id");
    place.with("TATUM_KMS_VAULT_SECRET_ID", &text(&secret["data"]["secret_id"]))
}

/// Calls that moto takes without looking at who makes them: those that make the user below.
const SET_UP_CALLS: &str = "5";

/// Makes two secrets, and a user who may read secrets; the user's key.
fn set_up_aws(server: &Server) -> (String, String) {
    let secret = |name: &str, value: &str| {
        let token = "0".repeat(32);
        let body = json!({ "Name": name, "SecretString": value, "ClientRequestToken": token });
        let head = [
            ("x-amz-target", "secretsmanager.CreateSecret"),
            ("content-type", "application/x-amz-json-1.1"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/secretsmanager/aws4_request, \
                 SignedHeaders=host, Signature=0",
            ),
        ];
        let (status, text) = server.ask("POST", "/", &head, &body);
        assert_eq!(status, 200, "{text}");
    };
    secret("kms", &json!({ "password": PASSWORD }).to_string());
    secret("plain", PASSWORD);
    let iam = |form: &str| {
        let (status, text) = server.post_form(&format!("{form}&Version=2010-05-08"), "iam");
        assert_eq!(status, 200, "{form}: {text}");
        text
    };
    iam("Action=CreateUser&UserName=kms");
    let action = "secretsmanager:GetSecretValue";
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }],
    });
    let policy = policy.to_string();
    let policy: String = url::form_urlencoded::byte_serialize(policy.as_bytes()).collect();
    iam(&format!("Action=PutUserPolicy&UserName=kms&PolicyName=p&PolicyDocument={policy}"));
    let key = iam("Action=CreateAccessKey&UserName=kms");
    let part = |name: &str| {
        let (_, rest) = key.split_once(&format!("<{name}>")).expect("a part");
        rest.split_once('<').expect("its end").0.to_owned()
    };
    (part("AccessKeyId"), part("SecretAccessKey"))
}

#[test]
fn aws_gives_the_password_to_who_may_have_it() {
    let Some(moto) = program("moto") else { return };
    let port = free_port();
    let mut command = Command::new(moto);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    command.env("INITIAL_NO_AUTH_ACTION_COUNT", SET_UP_CALLS);
    let server = Server::start(&mut command, port);
    let (id, secret) = set_up_aws(&server);
    let place = place()
        .with("TATUM_KMS_AWS_ENDPOINT", &format!("http://127.0.0.1:{port}"))
        .with("TATUM_KMS_AWS_REGION", "eu-west-1")
        .with("TATUM_KMS_AWS_SECRET_NAME", "kms")
        .with("TATUM_KMS_AWS_SECRET_KEY", "password")
        .with("TATUM_KMS_AWS_ACCESS_KEY_ID", &id)
        .with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", &secret);
    opens(&place, "aws");
    let ran = place.run(&["list", "--aws"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let place = place.with("TATUM_KMS_AWS_SECRET_KEY", "pin");
    fails(&place, "aws", "the secret has no text `pin`");
    let place =
        place.without("TATUM_KMS_AWS_SECRET_KEY").with("TATUM_KMS_AWS_SECRET_NAME", "plain");
    opens(&place, "aws");
    let place = place.with("TATUM_KMS_AWS_SECRET_NAME", "absent");
    fails(&place, "aws", "has no secret absent in region eu-west-1");
    let place = place.with("TATUM_KMS_AWS_SECRET_NAME", "plain");
    let place = place.with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", "wrong");
    fails(&place, "aws", "AWS Secrets Manager says no");
    let place = place.with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", &secret);
    let place = place.with("TATUM_KMS_AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    fails(&place, "aws", "AWS Secrets Manager says no");
    drop(server);
    let place = place.with("TATUM_KMS_AWS_ACCESS_KEY_ID", &id);
    fails(&place, "aws", "could not be asked");
}
