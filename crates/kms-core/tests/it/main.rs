//! The road with fakes at its four ports, and what must not compile.

#![expect(clippy::expect_used, reason = "a fake that cannot be built fails its test")]

mod claims;
mod effects;
mod fakes;
mod late;
mod road;

#[test]
fn the_road_cannot_be_left() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
