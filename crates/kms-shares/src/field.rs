//! GF(256) with the polynomial of AES, and polynomials over it. Values are secret, coordinates
//! are not.

use subtle::{Choice, ConditionallySelectable as _};
use zeroize::Zeroizing;

/// x⁸ + x⁴ + x³ + x + 1 without its highest term.
const POLYNOMIAL: u8 = 0x1b;

/// One point of as many polynomials as `y` has bytes.
pub(crate) struct Point {
    pub(crate) x: u8,
    pub(crate) y: Zeroizing<Vec<u8>>,
}

/// Takes the same time for all factors.
fn product(left: u8, right: u8) -> u8 {
    let (mut sum, mut multiple) = (0, left);
    for place in 0..8 {
        sum ^= masked(multiple, right >> place);
        multiple = (multiple << 1) ^ masked(POLYNOMIAL, multiple >> 7);
    }
    sum
}

/// `value` where the lowest bit of `bit` is set, otherwise 0.
fn masked(value: u8, bit: u8) -> u8 {
    u8::conditional_select(&0, &value, Choice::from(bit & 1))
}

/// The 254th power: the inverse, and 0 for 0.
fn inverse(value: u8) -> u8 {
    (0..6).fold(product(value, value), |power, _| {
        let odd = product(power, value);
        product(odd, odd)
    })
}

/// The values at `x` of the polynomials of the lowest degree through `points`, whose `x` differ
/// and whose `y` are of one length.
pub(crate) fn interpolate(points: &[Point], x: u8) -> Zeroizing<Vec<u8>> {
    let length = points.first().map_or(0, |point| point.y.len());
    let mut values = Zeroizing::new(vec![0; length]);
    for point in points {
        let factor = points.iter().filter(|other| other.x != point.x).fold(1, |factor, other| {
            product(factor, product(x ^ other.x, inverse(point.x ^ other.x)))
        });
        for (value, y) in values.iter_mut().zip(point.y.iter()) {
            *value ^= product(factor, *y);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, section 4.2.
    #[test]
    fn products_are_those_of_aes() {
        assert_eq!(product(0x57, 0x83), 0xc1);
        assert_eq!(product(0x57, 0x13), 0xfe);
        for value in 0..=u8::MAX {
            assert_eq!(product(value, 0), 0);
            assert_eq!(product(1, value), value);
            assert_eq!(product(value, inverse(value)), u8::from(value != 0), "{value}");
        }
    }

    /// Sums of the multiples that the factor's bits name, reduced by long division.
    #[test]
    fn products_are_those_of_polynomials() {
        for (left, right) in (0..=u8::MAX).flat_map(|left| (0..=u8::MAX).map(move |r| (left, r))) {
            let mut long = (0..8)
                .filter(|place| right & (1 << place) != 0)
                .fold(0, |sum, place| sum ^ (u32::from(left) << place));
            for place in (8..16).rev() {
                if long & (1 << place) != 0 {
                    long ^= 0x11b << (place - 8);
                }
            }
            assert_eq!(u32::from(product(left, right)), long, "{left} {right}");
        }
    }

    #[test]
    fn a_polynomial_is_found_again_wherever_it_is_asked() {
        // 7 + 11x + 13x², and the line 1 + 2x beside it.
        let at = |x: u8| {
            let square = product(x, x);
            vec![7 ^ product(11, x) ^ product(13, square), 1 ^ product(2, x)]
        };
        let points = [3, 200, 255].map(|x| Point { x, y: Zeroizing::new(at(x)) });
        for x in 0..=u8::MAX {
            assert_eq!(*interpolate(&points, x), at(x), "{x}");
        }
        assert!(interpolate(&[], 1).is_empty());
    }
}
