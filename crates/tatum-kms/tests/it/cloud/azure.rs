//! <https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret>
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>

use std::fs;

use serde_json::json;

use super::{Call, Case, Internet, Reply, SECRET, each_fails, fails, opens, place, rotates};
use crate::program::Place;

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const VAULT: &str = "my-vault.vault.azure.net";

fn azure(call: &Call, case: &Case) -> Reply {
    match call.host.as_str() {
        VAULT => vault(call, case),
        "login.microsoftonline.com" => token(call, case),
        "169.254.169.254" => machine(call),
        _ => service(call),
    }
}

fn vault(call: &Call, case: &Case) -> Reply {
    let path = call.path.split('?').next();
    assert_eq!(path, Some("/secrets/kms-password/0123abcd"));
    if call.header("authorization") != "Bearer good" {
        let challenge = format!(
            "Bearer authorization=\"https://login.microsoftonline.com/{TENANT}\", \
             resource=\"https://vault.azure.net\""
        );
        return Reply::text(401, "").with("www-authenticate", challenge);
    }
    let error = |status, code: &str, message: &str| {
        Reply::json(status, &json!({ "error": { "code": code, "message": message } }))
    };
    match case.trouble {
        Some("denied") => error(
            403,
            "Forbidden",
            "The user, group or application 'appid=app' does not have secrets get permission",
        ),
        Some("missing") => {
            error(404, "SecretNotFound", "A secret was not found in this key vault.")
        }
        Some("shape") => Reply::json(200, &json!({ "data": [{ "value": case.password }] })),
        Some("garbled") => Reply::text(200, json!(case.password).to_string()),
        Some("busy") => error(503, "ServiceUnavailable", "the service is busy"),
        Some("silence") => Reply::Silence,
        _ => Reply::json(
            200,
            &json!({
                "value": case.password,
                "id": format!("https://{VAULT}/secrets/kms-password/0123abcd"),
                "attributes": { "enabled": true, "created": 1_700_000_000, "updated": 1_700_000_000 },
            }),
        ),
    }
}

fn good() -> Reply {
    let token = json!({ "token_type": "Bearer", "expires_in": 3_600, "access_token": "good" });
    Reply::json(200, &token)
}

fn token(call: &Call, case: &Case) -> Reply {
    assert_eq!(call.path, format!("/{TENANT}/oauth2/v2.0/token"));
    let form: Vec<_> = url::form_urlencoded::parse(call.body.as_bytes()).into_owned().collect();
    let has = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
    assert!(has("client_id", "app") && has("scope", "https://vault.azure.net/.default"));
    assert!(has("grant_type", "client_credentials"));
    let error = |status, code: u32, words: &str| {
        let told = format!("AADSTS{code}: {words} Trace ID: 1 Correlation ID: 2");
        let name = "invalid_client";
        let body = json!({ "error": name, "error_description": told, "error_codes": [code] });
        Reply::json(status, &body)
    };
    match case.trouble {
        Some("expired") => {
            error(401, 7_000_222, "The provided client secret keys for app 'app' are expired.")
        }
        Some("over") => error(401, 700_024, "Client assertion is not within its valid time range."),
        Some("no login") => Reply::text(503, "busy"),
        _ if has("client_secret", SECRET) || has("client_assertion", "a.federated.token") => good(),
        _ => error(401, 7_000_215, "Invalid client secret provided."),
    }
}

/// Of a virtual machine.
fn machine(call: &Call) -> Reply {
    assert_eq!(call.header("metadata"), "true");
    assert!(call.path.starts_with("/metadata/identity/oauth2/token?"), "{}", call.path);
    assert!(call.path.contains("resource=https%3A%2F%2Fvault.azure.net"), "{}", call.path);
    if call.path.contains("client_id=unknown") {
        Reply::json(400, &json!({ "error": "invalid_request" }))
    } else {
        of_machine()
    }
}

fn of_machine() -> Reply {
    let token = json!({
        "access_token": "good", "refresh_token": "", "token_type": "Bearer",
        "resource": "https://vault.azure.net", "expires_in": "3599", "expires_on": "4102444800",
        "not_before": "1700000000",
    });
    Reply::json(200, &token)
}

/// Of App Service.
fn service(call: &Call) -> Reply {
    assert!(call.path.starts_with("/msi/token?"), "{} {}", call.host, call.path);
    assert_eq!(call.header("x-identity-header"), SECRET);
    of_machine()
}

fn azure_place(internet: &Internet) -> Place {
    place(internet)
        .with("TATUM_KMS_AZURE_VAULTURL", VAULT)
        .with("TATUM_KMS_AZURE_SECRETNAME", "kms-password")
        .with("TATUM_KMS_AZURE_SECRETVERSION", "0123abcd")
}

fn with_secret(place: Place) -> Place {
    let place = place.with("AZURE_TENANT_ID", TENANT).with("AZURE_CLIENT_ID", "app");
    place.with("AZURE_CLIENT_SECRET", SECRET)
}

#[test]
fn azure_gives_the_password_to_an_application_with_a_secret() {
    let internet = Internet::start(azure);
    let place = with_secret(azure_place(&internet));
    opens(&place, "azure");
    let troubles: &[(_, &[_])] = &[
        (
            "denied",
            &["Azure Key Vault denied access", "secrets get permission", "give the identity"],
        ),
        ("missing", &["has no secret kms-password in vault my-vault", "check", "SECRETNAME"]),
        ("shape", &["cannot be used", "it has no `value`"]),
        ("garbled", &["cannot be used", "not a secret's JSON"]),
        ("busy", &["could not be reached", "the service is busy", "try again"]),
        ("expired", &["have expired", "AADSTS7000222", "create a new client secret"]),
        ("no login", &["cannot be used", "it cannot be read"]),
    ];
    each_fails(&internet, &place, "azure", troubles);
    let place = place.with("AZURE_CLIENT_SECRET", "another");
    fails(&place, "azure", &["denied access", "AADSTS7000215", "check AZURE_TENANT_ID"]);
    rotates(place.with("AZURE_CLIENT_SECRET", SECRET), "azure", &internet);
}

pub(super) fn says_nothing() {
    let internet = Internet::start(azure);
    internet.set(Case::trouble("silence"));
    let place = with_secret(azure_place(&internet));
    fails(&place, "azure", &["could not be reached: no answer within 30 seconds"]);
}

#[test]
fn azure_takes_what_a_file_of_variables_says_of_the_application() {
    let internet = Internet::start(azure);
    let place = azure_place(&internet);
    let variables =
        format!("AZURE_TENANT_ID={TENANT}\nAZURE_CLIENT_ID=app\nAZURE_CLIENT_SECRET={SECRET}\n");
    place.write(".env", &variables, 0o600);
    opens(&place, "azure");
    let told = place.run(&["checkconfig", "--azure"]).stdout;
    assert!(told.contains("AZURE_CLIENT_SECRET is set") && !told.contains(SECRET), "{told}");
    let place = place.with("TATUM_KMS_AZURE_LOGIN", "workload");
    place.run(&["list", "--azure"]).fails(2, "AZURE_FEDERATED_TOKEN_FILE is not set");
    let told = place.run(&["checkconfig", "--azure"]).stdout;
    assert!(told.contains("AZURE_FEDERATED_TOKEN_FILE is missing"), "{told}");
    let place = place.with("TATUM_KMS_AZURE_LOGIN", "magic");
    place.run(&["list", "--azure"]).fails(2, "is not one of secret, workload, managed and cli");
}

#[test]
fn azure_gives_the_password_to_a_workload() {
    let internet = Internet::start(azure);
    let place = azure_place(&internet);
    let token = place.write("token", "a.federated.token", 0o600);
    let place = place
        .with("AZURE_TENANT_ID", TENANT)
        .with("AZURE_CLIENT_ID", "app")
        .with("AZURE_FEDERATED_TOKEN_FILE", token.to_str().expect("a path"));
    opens(&place, "azure");
    internet.set(Case::trouble("over"));
    fails(&place, "azure", &["have expired", "AADSTS700024", "clock"]);
    internet.set(Case::good());
    place.write("token", "another.token", 0o600);
    fails(&place, "azure", &["denied access", "AZURE_FEDERATED_TOKEN_FILE"]);
    let place = place.with("AZURE_FEDERATED_TOKEN_FILE", "/nonexistent");
    fails(&place, "azure", &["Azure Key Vault cannot be used", "from file /nonexistent"]);
}

#[test]
fn azure_gives_the_password_to_a_machine_and_to_an_app() {
    let internet = Internet::start(azure);
    let machine = azure_place(&internet).with("HTTP_PROXY", &internet.url());
    opens(&machine, "azure");
    opens(&machine.with("AZURE_CLIENT_ID", "one-of-its-identities"), "azure");
    let machine = azure_place(&internet)
        .with("HTTP_PROXY", &internet.url())
        .with("AZURE_CLIENT_ID", "unknown");
    let words =
        ["denied access", "has not been assigned to this resource", "TATUM_KMS_AZURE_LOGIN=cli"];
    fails(&machine, "azure", &words);
    let app = azure_place(&internet)
        .with("IDENTITY_ENDPOINT", &format!("{}/msi/token", internet.url()))
        .with("IDENTITY_HEADER", SECRET);
    opens(&app, "azure");
}

pub(super) fn has_no_identity() {
    let internet = Internet::start(azure);
    let place = azure_place(&internet).with("HTTP_PROXY", "http://127.0.0.1:9");
    let words = ["this machine has no managed identity", "assign an identity to the machine"];
    fails(&place, "azure", &words);
}

#[test]
fn azure_gives_the_password_to_who_is_logged_in_with_its_tool() {
    let internet = Internet::start(azure);
    let place = azure_place(&internet).with("TATUM_KMS_AZURE_LOGIN", "cli");
    let tools = place.path().join("tools");
    fs::create_dir(&tools).expect("made");
    let path = format!("{}:/usr/bin:/bin", tools.display());
    let place = place.with("PATH", &path);
    fails(&place, "azure", &["az not found on PATH", "az login"]);
    let tool = |script: &str| {
        place.write("tools/az", &format!("#!/bin/sh\n{script}\n"), 0o700);
    };
    let seen = place.path().join("seen");
    tool(&format!(
        "env >{}; echo \"$*\" >>{0}; echo '{}'",
        seen.display(),
        json!({ "accessToken": "good", "expires_on": 4_102_444_800_u64, "tokenType": "Bearer" })
    ));
    opens(&place, "azure");
    let seen = fs::read_to_string(seen).expect("written");
    assert!(seen.contains("account get-access-token"), "{seen}");
    assert!(!seen.contains("TATUM") && !seen.contains("key of the API"), "{seen}");
    tool("echo 'ERROR: Please run az login to setup account.' >&2; exit 1");
    fails(&place, "azure", &["denied access", "Please run az login", "log in with `az login`"]);
    tool("echo 'AADSTS700082: The refresh token has expired due to inactivity.' >&2; exit 1");
    fails(&place, "azure", &["have expired", "log in again with `az login`"]);
}
