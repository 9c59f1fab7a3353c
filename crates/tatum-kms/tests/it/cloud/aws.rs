//! Credentials are found in the same way as by the AWS tools. moto's checks are in
//! `real/secrets.rs`.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::fs;

use serde_json::{Value, json};

use super::{Call, Case, Internet, Reply, SECRET, each_fails, fails, opens, place, rotates};
use crate::program::Place;

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:kms-AbCdEf";
/// The expiry of the keys from the servers below.
const LATER: &str = "2100-01-01T00:00:00Z";

/// `key` is the access key id that is let in, `region` where the secret lies.
fn secret(call: &Call, case: &Case, key: &str, region: &str) -> Reply {
    assert_eq!(call.header("x-amz-target"), "secretsmanager.GetSecretValue");
    let error = |code: &str, message: &str| {
        Reply::json(400, &json!({ "__type": code, "Message": message }))
    };
    let scope = format!("/{region}/secretsmanager/aws4_request");
    let by = format!("AWS4-HMAC-SHA256 Credential={key}/");
    let authorization = call.header("authorization");
    if !authorization.starts_with(&by) || !authorization.contains(&scope) {
        let words = "The security token included in the request is invalid.";
        return error("UnrecognizedClientException", words);
    }
    match case.trouble {
        Some("expired") => {
            let words = "The security token included in the request is expired";
            error("ExpiredTokenException", words)
        }
        Some("denied") => {
            let words = "User: arn:aws:iam::1:user/kms is not authorized to perform: \
                         secretsmanager:GetSecretValue";
            error("AccessDeniedException", words)
        }
        Some("missing") => {
            let words = "Secrets Manager can't find the specified secret.";
            error("ResourceNotFoundException", words)
        }
        Some("clock") => {
            let words = "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z";
            error("InvalidSignatureException", words)
        }
        Some("shape") => Reply::json(200, &json!({ "Value": case.password })),
        Some("garbled") => Reply::text(200, json!(case.password).to_string()),
        Some("silence") => Reply::Silence,
        _ => Reply::json(200, &json!({ "ARN": ARN, "SecretString": case.password })),
    }
}

fn aws_place(internet: &Internet) -> Place {
    place(internet)
        .with("TATUM_KMS_AWS_SECRET_NAME", "kms")
        .with("TATUM_KMS_AWS_REGION", "eu-west-1")
        .with("NO_PROXY", "127.0.0.1")
        .with("AWS_EC2_METADATA_DISABLED", "true")
}

fn with_keys(place: Place) -> Place {
    place
        .with("TATUM_KMS_AWS_ACCESS_KEY_ID", "AKIDOWN")
        .with("TATUM_KMS_AWS_SECRET_ACCESS_KEY", SECRET)
}

/// Only the secret's own host is there.
fn own(call: &Call, case: &Case) -> Reply {
    assert_eq!(call.host, "secretsmanager.eu-west-1.amazonaws.com");
    secret(call, case, "AKIDOWN", "eu-west-1")
}

#[test]
fn aws_gives_the_password_to_a_key() {
    let internet = Internet::start(own);
    let place = with_keys(aws_place(&internet));
    opens(&place, "aws");
    let troubles: &[(_, &[_])] = &[
        ("expired", &["have expired", "ExpiredTokenException", "renew the temporary keys"]),
        ("denied", &["denied access", "is not authorized", "check the access key"]),
        ("missing", &["has no secret kms in region eu-west-1", "TATUM_KMS_AWS_REGION"]),
        ("clock", &["denied access", "Signature expired", "clock"]),
        ("shape", &["cannot be used", "the secret is not text"]),
        ("garbled", &["cannot be used", "it cannot be read"]),
    ];
    each_fails(&internet, &place, "aws", troubles);
    let place = place.with("TATUM_KMS_AWS_ACCESS_KEY_ID", "AKIDOTHER");
    fails(&place, "aws", &["denied access", "UnrecognizedClientException"]);
    rotates(with_keys(place), "aws", &internet);
}

pub(super) fn says_nothing() {
    let internet = Internet::start(own);
    internet.set(Case::trouble("silence"));
    fails(&with_keys(aws_place(&internet)), "aws", &["could not be reached", "check the network"]);
}

#[test]
fn aws_is_asked_in_the_region_of_the_arn() {
    let internet = Internet::start(|call, case| {
        assert_eq!(call.host, "secretsmanager.eu-central-1.amazonaws.com");
        let body: Value = serde_json::from_str(&call.body).expect("JSON");
        assert_eq!(body, json!({ "SecretId": ARN }));
        secret(call, case, "AKIDOWN", "eu-central-1")
    });
    let place = with_keys(aws_place(&internet)).with("TATUM_KMS_AWS_SECRET_NAME", ARN);
    let words = ["TATUM_KMS_AWS_REGION is eu-west-1", "ARN has region eu-central-1"];
    fails(&place, "aws", &words);
    opens(&place.without("TATUM_KMS_AWS_REGION").with("AWS_REGION", "us-east-1"), "aws");
}

#[test]
fn aws_needs_a_region_and_credentials() {
    let internet = Internet::start(own);
    let place = aws_place(&internet);
    fails(&place, "aws", &["no credentials were found", "give the machine a role"]);
    let place = with_keys(place).without("TATUM_KMS_AWS_REGION");
    fails(&place, "aws", &["no region is set", "set TATUM_KMS_AWS_REGION"]);
    let place = place.with("TATUM_KMS_AWS_REGION", "eu-west-1");
    fails(&place.without("TATUM_KMS_AWS_ACCESS_KEY_ID"), "aws", &["go together"]);
}

#[test]
fn aws_takes_what_its_own_tools_have_in_a_file_of_variables_and_in_profiles() {
    let internet = Internet::start(|call, case| {
        assert_eq!(call.header("x-amz-security-token"), "a-session");
        secret(call, case, "AKIDOWN", "eu-west-1")
    });
    let place = aws_place(&internet).without("TATUM_KMS_AWS_REGION");
    let keys = format!(
        "AWS_ACCESS_KEY_ID=AKIDOWN\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN=a-session\n"
    );
    let env = place.write(".env", &format!("{keys}AWS_DEFAULT_REGION=eu-west-1\n"), 0o600);
    opens(&place, "aws");
    fs::write(env, "AWS_PROFILE=kms\n").expect("written");
    fs::create_dir(place.path().join(".aws")).expect("made");
    let lines = keys.to_lowercase().replace("akidown", "AKIDOWN");
    let lines = lines.replace(&SECRET.to_lowercase(), SECRET);
    place.write(".aws/credentials", &format!("[kms]\n{lines}"), 0o600);
    place.write(".aws/config", "[profile kms]\nregion = eu-west-1\n", 0o600);
    opens(&place, "aws");
}

#[test]
fn aws_gives_the_password_to_a_web_identity() {
    let internet = Internet::start(|call, case| match call.host.as_str() {
        "sts.eu-west-1.amazonaws.com" => {
            assert!(call.body.contains("Action=AssumeRoleWithWebIdentity"), "{}", call.body);
            assert!(call.body.contains("WebIdentityToken=a.federated.token"), "{}", call.body);
            match case.trouble {
                Some("expired") => Reply::text(
                    400,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>Token \
                     expired: current date/time must be before the expiration \
                     date/time</Message></Error></ErrorResponse>",
                ),
                Some("denied") => Reply::text(
                    403,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not \
                     authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error>\
                     </ErrorResponse>",
                ),
                _ => Reply::text(200, of_role()),
            }
        }
        _ => secret(call, case, "ASIAROLE", "eu-west-1"),
    });
    let place = aws_place(&internet);
    let token = place.write("token", "a.federated.token", 0o600);
    let place = place
        .with("AWS_REGION", "eu-west-1")
        .with("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/kms")
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().expect("a path"));
    opens(&place, "aws");
    internet.set(Case::trouble("expired"));
    fails(&place, "aws", &["have expired", "Token expired"]);
    internet.set(Case::trouble("denied"));
    fails(
        &place,
        "aws",
        &["denied access", "Not authorized to perform sts:AssumeRole", "check the role"],
    );
}

fn of_role() -> String {
    format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
         <SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>a session</SessionToken>\
         <Expiration>{LATER}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
         </AssumeRoleWithWebIdentityResponse>"
    )
}

/// Credentials in the form that containers and instances get.
fn of_machine() -> Reply {
    Reply::json(
        200,
        &json!({
            "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": "ASIAMACHINE", "SecretAccessKey": SECRET, "Token": "a session",
            "Expiration": LATER,
        }),
    )
}

#[test]
fn aws_gives_the_password_to_a_container() {
    let internet = Internet::start(|call, case| match call.path.as_str() {
        "/v2/credentials/1" if call.header("authorization") == SECRET => of_machine(),
        "/v2/credentials/1" => Reply::json(401, &json!({ "code": "AccessDenied" })),
        _ => secret(call, case, "ASIAMACHINE", "eu-west-1"),
    });
    let url = format!("{}/v2/credentials/1", internet.url());
    let place = aws_place(&internet).with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    opens(&place.with("AWS_CONTAINER_AUTHORIZATION_TOKEN", SECRET), "aws");
}

#[test]
fn aws_gives_the_password_to_an_instance() {
    let internet = Internet::start(|call, case| {
        let meta = "/latest/meta-data/iam/security-credentials";
        match call.path.trim_end_matches('/') {
            "/latest/api/token" => {
                Reply::text(200, "a token").with("x-aws-ec2-metadata-token-ttl-seconds", "21600")
            }
            path if path == meta => Reply::text(200, "kms-role"),
            path if path.starts_with(meta) => {
                assert_eq!(call.header("x-aws-ec2-metadata-token"), "a token");
                of_machine()
            }
            "/latest/meta-data/placement/region" => Reply::text(200, "eu-west-1"),
            path if path.starts_with("/latest") => Reply::text(404, ""),
            _ => secret(call, case, "ASIAMACHINE", "eu-west-1"),
        }
    });
    let place = aws_place(&internet)
        .without("AWS_EC2_METADATA_DISABLED")
        .without("TATUM_KMS_AWS_REGION")
        .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", &internet.url());
    opens(&place, "aws");
}

/// SHA-1 of `main`, the session's name, by which the AWS tools keep its token.
const SESSION_FILE: &str = "b28b7af69320201d1cf206ebf28373980add1451.json";

#[test]
fn aws_gives_the_password_to_who_is_logged_in_with_sso() {
    let internet = Internet::start(|call, case| match call.host.as_str() {
        "portal.sso.eu-west-1.amazonaws.com" => {
            assert_eq!(call.header("x-amz-sso_bearer_token"), "an sso token");
            let keys = json!({
                "accessKeyId": "ASIASSO", "secretAccessKey": SECRET, "sessionToken": "a session",
                "expiration": 4_102_444_800_000_u64,
            });
            Reply::json(200, &json!({ "roleCredentials": keys }))
        }
        _ => secret(call, case, "ASIASSO", "eu-west-1"),
    });
    let place = aws_place(&internet).with("AWS_PROFILE", "kms");
    fs::create_dir_all(place.path().join(".aws/sso/cache")).expect("made");
    let config = "[profile kms]\nsso_session = main\nsso_account_id = 123456789012\n\
                  sso_role_name = kms\n[sso-session main]\nsso_region = eu-west-1\n\
                  sso_start_url = https://example.awsapps.com/start\n";
    place.write(".aws/config", config, 0o600);
    let login = |until: &str| {
        let token = json!({ "accessToken": "an sso token", "expiresAt": until });
        place.write(&format!(".aws/sso/cache/{SESSION_FILE}"), &token.to_string(), 0o600);
    };
    login(LATER);
    opens(&place, "aws");
    login("2020-01-01T00:00:00Z");
    fails(&place, "aws", &["have expired", "aws sso login"]);
}
