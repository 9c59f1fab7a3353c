//! Files of real tools, and the addresses that these tools show. `files/README.md` says which
//! tool made each.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot set its scene must fail"
)]

use kms_core::{Chain, Network, PublicKey};
use kms_import::{
    Contents, ElectrumPhrase, Format, ImportError, KeyFile, Secret, Target, Wishes, electrum_phrase,
};
use kms_keys::SeedAlgorithm;
use kms_secret::{Mnemonic, Password};

const PASSWORD: &str = "test password";
/// The account of the key of 32 bytes of 7, by ethers, web3.js and eth-account.
const SEVENS: &str = "0x4a62316623ad457f02cdc5d997ded67a383ec569";
/// The same key in Bitcoin, by Electrum.
const SEVENS_BTC: &str = "bc1q50rtrmj2f8vl9tem8qpfw36ylw5jg9j29e5za5";
const SEVENS_SOL: &str = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
const SEVENS_EGLD: &str = "erd1af9xcclzn3fq40h42pa3xtk9lx25wa4wh6l8hyjzrm4xj9zx6gkq38dn52";
const SEVENS_ALGO: &str = "5JFGYY7CTRJAVPXVKB5RGLWF7GKUO5VOX27HXESCD3VGSFCG2IWAKDM5YU";
const SEVENS_ADA: &str = "addr1vx9jrppy446d7fwntsh23cy55nzutt4jew6yysvnx9tfxychfqm3y";
/// The phrase's key at m/1852'/1815'/0'/0/0, by pycardano and the serialization library.
const PHRASE_ADA: &str = "addr1vy8ac7qqy0vtulyl7wntmsxc6wex80gvcyjy33qffrhm7ss7lxrqp";
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                      abandon abandon about";
const WIF: &str = "KwTNVQ9B4wXUfnTF6e1EQkTHJwbzeFGYyK7NdopxuJjQYvQkAxtA";
/// A seed of 16 bytes of 7, and both its accounts, by ripple-keypairs and xrpl.js 4.6.
const XRP_SEED: &str = "sp8y8kecNjy88BZRr9U991iiRzFNf";
const XRP_SECP256K1: &str = "rLpgximdBvEHy8TxUwyj6mjCRNcJju5qGG";
const XRP_ED25519: &str = "rEhh6f9rj5UUBhFzGGaxS5zYU2CCqKFXBC";
const XRP_ED25519_SEED: &str = "sEdSPx8CLbFUna3DJdvJ74aQPLdemqu";

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("files/", $name))
    };
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    chain: &'a str,
    network: Network,
    password: &'a str,
    wishes: Wishes,
}

fn asked(chain: &str) -> Asked<'_> {
    Asked { chain, network: Network::Mainnet, password: PASSWORD, wishes: Wishes::default() }
}

fn open(file: impl AsRef<[u8]>, asked: Asked<'_>) -> Result<Contents, ImportError> {
    let chain: &dyn Chain = kms_chains::find_wallet_code(asked.chain).expect("a chain");
    let network = asked.network;
    let target = Target {
        chain: chain.spec().id.as_str(),
        keys: &chain.spec().key,
        network,
        address_of: &|key: &PublicKey| Some(chain.address(network, key).ok()?.as_str().to_owned()),
        wishes: asked.wishes,
    };
    let password = Password::new(asked.password.to_owned());
    KeyFile::recognise(file.as_ref())?.open(&target, Some(&password))
}

fn addresses(contents: &Contents) -> Vec<&str> {
    contents.found.iter().map(|found| found.address.as_str()).collect()
}

/// The one address of a file whose chain has the format.
fn address(file: &str, chain: &str) -> String {
    let contents = open(file, asked(chain)).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(contents.found.len(), 1, "{file}");
    contents.found[0].address.clone()
}

fn refusal(file: &str, chain: &str) -> String {
    open(file, asked(chain)).expect_err(file).to_string()
}

fn secret(contents: &Contents) -> &str {
    match &contents.found[0].secret {
        Secret::Key(text) | Secret::Phrase(text) => text.expose(),
    }
}

#[test]
fn keystore_files_of_version_3_open_whoever_wrote_them() {
    for file in [
        file!("ethers.json"),
        file!("web3js.json"),
        file!("eth-account-scrypt.json"),
        file!("eth-account-pbkdf2.json"),
        file!("foundry.json"),
        file!("thor-devkit.json"),
        file!("vechain.json"),
        file!("xdc3.json"),
        file!("harmony-js.json"),
        file!("kaia-v3.json"),
    ] {
        assert_eq!(KeyFile::recognise(file.as_bytes()).unwrap().format(), Format::Web3);
        assert_eq!(address(file, "ETH"), SEVENS);
        let wrong = Asked { password: "test passworD", ..asked("ETH") };
        assert_eq!(open(file, wrong).unwrap_err(), ImportError::WrongPassword);
    }
    assert_eq!(address(file!("trust-key.json"), "ETH"), SEVENS);
    assert_eq!(address(file!("xdc3.json"), "XDC"), "xdc4a62316623ad457f02cdc5d997ded67a383ec569");
}

#[test]
fn a_key_without_its_leading_zeros_is_padded() {
    assert_eq!(
        address(file!("short-key-31.json"), "ETH"),
        "0x2771edf80c74dc98001f434d475b313deaa623ea"
    );
    assert_eq!(
        address(file!("short-key-30.json"), "ETH"),
        "0x9b5a594fa8318f8f64c805ca7d4922e932720698"
    );
}

#[test]
fn an_address_that_is_not_the_keys_is_refused_with_both_named() {
    let own = "\"address\":\"4a62316623ad457f02cdc5d997ded67a383ec569\"";
    let file = file!("ethers.json");
    assert!(file.contains(own));
    for same in [
        "0x4a62316623ad457F02cDC5D997deD67a383EC569",
        "xdc4a62316623ad457f02cdc5d997ded67a383ec569",
        "one1ff3rze3r44zh7qkdchve0hkk0gura3tf64t2zg",
        "",
    ] {
        let file = file.replace(own, &format!("\"address\":\"{same}\""));
        assert_eq!(address(&file, "ETH"), SEVENS, "{same}");
    }
    let other = "0x1111111111111111111111111111111111111111";
    let file = file.replace(own, &format!("\"address\":\"{other}\""));
    let error = refusal(&file, "ETH");
    assert!(error.contains(other) && error.contains(SEVENS), "{error}");
    let wishes = Wishes { ignore_file_address: true, ..Wishes::default() };
    let contents = open(&file, Asked { wishes, ..asked("ETH") }).unwrap();
    assert_eq!(addresses(&contents), [SEVENS]);
    assert!(contents.found[0].notes[0].contains(other));
}

#[test]
fn a_password_is_tried_in_its_normal_form_too() {
    for typed in ["caf\u{e9} 1", "cafe\u{301} \u{2460}"] {
        let contents = open(file!("ethers-nfkc.json"), Asked { password: typed, ..asked("ETH") });
        assert_eq!(addresses(&contents.unwrap()), [SEVENS], "{typed}");
    }
}

#[test]
fn the_phrase_that_ethers_adds_is_said_to_stay_behind() {
    let contents = open(file!("ethers-phrase.json"), asked("ETH")).unwrap();
    assert_eq!(addresses(&contents), ["0x9858effd232b4033e47d90003d41ec34ecaeda94"]);
    assert!(contents.left[0].contains("m/44'/60'/0'/0/0"), "{:?}", contents.left);
    assert!(open(file!("ethers.json"), asked("ETH")).unwrap().left.is_empty());
}

#[test]
fn trust_wallets_phrase_is_taken_where_its_own_address_is_ours() {
    let contents = open(file!("trust-phrase.json"), asked("ETH")).unwrap();
    assert_eq!(addresses(&contents), ["0x9858effd232b4033e47d90003d41ec34ecaeda94"]);
    assert_eq!(contents.found[0].secret.kind(), "phrase");
    assert_eq!(secret(&contents), PHRASE);
    for (chain, theirs, path) in [
        ("BTC", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "m/84'/0'/0'/0/0"),
        ("SOL", "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL", "m/44'/501'/0'"),
        // Trust Wallet shows Ethereum's account on Polygon too.
        ("MATIC", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94", "m/44'/60'/0'/0/0"),
    ] {
        let error = refusal(file!("trust-phrase.json"), chain);
        assert!(error.contains(theirs) && error.contains(path), "{error}");
    }
    assert_eq!(address(file!("trust-key-solana.json"), "SOL"), SEVENS_SOL);
}

#[test]
fn kaias_files_open_where_the_account_is_the_keys() {
    assert_eq!(address(file!("kaia-v4.json"), "KLAY"), SEVENS);
    assert_eq!(address(file!("kaia-walletkey.txt"), "KLAY"), SEVENS);
    for changed in [file!("kaia-v4-changed.json"), file!("kaia-walletkey-changed.txt")] {
        let error = refusal(changed, "KLAY");
        assert!(error.contains("0x1111111111111111111111111111111111111111"), "{error}");
        assert!(error.contains(SEVENS), "{error}");
    }
    let roles = file!("kaia-v4-roles.json");
    assert!(refusal(roles, "KLAY").contains("several keys"));
    let wishes = Wishes { ignore_file_address: true, ..Wishes::default() };
    let contents = open(roles, Asked { wishes, ..asked("KLAY") }).unwrap();
    assert_eq!(
        addresses(&contents),
        [
            SEVENS,
            "0x99c851eaa3c3976914d63b822c67e201ec0bfbb8",
            "0x58da990a8f4a3a6ca7cb6315d68a140105917352"
        ]
    );
}

#[test]
fn multiversx_files_of_both_kinds_and_pem_open() {
    assert_eq!(address(file!("multiversx-key.json"), "EGLD"), SEVENS_EGLD);
    assert_eq!(address(file!("multiversx.pem"), "EGLD"), SEVENS_EGLD);
    let contents = open(file!("multiversx-phrase.json"), asked("EGLD")).unwrap();
    assert_eq!(
        addresses(&contents),
        ["erd1sqhjrtmsn5yjk6w85099p8v0ly0g8z9pxeqe5dvu5rlf2n7vq3vqytny9g"]
    );
    assert_eq!(secret(&contents), PHRASE);
    let without_kind = file!("multiversx-key.json").replace("\"kind\":\"secretKey\",", "");
    assert_ne!(without_kind, file!("multiversx-key.json"));
    assert_eq!(address(&without_kind, "EGLD"), SEVENS_EGLD);
    let wrong = Asked { password: "wrong", ..asked("EGLD") };
    let error = open(file!("multiversx-key.json"), wrong).unwrap_err();
    assert_eq!(error, ImportError::WrongPassword);
    let other = "erd1sqhjrtmsn5yjk6w85099p8v0ly0g8z9pxeqe5dvu5rlf2n7vq3vqytny9g";
    let foreign = file!("multiversx.pem").replace(SEVENS_EGLD, other);
    assert!(refusal(&foreign, "EGLD").contains(other));
    let pair = "0707070707070707070707070707070707070707070707070707070707070707\
                ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
    assert_eq!(address(pair, "EGLD"), SEVENS_EGLD);
}

#[test]
fn solanas_keys_open_in_every_spelling_and_addresses_are_not_taken_for_seeds() {
    let seed = format!("[{}]", ["7"; 32].join(", "));
    for spelling in [
        file!("solana-id.json"),
        file!("solana-base58.txt"),
        &seed,
        "US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx",
        &"07".repeat(32),
    ] {
        assert_eq!(address(spelling, "SOL"), SEVENS_SOL, "{spelling}");
    }
    assert!(refusal(SEVENS_SOL, "SOL").contains("may be an address"));
    let mismatch = file!("solana-id.json").replacen("[7,", "[8,", 1);
    assert_ne!(mismatch, file!("solana-id.json"));
    assert!(refusal(&mismatch, "SOL").contains("not the public key"));
    for damaged in ["[7,7]", "[256]", "[7", "[7,]", "[1.5]"] {
        assert!(refusal(damaged, "SOL").contains("Solana"), "{damaged}");
    }
}

#[test]
fn cardanos_keys_open_normal_and_extended() {
    for (spelling, own) in [
        (file!("cardano-payment.skey"), SEVENS_ADA),
        ("ed25519_sk1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurskmh464", SEVENS_ADA),
        (file!("cardano-extended.skey"), PHRASE_ADA),
        (file!("cardano-extended-empty-type.skey"), PHRASE_ADA),
        (
            "xprv1zpwjausey9gx2k5jd09fen84utmwf9h049vq2zqe9c0557gwdafaupjjjy54z8gu4jcxvj70qjznlhqq2\
             kj8e3kjcmfq2ynsypmqv55gsj8g4a32y7jhaxpzz46pe84vzlnwgh9l6m4xtg8qmnqrhdmhkgzppf6n",
            PHRASE_ADA,
        ),
        (
            "ed25519e_sk1zpwjausey9gx2k5jd09fen84utmwf9h049vq2zqe9c0557gwdafaupjjjy54z8gu4jcxvj70q\
             jznlhqq2kj8e3kjcmfq2ynsypmqv5snsmkkq",
            PHRASE_ADA,
        ),
    ] {
        assert_eq!(address(spelling, "ADA"), own, "{spelling}");
    }
    assert!(refusal(file!("cardano-stake.skey"), "ADA").contains("staking, voting or pool key"));
}

#[test]
fn algorands_words_and_base64_and_stellars_secret_open() {
    assert_eq!(address(file!("algorand-words.txt"), "ALGO"), SEVENS_ALGO);
    assert_eq!(address(file!("algorand-base64.txt"), "ALGO"), SEVENS_ALGO);
    assert_eq!(
        address(file!("stellar.txt"), "XLM"),
        "GDVEU3DD4KOFECV66VIHWEZOYX4ZKR3WV27L464SIIPOU2IUI3JCZA57"
    );
}

#[test]
fn bnbs_keystore_opens() {
    let own = "bnb150rtrmj2f8vl9tem8qpfw36ylw5jg9j23849ch";
    assert_eq!(address(file!("bnb-beacon.json"), "BNB"), own);
    let wrong = Asked { password: "wrong", ..asked("BNB") };
    let error = open(file!("bnb-beacon.json"), wrong).unwrap_err();
    assert_eq!(error, ImportError::WrongPassword);
}

#[test]
fn both_accounts_of_an_xrp_seed_can_be_had() {
    let contents = open(XRP_SEED, asked("XRP")).unwrap();
    assert_eq!(addresses(&contents), [XRP_SECP256K1]);
    assert!(contents.found[0].notes[0].contains(XRP_ED25519), "{:?}", contents.found);
    let wishes = Wishes { algorithm: Some(SeedAlgorithm::Ed25519), ..Wishes::default() };
    let contents = open(XRP_SEED, Asked { wishes, ..asked("XRP") }).unwrap();
    assert_eq!((addresses(&contents), secret(&contents)), (vec![XRP_ED25519], XRP_ED25519_SEED));
    let contents = open(XRP_ED25519_SEED, asked("XRP")).unwrap();
    assert_eq!(addresses(&contents), [XRP_ED25519]);
    assert!(contents.found[0].notes.is_empty());
    let wishes = Wishes { algorithm: Some(SeedAlgorithm::Secp256k1), ..Wishes::default() };
    let contents = open(XRP_ED25519_SEED, Asked { wishes, ..asked("XRP") }).unwrap();
    assert_eq!((addresses(&contents), secret(&contents)), (vec![XRP_SECP256K1], XRP_SEED));
    let error = open(WIF, Asked { wishes, ..asked("BTC") }).unwrap_err();
    assert!(error.to_string().contains("XRP"), "{error}");
}

#[test]
fn electrums_keys_open_and_a_kind_that_is_not_the_chains_own_is_said() {
    assert_eq!(address(file!("electrum.json"), "BTC"), SEVENS_BTC);
    for (file, named) in [
        (file!("electrum-p2wpkh.csv"), None),
        (file!("electrum-p2pkh.csv"), Some("1FvyAqqELFiQyaEWdhFbWF8MZapKPZS8J7")),
        (file!("electrum-p2wpkh-p2sh.csv"), Some("35kMD7vNoJHfEJXQmWx1QeSVz6bbxbh2oK")),
    ] {
        let contents = open(file, asked("BTC")).unwrap();
        assert_eq!((addresses(&contents), contents.found[0].line), (vec![SEVENS_BTC], Some(2)));
        assert_eq!(secret(&contents), WIF);
        let notes = &contents.found[0].notes;
        assert_eq!(notes.len(), usize::from(named.is_some()), "{notes:?}");
        assert!(notes.iter().all(|note| note.contains(named.unwrap_or_default())), "{notes:?}");
    }
    let other = file!("electrum-p2pkh.csv").replace("1Fvy", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    assert!(refusal(&other, "BTC").starts_with("line 2: "));
    for kind in ["p2pkh", "p2wpkh", "p2wpkh-p2sh"] {
        assert_eq!(address(&format!("{kind}:{WIF}\n"), "BTC"), SEVENS_BTC);
    }
    assert!(refusal(&format!("p2wsh:{WIF}"), "BTC").contains("script"));
    assert!(refusal(&format!("p2wpkh:{WIF}"), "DOGE").contains("SegWit"));
    assert!(refusal(file!("electrum.json"), "ETH").contains("related chain"));
}

#[test]
fn the_text_of_dumpwallet_gives_the_keys_that_receive() {
    let testnet = Asked { network: Network::Testnet, ..asked("LTC") };
    let contents = open(file!("dumpwallet-ltc.txt"), testnet).unwrap();
    // As litecoind showed the addresses: label, three of the reserve, three that were given out.
    assert_eq!(contents.found.len(), 7);
    assert!(addresses(&contents).contains(&"mvSvTtvD9H9fkgi8MGDyLALgRaR2LhnWFM"));
    assert!(addresses(&contents).contains(&"myzpBC1ugvw2ztKg6RKdKQpWMSCXSF24vS"));
    let left = contents.left.join("\n");
    for words in ["1 HD seeds", "12 scripts", "4 keys of MWEB", "3 of the keys are in reserve"] {
        assert!(left.contains(words), "{left}");
    }
    let wishes = Wishes { leave_out_reserve: true, ..Wishes::default() };
    let contents = open(file!("dumpwallet-ltc.txt"), Asked { wishes, ..testnet }).unwrap();
    assert_eq!(contents.found.len(), 4);
    assert!(refusal(file!("dumpwallet-ltc.txt"), "LTC").contains("--testnet"));
    let error = open(WIF, Asked { wishes, ..asked("BTC") }).unwrap_err();
    assert!(error.to_string().contains("dumpwallet"), "{error}");
}

#[test]
fn what_is_known_and_cannot_be_imported_is_named() {
    let electrum = "health enrich thrive ten mutual clock elbow gadget gym antique drill bar";
    let eip_2335 = r#"{"crypto":{"kdf":{"function":"pbkdf2","params":{},"message":""},
        "checksum":{"function":"sha256","params":{},"message":"00"},
        "cipher":{"function":"aes-128-ctr","params":{},"message":"00"}},
        "pubkey":"00","path":"m/12381/60/0/0","uuid":"u","version":4}"#;
    for (file, words) in [
        (file!("metamask-vault.json"), "MetaMask vault"),
        (file!("bip38.txt"), "BIP-38"),
        (electrum, "Electrum recovery phrase of type segwit"),
        (PHRASE, "storemanagedwallet"),
        (eip_2335, "validator"),
        (r#"{"wallet_name":"","descriptors":[{"desc":"wpkh(xprv/84h)#aaaaaaaa"}]}"#, "descriptors"),
        ("wpkh(xprv9s21/84h/0h/0h/0/*)#aaaaaaaa", "descriptors"),
        (r#"{"seed_version":18,"keystore":{}}"#, "Electrum wallet file"),
        (r#"{"version":2,"crypto":{}}"#, "with an unknown version"),
        ("-----BEGIN EC PRIVATE KEY-----\n", "PEM"),
        ("Dear all,\nhere are the keys", "unknown file format; known are: "),
        ("{\"a\":", "unknown file format; known are: "),
        ("{\"a\":1}", "unknown file format; known are: "),
        (" \n", "contains no key"),
    ] {
        let error = refusal(file, "BTC");
        assert!(error.contains(words), "{file}: {error}");
    }
    let berkeley = [[0; 12].as_slice(), &[0x62, 0x31, 5, 0], &[0; 99]].concat();
    let sqlite = [b"SQLite format 3\0".as_slice(), &[0; 52], &[0xf9, 0xbe, 0xb4, 0xd9]].concat();
    for database in [berkeley, sqlite] {
        let error = KeyFile::recognise(&database).unwrap_err();
        assert!(error.to_string().contains("wallet of a node"), "{error}");
    }
    let raw = format!("ED{}", "07".repeat(32));
    assert!(refusal(&raw, "XRP").contains("family seed"));
    let binary = KeyFile::recognise(&[0x80, 0, 1]).unwrap_err();
    assert!(binary.to_string().contains("unknown file format"), "{binary}");
    assert!(refusal(file!("solana-id.json"), "ETH").contains("SOL keys"));
    assert!(refusal(file!("ethers.json"), "SOL").contains("ed25519"));
}

/// The phrases are those of `electrum make_seed` 4.3.4; that of BIP-39 is none of them.
#[test]
fn electrums_phrases_are_told_by_their_version() {
    let told = |phrase: &str| electrum_phrase(&Mnemonic::new(phrase.to_owned()));
    for phrase in [
        "health enrich thrive ten mutual clock elbow gadget gym antique drill bar",
        " evoke bronze illness burst relax  cotton fringe group action vehicle promote ENVELOPE",
        "obtain match reveal steak short vessel hire decade tattoo cable imitate minimum",
    ] {
        assert_eq!(told(phrase), Some(ElectrumPhrase::Segwit), "{phrase}");
    }
    let standard = "try seed genius melt ability crash camera parent warrior exhaust today scale";
    assert_eq!(told(standard), Some(ElectrumPhrase::Standard));
    assert_eq!(told(PHRASE), None);
    assert_eq!(told("about"), None);
}

#[test]
fn texts_are_read_in_the_encodings_of_windows() {
    let plain = file!("ethers.json");
    let wide = |unit: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(unit).collect::<Vec<_>>();
    let marked = [b"\xef\xbb\xbf", plain.as_bytes()].concat();
    let little = [vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat();
    let big = [vec![0xfe, 0xff], wide(u16::to_be_bytes)].concat();
    for bytes in [&marked, &little, &big] {
        assert_eq!(addresses(&open(bytes, asked("ETH")).unwrap()), [SEVENS]);
    }
    let cut = &little[..little.len() - 1];
    assert_eq!(open(cut, asked("ETH")).unwrap_err(), ImportError::NoText);
    assert_eq!(KeyFile::recognise(b"{}").unwrap().format(), Format::Export);
}

#[test]
fn the_same_key_twice_is_refused_by_its_line() {
    let error = refusal(&format!("{WIF}\n\np2wpkh:{WIF}\n"), "BTC");
    assert_eq!(error, "line 3: the key appeared earlier in the file");
}

#[test]
fn hostile_costs_are_refused_before_they_are_paid() {
    let scrypt = file!("foundry.json");
    let pbkdf2 = file!("eth-account-pbkdf2.json");
    for (file, from, to) in [
        (scrypt, "\"n\":8192", "\"n\":1073741824"),
        (scrypt, "\"n\":8192", "\"n\":18446744073709551615"),
        (scrypt, "\"n\":8192", "\"n\":8191"),
        (scrypt, "\"n\":8192", "\"n\":0"),
        (scrypt, "\"p\":1", "\"p\":4000000000"),
        (scrypt, "\"p\":1", "\"p\":0"),
        (scrypt, "\"r\":8", "\"r\":0"),
        (scrypt, "\"dklen\":32", "\"dklen\":16"),
        (pbkdf2, "\"c\": 1000", "\"c\": 4000000000"),
        (pbkdf2, "\"c\": 1000", "\"c\": 0"),
    ] {
        assert!(file.contains(from), "{from}");
        let error = open(file.replace(from, to), asked("ETH")).unwrap_err();
        assert_eq!(error, ImportError::KdfOutOfRange, "{to}");
    }
}

#[test]
fn damaged_files_are_said_to_be_damaged() {
    let file = file!("foundry.json");
    for (from, to) in [
        ("\"scrypt\"", "\"bcrypt\""),
        ("aes-128-ctr", "aes-128-cbc"),
        ("\"iv\":\"97e0", "\"iv\":\"97"),
        ("\"mac\":\"aa", "\"mac\":\"zz"),
        ("\"ciphertext\":\"5cc7", "\"ciphertext\":\"5cc"),
    ] {
        assert!(file.contains(from), "{from}");
        let error = refusal(&file.replace(from, to), "ETH");
        assert!(error.contains("damaged") && !error.contains("password"), "{to}: {error}");
    }
    let shorter = file.replace("\"ciphertext\":\"5cc7", "\"ciphertext\":\"5c");
    assert_eq!(open(shorter, asked("ETH")).unwrap_err(), ImportError::WrongPassword);
}
