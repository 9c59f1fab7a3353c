use super::*;

fn record(json: &str) -> WalletRecord {
    let raw: &RawValue = serde_json::from_str(json).unwrap();
    WalletRecord::from_json(SignatureId::parse("id").unwrap(), raw).unwrap()
}

const ODD: &str = r#"{"xpub":"x","mnemonic":"a \"zzz\"","chain":"ETH","testnet":true,"n":1.50,"o":{"p":[1]},"e":""}"#;

#[test]
fn a_wallet_survives_being_split_and_joined() {
    let one = record(ODD);
    let (public, secrets) = one.split();
    assert!(!String::from_utf8(public.clone()).unwrap().contains("zzz"));
    let joined = WalletRecord::join(&public, &secrets).unwrap();
    assert_eq!(joined.reveal().expose(), one.reveal().expose());
    assert_eq!(WalletRecord::summary_of(&public).unwrap(), one.summary());
}

#[test]
fn it_is_printed_as_the_original_prints_it() {
    let plain = record(r#"{"xpub":"x","mnemonic":"a \"b\"","chain":"ETH","testnet":true}"#);
    let expected = "{\n  \"xpub\": \"x\",\n  \"mnemonic\": \"a \\\"b\\\"\",\n  \
                    \"chain\": \"ETH\",\n  \"testnet\": true\n}";
    assert_eq!(plain.reveal().expose(), expected);
}

#[test]
fn debug_shows_no_secret() {
    assert!(!format!("{:?}", record(ODD)).contains("zzz"));
}

#[test]
fn truncated_parts_are_damage() {
    let (public, secrets) = record(ODD).split();
    for end in 0..secrets.len() {
        assert!(WalletRecord::join(&public, &secrets[..end]).is_err());
    }
    for end in 0..public.len() {
        assert!(WalletRecord::join(&public[..end], &secrets).is_err());
    }
}

/// Whatever is in a record that was sealed under the right key: a wallet, or none.
mod hostile {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_read_or_refused(
            public in any::<Vec<u8>>(),
            secret in any::<Vec<u8>>(),
        ) {
            let _ = WalletRecord::join(&public, &secret);
            let _ = WalletRecord::summary_of(&public);
        }

        #[test]
        fn altered_records_are_read_or_refused(
            place in 0_usize..200,
            byte in any::<u8>(),
            length in 0_usize..200,
        ) {
            let (mut public, secret) = record(ODD).split();
            let mut secret = secret.to_vec();
            for part in [&mut public, &mut secret] {
                let place = place % part.len();
                part[place] = byte;
                part.truncate(length.max(1));
            }
            if let Ok(joined) = WalletRecord::join(&public, &secret) {
                let _ = (joined.summary(), joined.reveal());
            }
            let _ = WalletRecord::summary_of(&public);
        }
    }
}
