//! Uses that must not compile.

#[test]
fn secrets_cannot_be_shown_copied_or_compared() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
