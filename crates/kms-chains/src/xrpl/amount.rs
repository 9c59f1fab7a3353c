//! Amounts of XRP, of issued tokens and of multi-purpose tokens; currencies; numbers.
//! <https://xrpl.org/docs/references/protocol/binary-format#amount-fields>

use data_encoding::HEXUPPER;

use super::address::{self, AccountId};
use crate::codec::{
    hex,
    json::{Json, Object},
};

/// All the drops there are.
const DROPS_MAX: u64 = 100_000_000_000_000_000;
const XRP: u64 = 0x4000_0000_0000_0000;
const ISSUED: u64 = 0x8000_0000_0000_0000;
/// Digits of a mantissa, and the powers of ten that it may be multiplied with.
const MANTISSA_LEAST: u64 = 1_000_000_000_000_000;
const MANTISSA_MOST: u64 = 9_999_999_999_999_999;
const EXPONENTS: std::ops::RangeInclusive<i32> = -96..=80;
const EXPONENT_BIAS: i32 = 97;
const ID_BYTES: usize = 24;
/// Letters of a currency's code besides letters and digits.
const CODE_MARKS: &[u8] = b"?!@#$%^&*<>(){}[]|";

type Problem = &'static str;

/// Digits, the power of ten they are multiplied with, and whether the value is negative.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Decimal {
    pub(super) is_negative: bool,
    pub(super) digits: u128,
    pub(super) exponent: i32,
}

impl Decimal {
    /// Reads decimal digits with a point and an exponent, without losing any.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        const BAD: Problem = "is not a decimal number";
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let exponent: i32 = exponent.parse().map_err(|_| BAD)?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || all.len() > 200 || !all.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(BAD);
        }
        let significant = all.trim_start_matches('0');
        let kept = significant.trim_end_matches('0');
        let cut = i32::try_from(significant.len().saturating_sub(kept.len())).map_err(|_| BAD)?;
        let behind = i32::try_from(fraction.len()).map_err(|_| BAD)?;
        let digits = match kept {
            "" => 0,
            kept => kept.parse().map_err(|_| "has too many digits")?,
        };
        let exponent = exponent.checked_sub(behind).and_then(|sum| sum.checked_add(cut));
        Ok(Self { is_negative, digits, exponent: exponent.ok_or(BAD)? })
    }

    /// Zero is not, whatever its sign.
    pub(super) const fn is_below_zero(self) -> bool {
        self.is_negative && self.digits != 0
    }
}

pub(super) fn encode(value: &Json) -> Result<Vec<u8>, Problem> {
    match value {
        Json::Text(drops) => Ok((XRP | drops_of(drops)?).to_be_bytes().to_vec()),
        Json::Object(object) if object.get("mpt_issuance_id").is_some() => multi_purpose(object),
        Json::Object(object) => issued(object),
        _ => Err("is neither text nor an object"),
    }
}

/// Decimal digits, and nothing else.
pub(super) fn drops_of(text: &str) -> Result<u64, Problem> {
    let digits = Some(text).filter(|text| text.bytes().all(|digit| digit.is_ascii_digit()));
    let drops = digits.and_then(|digits| digits.parse().ok()).filter(|drops| *drops <= DROPS_MAX);
    drops.ok_or("is not a whole number of drops, at most 10^17")
}

/// Drops, of which some are taken away.
pub(super) fn signed_drops(text: &str) -> Result<Vec<u8>, Problem> {
    let (sign, digits) = text.strip_prefix('-').map_or((XRP, text), |digits| (0, digits));
    let drops = drops_of(digits)?;
    // Zero has one form.
    let sign = if drops == 0 { XRP } else { sign };
    Ok((sign | drops).to_be_bytes().to_vec())
}

/// The members of those names, and no others.
fn members<'a, const COUNT: usize>(
    object: &'a Object,
    names: [&str; COUNT],
) -> Result<[&'a str; COUNT], Problem> {
    if object.names().any(|name| !names.contains(&name)) {
        return Err("has a member that does not belong there");
    }
    let text = |name| object.get(name).and_then(Json::as_text);
    let texts: Option<Vec<_>> = names.into_iter().map(text).collect();
    texts.and_then(|texts| texts.try_into().ok()).ok_or("lacks a member, or it is not text")
}

fn issued(object: &Object) -> Result<Vec<u8>, Problem> {
    let [value, code, issuer] = members(object, ["value", "currency", "issuer"])?;
    let (code, issuer) = (token_currency(code)?, read_issuer(issuer)?);
    Ok([token_value(value)?.to_be_bytes().as_slice(), &code, &issuer].concat())
}

/// XRP is issued by nobody.
fn token_currency(text: &str) -> Result<[u8; 20], Problem> {
    match currency(text)? {
        code if code == [0; 20] => Err("has XRP as the currency of a token"),
        code => Ok(code),
    }
}

fn read_issuer(text: &str) -> Result<AccountId, Problem> {
    address::read(text).ok_or("has an issuer that is not an address")
}

/// A sign, an exponent and 16 digits in 64 bits.
fn token_value(text: &str) -> Result<u64, Problem> {
    let Decimal { is_negative, digits, mut exponent } = Decimal::read(text)?;
    if digits == 0 {
        return Ok(ISSUED);
    }
    let mut mantissa = u64::try_from(digits).map_err(|_| "has more than 16 digits")?;
    while mantissa < MANTISSA_LEAST {
        mantissa = mantissa.saturating_mul(10);
        exponent = exponent.saturating_sub(1);
    }
    if mantissa > MANTISSA_MOST {
        return Err("has more than 16 digits");
    }
    if !EXPONENTS.contains(&exponent) {
        return Err("is too large or too small");
    }
    let biased =
        u64::try_from(exponent.saturating_add(EXPONENT_BIAS)).map_err(|_| "is too small")?;
    let sign = if is_negative { 0 } else { 1_u64 << 62 };
    Ok(ISSUED | sign | (biased << 54) | mantissa)
}

fn multi_purpose(object: &Object) -> Result<Vec<u8>, Problem> {
    const POSITIVE: u8 = 0x60;
    let [value, id] = members(object, ["value", "mpt_issuance_id"])?;
    let value: u64 = value.parse().map_err(|_| "is not a whole number of units")?;
    if value >> 63 != 0 {
        return Err("is 2^63 units or more");
    }
    let id: [u8; ID_BYTES] = hex::decode_array(id).ok_or("has an id that is not 24 bytes")?;
    Ok([&[POSITIVE], value.to_be_bytes().as_slice(), &id].concat())
}

/// A code of three letters, or 20 bytes in hexadecimal.
pub(super) fn currency(text: &str) -> Result<[u8; 20], Problem> {
    if text == "XRP" {
        return Ok([0; 20]);
    }
    let is_code = |letter: u8| letter.is_ascii_alphanumeric() || CODE_MARKS.contains(&letter);
    match text.as_bytes() {
        [a, b, c] if [*a, *b, *c].into_iter().all(is_code) => {
            let mut bytes = [0; 20];
            bytes.iter_mut().skip(12).zip([*a, *b, *c]).for_each(|(place, letter)| *place = letter);
            Ok(bytes)
        }
        _ => hex::decode_array(text).ok_or("is not a currency: three letters or 20 bytes"),
    }
}

/// The one spelling of a currency: payloads may have a code as its bytes, and these in any case.
pub(super) fn spell_currency(bytes: &[u8; 20]) -> String {
    let code = bytes.get(12..15).and_then(|code| std::str::from_utf8(code).ok());
    let is_code = |code: &&str| *code != "XRP" && currency(code).as_ref() == Ok(bytes);
    code.filter(is_code).map_or_else(|| HEXUPPER.encode(bytes), str::to_owned)
}

/// XRP, a currency and its issuer, or the id of a multi-purpose token.
pub(super) fn issue(value: &Json) -> Result<Vec<u8>, Problem> {
    let object = value.as_object().ok_or("is not an object")?;
    if object.get("mpt_issuance_id").is_some() {
        return multi_purpose_issue(object);
    }
    if object.get("issuer").is_none() {
        let [code] = members(object, ["currency"])?;
        return match currency(code)? {
            xrp if xrp == [0; 20] => Ok(xrp.to_vec()),
            _ => Err("lacks its issuer"),
        };
    }
    let [code, issuer] = members(object, ["currency", "issuer"])?;
    Ok([token_currency(code)?, read_issuer(issuer)?].concat())
}

fn multi_purpose_issue(object: &Object) -> Result<Vec<u8>, Problem> {
    let [id] = members(object, ["mpt_issuance_id"])?;
    let id: [u8; ID_BYTES] = hex::decode_array(id).ok_or("has an id that is not 24 bytes")?;
    let ([a, b, c, d], issuer) = id.split_first_chunk::<4>().ok_or("has a short id")?;
    let mut nobody = [0; 20];
    nobody[19] = 1;
    Ok([issuer, &nobody, &[*d, *c, *b, *a]].concat())
}

/// A number of the ledger's own: 19 digits and an exponent.
/// <https://xrpl.org/docs/references/protocol/binary-format#number-fields>
pub(super) fn number(text: &str) -> Result<Vec<u8>, Problem> {
    const LEAST: i128 = 1_000_000_000_000_000_000;
    let Decimal { is_negative, digits, mut exponent } = Decimal::read(text)?;
    let mut mantissa = i128::try_from(digits).map_err(|_| "has too many digits")?;
    if mantissa == 0 {
        return Ok([0_i64.to_be_bytes().as_slice(), &i32::MIN.to_be_bytes()].concat());
    }
    while mantissa < LEAST {
        mantissa = mantissa.saturating_mul(10);
        exponent = exponent.saturating_sub(1);
    }
    // From 2^63 on there is room for a digit less.
    if mantissa > i128::from(i64::MAX) && mantissa.checked_rem(10) == Some(0) {
        mantissa = mantissa.div_euclid(10);
        exponent = exponent.saturating_add(1);
    }
    let signed = if is_negative { mantissa.saturating_neg() } else { mantissa };
    let signed = i64::try_from(signed).map_err(|_| "has too many digits")?;
    if (-32_768..=32_768).contains(&exponent) {
        Ok([signed.to_be_bytes().as_slice(), &exponent.to_be_bytes()].concat())
    } else {
        Err("is too large or too small")
    }
}
