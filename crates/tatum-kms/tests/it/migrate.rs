//! `migrate --check`, beside files that openssl sealed as the original does.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Ran};

const ETH_KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
/// Of EIP-155's example key.
const ETH_ADDRESS: &str = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                      abandon abandon about";

/// A place whose store is the original's, with these wallets.
pub(crate) fn original(wallets: &Value) -> Place {
    let place = Place::new().with("TATUM_API_KEY", "t-secret-api-key");
    seal(&place, &wallets.to_string(), PASSWORD);
    place
}

fn seal(place: &Place, plaintext: &str, password: &str) {
    let store = place.store();
    fs::create_dir_all(store.parent().expect("a folder")).expect("made");
    let mut openssl = Command::new("openssl")
        .args(["enc", "-aes-256-cbc", "-md", "md5", "-base64", "-A", "-pass", "env:SEALS"])
        .args(["-out", store.to_str().expect("a path")])
        .env("SEALS", password)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    openssl.stdin.take().expect("stdin").write_all(plaintext.as_bytes()).expect("written");
    assert!(openssl.wait().expect("it ends").success());
}

fn check(place: &Place) -> Ran {
    place.run(&["migrate", "--check"])
}

/// The result of a check that found something to decide.
fn undecided(place: &Place) -> Value {
    let ran = check(place);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("a decision; see above"), "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn decision<'a>(result: &'a Value, code: &str) -> &'a Value {
    let all = result["decisions"].as_array().expect("a list");
    all.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("no {code} in {result}"))
}

fn codes(result: &Value) -> Vec<&str> {
    let all = result["differences"].as_array().expect("a list").iter();
    all.map(|one| one["code"].as_str().expect("a code")).collect()
}

/// Recordings of the original.
fn vectors(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kms-chains/vectors").join(name);
    serde_json::from_slice(&fs::read(path).expect("vectors")).expect("JSON")
}

/// Everything below a folder: bytes, mode, and when it was changed.
pub(crate) fn picture(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32, i64, i64)> {
    let mut seen = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let file = path.metadata().expect("metadata");
            let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).expect("read") };
            if path.is_dir() {
                folders.push(path.clone());
            }
            seen.insert(path, (bytes, file.mode(), file.mtime(), file.mtime_nsec()));
        }
        let own = folder.metadata().expect("metadata");
        seen.insert(folder, (Vec::new(), own.mode(), own.mtime(), own.mtime_nsec()));
    }
    seen
}

#[test]
fn wallets_that_can_go_over_are_told_with_what_concerns_them_and_three_commands() {
    let mut xrp = vectors("XRP/wallets.json")["cases"][0]["stored"].clone();
    xrp["testnet"] = json!(true);
    let place = original(&json!({
        "k1": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true },
        "x1": xrp,
    }));
    let ran = check(&place);
    let result = ran.json();
    assert_eq!(result["ready"], true, "{result}");
    assert_eq!(result["store"]["format"], "original");
    assert_eq!(result["store"]["wallets"], 2);
    assert_eq!(result["store"]["passwordSource"], "env");
    let codes = codes(&result);
    for applies in ["exit-codes", "foreign-chain-id", "private-key-of-imported", "foreign-account"]
    {
        assert!(codes.contains(&applies), "{applies} in {codes:?}");
    }
    for other in ["algo-fee", "doge-dust", "egld-address", "four-eye-redirect", "api-url"] {
        assert!(!codes.contains(&other), "{other} in {codes:?}");
    }
    let of = |code: &str| {
        let all = result["differences"].as_array().expect("a list");
        all.iter().find(|one| one["code"] == code).expect("a point")["wallets"].clone()
    };
    assert_eq!((of("foreign-chain-id"), of("foreign-account")), (json!(["k1"]), json!(["x1"])));
    let commands = result["commands"].as_array().expect("a list");
    let store = place.store().display().to_string();
    assert_eq!(commands.len(), 3);
    for (command, begins) in
        commands.iter().zip(["daemon --shadow --testnet", "migrate", "daemon --testnet"])
    {
        let command = command.as_str().expect("a text");
        assert_eq!(command, format!("tatum-kms {begins} --path {store}"));
        assert!(ran.stderr.contains(command), "{ran:?}");
    }
    let named = place.run(&["migrate", "--check", "--password-source", "env"]).json();
    assert_eq!(
        named["commands"][1],
        format!("tatum-kms migrate --path {store} --password-source env")
    );
}

#[test]
fn nothing_secret_is_printed() {
    let place = original(&json!({
        "k1": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true },
        "bad": { "privateKey": "not-a-key-but-secret", "chain": "BTC", "testnet": true },
        "p1": { "mnemonic": PHRASE, "chain": "EGLD", "testnet": false },
    }));
    let ran = check(&place);
    assert_eq!(ran.code, Some(1));
    for secret in [&ETH_KEY[2..], "not-a-key", "abandon", PASSWORD, "t-secret-api-key"] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{secret}: {ran:?}");
    }
}

#[test]
fn nothing_changes_on_disk_not_even_where_nothing_can_be_written() {
    let place =
        original(&json!({ "k": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true } }));
    let file = place.path().join("copy.env");
    fs::write(&file, "TESTNET_TYPE=ethereum-sepolia\n").expect("written");
    let arguments = ["migrate", "--check", "--envFile", file.to_str().expect("a path")];
    let before = picture(place.path());
    let ran = place.run(&arguments);
    assert_eq!(ran.json()["environmentFiles"], json!([file]));
    assert_eq!(picture(place.path()), before);
    let folder = place.store().parent().expect("a folder").to_owned();
    fs::set_permissions(place.store(), fs::Permissions::from_mode(0o400)).expect("set");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).expect("set");
    let before = picture(place.path());
    assert_eq!(place.run(&arguments).code, Some(0));
    assert_eq!(picture(place.path()), before);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("set");
}

/// The original recorded: what `getaddress` prints, and what the wallet's key is.
#[test]
fn an_egld_wallet_is_told_with_the_foreign_address_and_its_own() {
    let recorded = vectors("EGLD/wallets.json");
    let cases = recorded["cases"].as_array().expect("cases").iter();
    let cases: Vec<_> = cases.filter(|case| case["kind"] == "mnemonic").collect();
    let wallets = cases
        .iter()
        .map(|case| (case["id"].as_str().expect("an id").to_owned(), case["stored"].clone()));
    let place = original(&Value::Object(wallets.collect()));
    let result = undecided(&place);
    assert_eq!(result["ready"], false);
    let told = decision(&result, "foreign-egld-address")["wallets"].as_array().expect("a list");
    assert_eq!(told.len(), cases.len());
    for case in cases {
        let addresses = result["addresses"].as_array().expect("a list");
        let own = addresses.iter().find(|one| one["signatureId"] == case["id"]).expect("both");
        assert_eq!(own["original"], case["addresses"][0]["address"], "{case}");
        assert_eq!(own["right"], case["libraryOnly"]["addresses"][0]["address"], "{case}");
    }
}

#[test]
fn an_address_or_an_xpub_that_is_not_the_secrets_needs_a_decision() {
    let other = "0x1111111111111111111111111111111111111111";
    let eth = vectors("ETH/wallets.json");
    let [one, two] = [0, 1].map(|place| eth["cases"][place].clone());
    let mut crossed = one["stored"].clone();
    crossed["xpub"] = two["stored"]["xpub"].clone();
    let place = original(&json!({
        "a": { "privateKey": ETH_KEY, "address": other, "chain": "ETH", "testnet": true },
        "good": { "privateKey": ETH_KEY, "address": ETH_ADDRESS, "chain": "ETH", "testnet": true },
        "x": crossed,
    }));
    let result = undecided(&place);
    assert_eq!(decision(&result, "stored-xpub")["wallets"], json!([{ "signatureId": "x" }]));
    let told = decision(&result, "stored-address");
    assert_eq!(told["wallets"], json!([{ "signatureId": "a" }]));
    let of = |case: &Value| case["addresses"][0]["address"].clone();
    assert_eq!(
        result["addresses"],
        json!([
            {
                "signatureId": "a", "type": "PRIVATE_KEY", "chain": "ETH", "testnet": true,
                "why": "stored-address", "original": other, "right": ETH_ADDRESS,
            },
            {
                "signatureId": "x", "type": "MNEMONIC", "chain": "ETH",
                "testnet": one["testnet"], "why": "stored-xpub", "original": of(&two), "right": of(&one),
            },
        ])
    );
}

#[test]
fn what_can_never_sign_is_named_with_its_reason() {
    let place = original(&json!({
        "garbage": { "privateKey": "garbage", "chain": "NOPE", "testnet": false },
        "wif": { "privateKey": "junk", "chain": "BTC", "testnet": false },
        "good": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true },
    }));
    let result = undecided(&place);
    let told = decision(&result, "unusable")["wallets"].as_array().expect("a list").clone();
    let ids: Vec<_> = told.iter().map(|one| one["signatureId"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["garbage", "wif"]);
    assert!(told[0]["problem"].as_str().expect("words").contains("NOPE"), "{told:?}");
}

/// Both addresses are those of viem 2 with the seeds of Node's PBKDF2.
#[test]
fn a_phrase_in_another_spelling_derives_what_it_did_and_both_addresses_are_shown() {
    let doubled = PHRASE.replace(' ', "  ");
    let place = original(&json!({
        "odd": { "mnemonic": doubled, "chain": "ETH", "testnet": false },
        "plain": { "mnemonic": PHRASE, "chain": "ETH", "testnet": false },
    }));
    let result = check(&place).json();
    let both = result["addresses"].as_array().expect("a list");
    assert_eq!(both.len(), 1, "{result}");
    assert_eq!(both[0]["why"], "phrase-spelling");
    assert_eq!(both[0]["right"], "0x9858effd232b4033e47d90003d41ec34ecaeda94");
    assert_eq!(both[0]["original"], "0xf8f96226a98246c0836b3b12764aa9c7d88c5263");
}

#[test]
fn a_wallet_of_the_empty_phrase_needs_a_decision() {
    let recorded = vectors("errors.json");
    let mut cases = recorded["emptyMnemonic"].as_array().expect("cases").iter();
    let celo = cases.find(|case| case["chain"] == "CELO").expect("a case");
    let mut wallet = celo["wallet"].clone();
    wallet["chain"] = json!("CELO");
    wallet["testnet"] = json!(false);
    let place = original(&json!({ "empty": wallet }));
    let result = undecided(&place);
    assert_eq!(result["addresses"][0]["original"], celo["address0"]["address"], "{result}");
    assert_eq!(decision(&result, "empty-phrase")["wallets"], json!([{ "signatureId": "empty" }]));
}

#[test]
fn settings_that_concern_somebody_are_named_and_bad_ones_need_a_decision() {
    let wallets = json!({ "k": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true } });
    let place = original(&wallets)
        .with("TATUM_API_URL", "https://api.example")
        .with("TATUM_KMS_DEBUG_MODE", "true");
    let result = check(&place).json();
    let codes = codes(&result);
    assert!(codes.contains(&"api-url") && codes.contains(&"debug-mode"), "{codes:?}");
    let place = place.with("TATUM_API_URL", "api.example").without("TATUM_API_KEY");
    let result = undecided(&place);
    assert_eq!(decision(&result, "no-api-key")["settings"], json!(["TATUM_API_KEY"]));
    let text = decision(&result, "setting")["text"].as_str().expect("words").to_owned();
    assert!(text.contains("TATUM_API_URL"), "{text}");
}

#[test]
fn a_wrong_password_a_missing_file_and_a_truncated_one_have_their_exit_codes() {
    let place =
        original(&json!({ "k": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true } }));
    let place = place.with("TATUM_KMS_PASSWORD", "another");
    check(&place).fails(3, "password");
    let place = place.with("TATUM_KMS_PASSWORD", PASSWORD);
    let whole = fs::read(place.store()).expect("read");
    fs::write(place.store(), &whole[..whole.len() / 2]).expect("written");
    check(&place).fails(4, "truncated");
    fs::remove_file(place.store()).expect("removed");
    check(&place).fails(4, "No such wallet file");
}

#[test]
fn a_store_that_is_converted_already_is_said_to_be_and_left_alone() {
    let place =
        original(&json!({ "k": { "privateKey": ETH_KEY, "chain": "ETH", "testnet": true } }));
    assert_eq!(place.run(&["migrate"]).code, Some(0));
    let before = picture(place.path());
    let ran = check(&place);
    let result = ran.json();
    assert_eq!((&result["ready"], &result["store"]["format"]), (&json!(true), &json!("current")));
    assert!(ran.stderr.contains("already in the new format"), "{ran:?}");
    assert_eq!(picture(place.path()), before);
}
