//! The password from OpenBao, which speaks Vault's protocol.

use std::process::Command;

use serde_json::{Value, json};

use super::{
    node::{Server, free_port},
    program,
};
use crate::{
    certificates::authority,
    locked::{fails, locked, opens},
    mock::Mock,
    program::{PASSWORD, Place},
};

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
    let place = locked()
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
    fails(&place, "vault", &["check TATUM_KMS_VAULT_PATH"]);
    let place = place
        .without("TATUM_KMS_VAULT_KV_VERSION")
        .without("TATUM_KMS_VAULT_MOUNT")
        .with("TATUM_KMS_VAULT_PATH", "kms/absent");
    fails(&place, "vault", &["Vault has no secret at secret/kms/absent"]);
    let place = place.with("TATUM_KMS_VAULT_PATH", "kms/wallet");
    let place = place.with("TATUM_KMS_VAULT_KEY", "other");
    fails(&place, "vault", &["the secret has no string `other`"]);
    let place = place.without("TATUM_KMS_VAULT_KEY").with("TATUM_KMS_VAULT_TOKEN", "nobody");
    fails(&place, "vault", &["Vault denied access: status 403"]);

    let place = roles(&bao, place);
    bao.ask("POST", "secret/data/kms/wallet", &secret(&json!("another")));
    fails(&place, "vault", &["wrong password"]);
    bao.ask("POST", "secret/data/kms/wallet", &secret(&json!(PASSWORD)));
    opens(&place, "vault");
    bao.ask("PUT", "sys/seal", &Value::Null);
    fails(&place, "vault", &["it is sealed; unseal it first"]);
    let url = bao.url();
    drop(bao);
    fails(&place.with("VAULT_ADDR", &url), "vault", &["Vault could not be reached"]);
}

#[test]
fn a_vault_lets_nobody_in_whose_time_is_over() {
    let Some(bao) = Bao::start() else { return };
    bao.ask("POST", "secret/data/kms", &json!({ "data": { "password": PASSWORD } }));
    let place = locked().with("VAULT_ADDR", &bao.url()).with("TATUM_KMS_VAULT_PATH", "kms");
    let of_a_second = json!({ "policies": ["root"], "ttl": "1s", "explicit_max_ttl": "1s" });
    let token = bao.ask("POST", "auth/token/create", &of_a_second);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let token = token["auth"]["client_token"].as_str().expect("a token");
    let place = place.with("VAULT_TOKEN", token);
    fails(&place, "vault", &["check the token (it may have expired)"]);
    bao.ask("POST", "sys/auth/approle", &json!({ "type": "approle" }));
    bao.ask("POST", "auth/approle/role/kms", &json!({ "secret_id_num_uses": 1 }));
    let role = bao.ask("GET", "auth/approle/role/kms/role-id", &Value::Null);
    let secret = bao.ask("POST", "auth/approle/role/kms/secret-id", &json!({}));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let place = place
        .with("TATUM_KMS_VAULT_ROLE_ID", &text(&role["data"]["role_id"]))
        .with("TATUM_KMS_VAULT_SECRET_ID", &text(&secret["data"]["secret_id"]));
    fails(&place, "vault", &["check the token (it may have expired), its policy"]);
    fails(&place, "vault", &["check the role, its secret id"]);
}

/// A service account's token as Kubernetes makes them. Who made it is for Kubernetes to say.
fn service_account(name: &str) -> String {
    let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = json!({ "alg": "RS256", "kid": "1" });
    let claims = json!({
        "iss": "https://kubernetes.default.svc", "sub": format!("system:serviceaccount:pay:{name}"),
        "aud": ["https://kubernetes.default.svc"], "iat": 1_700_000_000, "exp": 4_102_444_800_u64,
        "kubernetes.io": { "namespace": "pay", "serviceaccount": { "name": name, "uid": "u-1" } },
    });
    format!("{}.{}.{}", part(&head), part(&claims), "c2lnbmF0dXJl")
}

/// The vault asks Kubernetes, whose part is played here.
/// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/>
#[test]
fn a_vault_gives_the_password_to_a_pod() {
    let Some(bao) = Bao::start() else { return };
    let kubernetes = Mock::start();
    let (good, bad) = (service_account("kms"), service_account("other"));
    let is_good = good.clone();
    kubernetes.relay(move |path, review| {
        assert_eq!(path, "/apis/authentication.k8s.io/v1/tokenreviews");
        let user = json!({ "username": "system:serviceaccount:pay:kms", "uid": "u-1", "groups": ["system:authenticated"] });
        let status = if review["spec"]["token"] == *is_good {
                let audiences = &review["spec"]["audiences"];
                json!({ "authenticated": true, "user": user, "audiences": audiences })
            } else { json!({ "authenticated": false, "error": "unknown token" }) };
        let (kind, version) = ("TokenReview", "authentication.k8s.io/v1");
        Some((201, json!({ "kind": kind, "apiVersion": version, "status": status })))
    });
    bao.ask("POST", "secret/data/kms", &json!({ "data": { "password": PASSWORD } }));
    let policy = r#"path "secret/data/kms" { capabilities = ["read"] }"#;
    bao.ask("PUT", "sys/policies/acl/kms", &json!({ "policy": policy }));
    bao.ask("POST", "sys/auth/kubernetes", &json!({ "type": "kubernetes" }));
    let place = locked();
    authority(place.path());
    let ca = std::fs::read_to_string(place.path().join("ca.pem")).expect("a certificate");
    let config = json!({
        "kubernetes_ca_cert": ca, "kubernetes_host": kubernetes.url(), "token_reviewer_jwt": good,
        "disable_iss_validation": true, "disable_local_ca_jwt": true,
    });
    bao.ask("POST", "auth/kubernetes/config", &config);
    let role = json!({
        "bound_service_account_names": ["kms"], "bound_service_account_namespaces": ["pay"],
        "token_policies": ["kms"],
    });
    bao.ask("POST", "auth/kubernetes/role/kms", &role);
    let file = place.path().join("token");
    std::fs::write(&file, &good).expect("written");
    let place = place
        .with("VAULT_ADDR", &bao.url())
        .with("TATUM_KMS_VAULT_PATH", "kms")
        .with("TATUM_KMS_VAULT_KUBERNETES_ROLE", "kms")
        .with("TATUM_KMS_VAULT_KUBERNETES_TOKEN_FILE", file.to_str().expect("a path"));
    opens(&place, "vault");
    std::fs::write(&file, &bad).expect("written");
    fails(&place, "vault", &["check the role, its secret id or service account"]);
    let place = place.with("TATUM_KMS_VAULT_KUBERNETES_TOKEN_FILE", "/nonexistent");
    fails(&place, "vault", &["/nonexistent cannot be read"]);
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
    fails(&place, "vault", &["check the token (it may have expired), its policy"]);
    let place = place.with("TATUM_KMS_VAULT_PATH", "kms/wallet");
    let place = place.with("TATUM_KMS_VAULT_SECRET_ID", "00000000-0000-0000-0000-000000000000");
    fails(&place, "vault", &["check the role, its secret id"]);
    place.with("TATUM_KMS_VAULT_SECRET_ID", &text(&secret["data"]["secret_id"]))
}
