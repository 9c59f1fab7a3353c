//! <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access>
//! <https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token>

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Call, Case, Internet, Reply, SECRET, each_fails, fails, opens, place, rotates};
use crate::program::{PASSWORD, Place};

const VERSION: &str = "/v1/projects/p/secrets/s/versions/latest:access";

fn google(call: &Call, case: &Case) -> Reply {
    match call.host.as_str() {
        "secretmanager.googleapis.com" => secret(call, case),
        "oauth2.googleapis.com" => person(call, case),
        "sts.googleapis.com" => federated(call),
        _ => machine(call),
    }
}

fn secret(call: &Call, case: &Case) -> Reply {
    assert_eq!(call.path.split('?').next(), Some(VERSION));
    let error = |code: u16, status: &str, message: &str| {
        let error = json!({ "code": code, "message": message, "status": status });
        Reply::json(code, &json!({ "error": error }))
    };
    let payload = |text: &str| {
        let data = data_encoding::BASE64.encode(text.as_bytes());
        let name = "projects/1/secrets/s/versions/1";
        Reply::json(200, &json!({ "name": name, "payload": { "data": data } }))
    };
    let bearer = call.header("authorization");
    if bearer != "Bearer good" && !bearer.starts_with("Bearer ey") {
        let words = "Request had invalid authentication credentials.";
        return error(401, "UNAUTHENTICATED", words);
    }
    match case.trouble {
        Some("denied") => {
            let words = "Permission 'secretmanager.versions.access' denied for resource";
            error(403, "PERMISSION_DENIED", words)
        }
        Some("missing") => {
            error(404, "NOT_FOUND", "Secret [projects/1/secrets/s] not found or has no versions.")
        }
        Some("disabled") => {
            let words = "Secret Version [projects/1/secrets/s/versions/1] is in DISABLED state.";
            error(400, "FAILED_PRECONDITION", words)
        }
        Some("shape") => Reply::json(200, &json!({ "data": case.password })),
        Some("garbled") => Reply::text(200, json!(case.password).to_string()),
        Some("not text") => Reply::json(
            200,
            &json!({ "payload": { "data": data_encoding::BASE64.encode(&[255]) } }),
        ),
        Some("member") => payload(&json!({ "password": case.password }).to_string()),
        Some("silence") => Reply::Silence,
        _ => payload(&case.password),
    }
}

/// A person's login.
fn person(call: &Call, case: &Case) -> Reply {
    assert_eq!(call.path, "/token");
    match case.trouble {
        Some("expired") => {
            let told = "Token has been expired or revoked.";
            Reply::json(400, &json!({ "error": "invalid_grant", "error_description": told }))
        }
        _ => token(),
    }
}

fn federated(call: &Call) -> Reply {
    assert_eq!(call.path, "/v1/token");
    assert!(call.body.contains("a.federated.token"), "{}", call.body);
    token()
}

/// The metadata of a machine.
fn machine(call: &Call) -> Reply {
    assert_eq!(call.header("metadata-flavor"), "Google");
    if call.path.contains("/service-accounts/default/token") {
        token()
    } else {
        Reply::text(404, "")
    }
}

fn token() -> Reply {
    let token = json!({
        "access_token": "good", "expires_in": 3_599, "token_type": "Bearer",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    Reply::json(200, &token)
}

fn google_place(internet: &Internet) -> Place {
    place(internet).with("TATUM_KMS_GOOGLE_SECRET", "projects/p/secrets/s")
}

fn with_account(place: Place, account: &Value) -> Place {
    let file = place.write("account.json", &account.to_string(), 0o600);
    place.with("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().expect("a path"))
}

fn with_service_account(place: Place) -> Place {
    let key = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .stderr(Stdio::null())
        .output()
        .expect("openssl runs");
    let account = json!({
        "type": "service_account", "project_id": "p", "private_key_id": "1",
        "private_key": String::from_utf8_lossy(&key.stdout),
        "client_email": "kms@p.iam.gserviceaccount.com", "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    with_account(place, &account)
}

#[test]
fn google_gives_the_password_to_a_service_account() {
    let internet = Internet::start(google);
    let place = with_service_account(google_place(&internet));
    opens(&place, "google");
    let troubles: &[(_, &[_])] = &[
        ("denied", &["denied access", "versions.access", "roles/secretmanager.secretAccessor"]),
        ("missing", &["has no secret projects/p/secrets/s", "check", "TATUM_KMS_GOOGLE_SECRET"]),
        ("disabled", &["cannot be used", "DISABLED state"]),
        ("shape", &["cannot be used", "it has no payload"]),
        ("garbled", &["Google Secret Manager", "it cannot be read"]),
        ("not text", &["cannot be used", "the secret is not text"]),
    ];
    each_fails(&internet, &place, "google", troubles);
    let place = place.with("TATUM_KMS_GOOGLE_SECRET_KEY", "password");
    fails(&place, "google", &["is not a JSON object", "unset TATUM_KMS_GOOGLE_SECRET_KEY"]);
    internet.set(Case::trouble("member"));
    opens(&place, "google");
    internet.set(Case::good());
    let place = place.without("TATUM_KMS_GOOGLE_SECRET_KEY");
    let place = place.with("TATUM_KMS_GOOGLE_SECRET", "s");
    fails(&place, "google", &["is not projects/P/secrets/S"]);
    let place = place.with("TATUM_KMS_GOOGLE_SECRET", "projects/p/secrets/s");
    rotates(place, "google", &internet);
}

pub(super) fn says_nothing() {
    let internet = Internet::start(google);
    internet.set(Case::trouble("silence"));
    let place = with_service_account(google_place(&internet));
    fails(&place, "google", &["could not be reached: no answer within 30 seconds"]);
}

#[test]
fn google_gives_the_password_to_a_person_until_the_login_is_over() {
    let internet = Internet::start(google);
    let account = json!({
        "type": "authorized_user", "client_id": "1", "client_secret": "x", "refresh_token": SECRET,
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    let place = with_account(google_place(&internet), &account);
    opens(&place, "google");
    internet.set(Case::trouble("expired"));
    fails(&place, "google", &["have expired", "gcloud auth application-default login"]);
}

#[test]
fn google_gives_the_password_to_a_machine_and_to_a_federated_workload() {
    let internet = Internet::start(google);
    let host = internet.url().trim_start_matches("http://").to_owned();
    opens(&google_place(&internet).with("GCE_METADATA_HOST", &host), "google");
    let place = google_place(&internet);
    let token = place.write("token", "a.federated.token", 0o600);
    let account = json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": { "file": token },
    });
    opens(&with_account(place, &account), "google");
}

#[test]
fn google_wants_credentials() {
    let internet = Internet::start(google);
    let place = google_place(&internet).with("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent");
    fails(&place, "google", &["Google Secret Manager", "GOOGLE_APPLICATION_CREDENTIALS"]);
    place.write(".env", "GOOGLE_APPLICATION_CREDENTIALS=account.json\n", 0o600);
    let place = place.without("GOOGLE_APPLICATION_CREDENTIALS");
    let ran = place.run(&["list", "--password-source", "google"]);
    ran.fails(2, "is set in a .env file");
    let place = with_account(google_place(&internet), &json!({ "type": "magic", "x": PASSWORD }));
    fails(&place, "google", &["Google Secret Manager"]);
}
